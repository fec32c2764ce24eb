package api

import (
	"context"
	"net/http"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/manage"
	"github.com/paymount/paymount/subscription"
)

// manageTimeout bounds the work on one subscription: several calls to Stripe in the worst case.
const manageTimeout = 40 * time.Second

// CustomerPortal returns the handler of POST /customer-portal.
func CustomerPortal(c *Config, m *manage.Manager) http.Handler {
	type answer struct {
		PortalURL string `json:"portal_url"`
	}
	return Handler(c, Endpoint[subscription.Portal, answer]{
		Method: http.MethodPost, Name: "customer-portal", Action: auth.Manage, Timeout: manageTimeout,
		Parse: func(f *Form) subscription.Portal {
			return subscription.Portal{ReturnURL: f.RequiredString("return_url")}
		},
		Check: m.CheckPortal,
		Serve: func(ctx context.Context, buyer customer.Buyer, in subscription.Portal) (answer, error) {
			url, err := m.Portal(ctx, buyer, in)
			return answer{url}, err
		},
	})
}

// subscriptionID reads the field that names one of the owner's subscriptions; it is empty when it is not there.
func subscriptionID(f *Form) string { return f.OptionalString("subscription_id") }

// canceled is the answer of POST /cancel-subscription.
type canceled struct {
	SubscriptionID string              `json:"subscription_id"`
	Status         subscription.Status `json:"status"`
	CancelAt       *time.Time          `json:"cancel_at"`
	CancelledAt    *time.Time          `json:"cancelled_at"`
	Message        string              `json:"message"`
}

// Cancel returns the handler of POST /cancel-subscription.
func Cancel(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[subscription.Cancellation, canceled]{
		Method: http.MethodPost, Name: "cancel-subscription", Action: auth.Manage, Timeout: manageTimeout,
		Parse: func(f *Form) subscription.Cancellation {
			in := subscription.Cancellation{
				SubscriptionID: subscriptionID(f), Immediately: f.Bool("cancel_immediately", false), Comment: f.String("comment"),
			}
			if f.Has("reason") {
				in.Reason = f.Choice("reason", subscription.CancellationReasons()...)
			}
			return in
		},
		Check: manage.CheckCancellation,
		Serve: func(ctx context.Context, buyer customer.Buyer, in subscription.Cancellation) (canceled, error) {
			s, err := m.Cancel(ctx, buyer, in)
			return canceled{
				SubscriptionID: s.ID, Status: s.Status, CancelAt: optional(s.CancelAt), CancelledAt: optional(s.CanceledAt),
				Message: endOf(s),
			}, err
		},
	})
}

// endOf says in a sentence when a subscription that was cancelled ends.
func endOf(s subscription.Subscription) string {
	switch {
	case s.Status.Ended():
		return "The subscription is cancelled."
	case s.CancelAt.IsZero():
		return "The subscription ends with its period."
	}
	return "The subscription ends on " + s.CancelAt.Format("2 January 2006") + "."
}

// Resume returns the handler of POST /resume-subscription.
func Resume(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[string, View]{
		Method: http.MethodPost, Name: "resume-subscription", Action: auth.Manage, Timeout: manageTimeout,
		Parse: subscriptionID,
		Serve: func(ctx context.Context, buyer customer.Buyer, id string) (View, error) {
			s, err := m.Resume(ctx, buyer, id)
			return ViewOf(s), err
		},
	})
}

// updated is the answer of POST /update-subscription.
type updated struct {
	SubscriptionID string              `json:"subscription_id"`
	Status         subscription.Status `json:"status"`
	PriceID        string              `json:"price_id"`
	EffectiveAt    time.Time           `json:"effective_at"`
	Message        string              `json:"message"`
}

// Update returns the handler of POST /update-subscription.
func Update(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[subscription.Update, updated]{
		Method: http.MethodPost, Name: "update-subscription", Action: auth.Manage, Timeout: manageTimeout,
		Parse: func(f *Form) subscription.Update { return parseUpdate(f, m) },
		Check: m.CheckUpdate,
		Serve: func(ctx context.Context, buyer customer.Buyer, in subscription.Update) (updated, error) {
			u, err := m.Update(ctx, buyer, in)
			out := updated{
				SubscriptionID: u.Subscription.ID, Status: u.Subscription.Status, PriceID: u.Subscription.Plan().PriceID,
				EffectiveAt: u.EffectiveAt, Message: "The subscription has been changed.",
			}
			if !u.Changed {
				out.Message = "The subscription is on this plan already."
			}
			return out, err
		},
	})
}

func parseUpdate(f *Form, m *manage.Manager) subscription.Update {
	in := subscription.Update{
		SubscriptionID: subscriptionID(f), PriceID: f.OptionalString("new_price_id"),
		Proration: subscription.Proration(f.Choice("proration_behavior", m.Behaviours()...)), Quote: f.OptionalString("quote"),
	}
	if f.Has("quantity") {
		in.Quantity = f.Int("quantity", 1, 1, m.MaxQuantity)
	}
	f.Choice("when", "now")
	if f.Has("items") {
		f.Fail(bodyField("items", "Lists of items are not supported: use new_price_id and quantity", "extra_forbidden"))
	}
	return in
}

// preview is the answer of POST /update-subscription/preview.
type preview struct {
	AmountDue     int64         `json:"amount_due_cents"`
	Currency      string        `json:"currency"`
	ProrationDate time.Time     `json:"proration_date"`
	Lines         []previewLine `json:"lines"`
	Quote         string        `json:"quote"`
}

type previewLine struct {
	Description string `json:"description"`
	Amount      int64  `json:"amount_cents"`
}

// Preview returns the handler of POST /update-subscription/preview.
func Preview(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[subscription.Update, preview]{
		Method: http.MethodPost, Name: "update-subscription/preview", Action: auth.Manage, Timeout: manageTimeout,
		Parse: func(f *Form) subscription.Update { return parseUpdate(f, m) },
		Check: m.CheckUpdate,
		Serve: func(ctx context.Context, buyer customer.Buyer, in subscription.Update) (preview, error) {
			p, err := m.Preview(ctx, buyer, in)
			out := preview{
				AmountDue: p.AmountDue, Currency: p.Currency, ProrationDate: p.ProrationDate, Lines: []previewLine{}, Quote: p.Quote,
			}
			for _, line := range p.Lines {
				out.Lines = append(out.Lines, previewLine(line))
			}
			return out, err
		},
	})
}
