package manage

import (
	"context"
	"net/http"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/internal/stripeerr"
	"github.com/paymount/paymount/subscription"
)

type portalResponse struct {
	PortalURL string `json:"portal_url"`
}

// Portal returns the handler of POST /customer-portal: it answers with the URL of Stripe's customer portal.
func (c Config) Portal() http.Handler {
	return endpoint.Handler(c.Endpoint, endpoint.Endpoint[string, portalResponse]{
		Method: http.MethodPost, Name: "customer-portal", Timeout: timeout,
		Parse: func(f *endpoint.Form) string { return c.Redirects.Field(f, "return_url") },
		Serve: c.portal,
	})
}

func (c Config) portal(ctx context.Context, call endpoint.Call, returnURL string) (portalResponse, error) {
	customer, err := c.customer(ctx, call)
	if err != nil {
		return portalResponse{}, err
	}
	url, err := c.Stripe.CreatePortal(ctx, call.Credentials, customer, returnURL)
	if stripeerr.Is(err, stripeerr.Missing) {
		return portalResponse{}, noCustomer()
	}
	return portalResponse{PortalURL: url}, err
}

// customer returns the user's Stripe customer: the one that checkout has made, or that of the current subscription.
func (c Config) customer(ctx context.Context, call endpoint.Call) (string, error) {
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
