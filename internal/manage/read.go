package manage

import (
	"context"
	"math"
	"net/http"

	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/subscription"
)

// Subscription returns the handler of GET /my-subscription: the user's best subscription that has not ended, or null.
func (c Config) Subscription() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[struct{}, *subscription.View]{
		Method: http.MethodGet, Name: "my-subscription", Timeout: timeout,
		Parse: nothing,
		Serve: func(ctx context.Context, call customer.Buyer, _ struct{}) (*subscription.View, error) {
			subs, err := c.Store.Subscriptions(ctx, call.Owner)
			if err != nil {
				return nil, err
			}
			current, ok := subscription.Current(subs)
			if !ok {
				return nil, nil // null is the answer for a user without a subscription
			}
			view := current.View()
			return &view, nil
		},
	})
}

type subscriptionList struct {
	Subscriptions []subscription.View `json:"subscriptions"`
}

// Subscriptions returns the handler of GET /my-subscriptions: those that have not ended, the best first, and if they are asked
// for the ended ones after them, the newest first.
func (c Config) Subscriptions() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[bool, subscriptionList]{
		Method: http.MethodGet, Name: "my-subscriptions", Timeout: timeout,
		Parse: func(f *api.Form) bool { return f.QueryBool("ended", false) },
		Serve: func(ctx context.Context, call customer.Buyer, ended bool) (subscriptionList, error) {
			ranked, err := c.List(ctx, call, ended)
			if err != nil {
				return subscriptionList{}, err
			}
			list := subscriptionList{Subscriptions: []subscription.View{}}
			for _, s := range ranked {
				list.Subscriptions = append(list.Subscriptions, s.View())
			}
			return list, nil
		},
	})
}

// List returns the owner's subscriptions that have not ended, the best first, and with ended the others after them, the newest
// first.
func (c Config) List(ctx context.Context, buyer customer.Buyer, ended bool) ([]subscription.Subscription, error) {
	subs, err := c.Store.Subscriptions(ctx, buyer.Owner)
	if err != nil {
		return nil, err
	}
	ranked := subscription.Ranked(subs)
	if ended {
		ranked = append(ranked, subscription.Past(subs)...)
	}
	return ranked, nil
}

func nothing(*api.Form) struct{} { return struct{}{} }

type paging struct {
	page int64
	size int
}

type paymentList struct {
	Payments []subscription.PaymentView `json:"payments"`
	Total    int                        `json:"total"`
	Page     int64                      `json:"page"`
	PageSize int                        `json:"page_size"`
}

const (
	defaultPageSize = 50
	maxPageSize     = 100
	// maxPage keeps the offset within what databases count with: nobody has that many payments.
	maxPage = 1 << 24
)

// Payments returns the handler of GET /my-payments: the user's payments, newest first.
func (c Config) Payments() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[paging, paymentList]{
		Method: http.MethodGet, Name: "my-payments", Timeout: timeout,
		Parse: func(f *api.Form) paging {
			return paging{
				page: f.QueryInt("page", 1, 1, math.MaxInt64),
				size: int(f.QueryInt("page_size", defaultPageSize, 1, maxPageSize)),
			}
		},
		Serve: func(ctx context.Context, call customer.Buyer, in paging) (paymentList, error) {
			offset := int(min(in.page-1, maxPage)) * in.size
			payments, total, err := c.Store.Payments(ctx, call.Owner, offset, in.size)
			if err != nil {
				return paymentList{}, err
			}
			list := paymentList{Payments: []subscription.PaymentView{}, Total: total, Page: in.page, PageSize: in.size}
			for _, p := range payments {
				list.Payments = append(list.Payments, p.View())
			}
			return list, nil
		},
	})
}
