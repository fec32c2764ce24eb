package manage

import (
	"context"
	"strconv"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/subscription"
)

// Subscriptions returns the owner's subscriptions that have not ended, the best first, and with ended the others after them,
// the newest first.
func (m *Manager) Subscriptions(ctx context.Context, buyer customer.Buyer, ended bool) ([]subscription.Subscription, error) {
	subs, err := m.Store.Subscriptions(ctx, buyer.Owner)
	if err != nil {
		return nil, err
	}
	ranked := subscription.Ranked(subs)
	if ended {
		ranked = append(ranked, subscription.Past(subs)...)
	}
	return ranked, nil
}

// Page says which payments to show.
type Page struct {
	// Number counts from 1, Size is how many payments a full page has.
	Number, Size int
}

const (
	// MaxPageSize is the largest size of a page.
	MaxPageSize = 100
	// maxPage keeps the offset within what databases count with: nobody has that many payments.
	maxPage = 1 << 24
)

// Payments returns a page of the owner's payments, the newest first.
func (m *Manager) Payments(ctx context.Context, buyer customer.Buyer, page Page) (subscription.PaymentPage, error) {
	var mistakes []subscription.FieldError
	if page.Number < 1 {
		mistakes = append(mistakes, notPositive("page"))
	}
	switch {
	case page.Size < 1:
		mistakes = append(mistakes, notPositive("page_size"))
	case page.Size > MaxPageSize:
		mistakes = append(mistakes, tooLarge("page_size", MaxPageSize))
	}
	if err := invalid(mistakes); err != nil {
		return subscription.PaymentPage{}, err
	}
	payments, total, err := m.Store.Payments(ctx, buyer.Owner,
		subscription.Page{Offset: min(page.Number-1, maxPage) * page.Size, Limit: page.Size})
	return subscription.PaymentPage{Payments: payments, Total: total, Page: page.Number, Size: page.Size}, err
}

func notPositive(field string) subscription.FieldError {
	return subscription.FieldError{Field: field, Message: "Input should be greater than or equal to 1", Kind: "greater_than_equal"}
}

func tooLarge(field string, high int64) subscription.FieldError {
	message := "Input should be less than or equal to " + strconv.FormatInt(high, 10)
	return subscription.FieldError{Field: field, Message: message, Kind: "less_than_equal"}
}
