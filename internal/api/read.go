package api

import (
	"context"
	"math"
	"net/http"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/manage"
	"github.com/paymount/paymount/internal/openapi"
)

// MySubscription returns the handler of GET /my-subscription: the owner's best subscription that has not ended, or null.
func MySubscription(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[struct{}, *View]{
		Method: http.MethodGet, Name: "my-subscription", Action: auth.View, Timeout: manageTimeout,
		Parse: func(*Form) struct{} { return struct{}{} },
		Serve: func(ctx context.Context, buyer customer.Buyer, _ struct{}) (*View, error) {
			open, err := m.Subscriptions(ctx, buyer, false)
			if err != nil || len(open) == 0 {
				return nil, err // null is the answer for an owner without a subscription
			}
			view := ViewOf(open[0])
			return &view, nil
		},
	})
}

type subscriptionList struct {
	Subscriptions []View `json:"subscriptions"`
}

// MySubscriptions returns the handler of GET /my-subscriptions.
func MySubscriptions(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[bool, subscriptionList]{
		Method: http.MethodGet, Name: "my-subscriptions", Action: auth.View, Timeout: manageTimeout,
		Parse: func(f *Form) bool { return f.QueryBool("ended", false) },
		Serve: func(ctx context.Context, buyer customer.Buyer, ended bool) (subscriptionList, error) {
			subs, err := m.Subscriptions(ctx, buyer, ended)
			list := subscriptionList{Subscriptions: []View{}}
			for _, s := range subs {
				list.Subscriptions = append(list.Subscriptions, ViewOf(s))
			}
			return list, err
		},
	})
}

type paymentList struct {
	Payments []PaymentView `json:"payments"`
	Total    int           `json:"total"`
	Page     int           `json:"page"`
	PageSize int           `json:"page_size"`
}

// defaultPageSize is the size of a page where a request does not say it.
const defaultPageSize = 50

// MyPayments returns the handler of GET /my-payments: the owner's payments, newest first.
func MyPayments(c *Config, m *manage.Manager) http.Handler {
	return Handler(c, Endpoint[manage.Page, paymentList]{
		Method: http.MethodGet, Name: "my-payments", Action: auth.View, Timeout: manageTimeout,
		Parse: func(f *Form) manage.Page {
			return manage.Page{
				Number: int(f.QueryInt("page", 1, 1, math.MaxInt)),
				Size:   int(f.QueryInt("page_size", defaultPageSize, 1, manage.MaxPageSize)),
			}
		},
		Serve: func(ctx context.Context, buyer customer.Buyer, page manage.Page) (paymentList, error) {
			p, err := m.Payments(ctx, buyer, page)
			list := paymentList{Payments: []PaymentView{}, Total: p.Total, Page: p.Page, PageSize: p.Size}
			for _, payment := range p.Payments {
				list.Payments = append(list.Payments, paymentView(payment))
			}
			return list, err
		},
	})
}

// OpenAPI returns the handler of GET /openapi.json.
func OpenAPI(c *Config) http.Handler { return c.Method(http.MethodGet, openapi.Handler()) }
