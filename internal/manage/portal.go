package manage

import (
	"context"
	"net/http"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

type portalResponse struct {
	PortalURL string `json:"portal_url"`
}

// Portal returns the handler of POST /customer-portal: it answers with the URL of Stripe's customer portal.
func (c Config) Portal() http.Handler {
	return api.Handler(c.Endpoint, api.Endpoint[string, portalResponse]{
		Method: http.MethodPost, Name: "customer-portal", Timeout: timeout,
		Parse: func(f *api.Form) string { return f.RedirectURL(c.Redirects, "return_url") },
		Serve: c.portal,
	})
}

func (c Config) portal(ctx context.Context, call customer.Buyer, returnURL string) (portalResponse, error) {
	customerID, err := c.customer(ctx, call)
	if err != nil {
		return portalResponse{}, err
	}
	url, err := c.Stripe.CreatePortal(ctx, call.Credentials, customerID, returnURL)
	if stripe.Is(err, stripe.Missing) {
		return portalResponse{}, noCustomer()
	}
	return portalResponse{PortalURL: url}, err
}

// customer returns the user's Stripe customer: the one that checkout has made, or that of the current subscription.
func (c Config) customer(ctx context.Context, call customer.Buyer) (string, error) {
	intent, err := c.Store.Intent(ctx, call.Owner, subscription.IntentCustomer)
	if err != nil || intent.ObjectID != "" {
		return intent.ObjectID, err
	}
	subs, err := c.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return "", err
	}
	s, ok := subscription.Current(subs)
	if !ok {
		return "", noCustomer()
	}
	return s.CustomerID, nil
}

func noCustomer() error { return httperr.NotFound("You have not bought anything yet.") }
