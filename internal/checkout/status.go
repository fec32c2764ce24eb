package checkout

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

const (
	// maxWait is for how many seconds a client may ask to wait.
	maxWait = 30
	// pollEvery is how often Stripe is asked for a session meanwhile, by all who wait for it.
	pollEvery = time.Second
)

type statusRequest struct {
	id   string
	wait time.Duration
}

type statusResponse struct {
	SessionID     string          `json:"session_id"`
	Status        checkout.Status `json:"status"`
	PaymentStatus string          `json:"payment_status"`
	Mode          checkout.Mode   `json:"mode"`
	Subscription  *api.View       `json:"subscription"`
}

// Status returns the handler of GET /checkout-session/{session_id}, for the success page: it tells how the session stands
// at Stripe, and brings its subscription or payment into the store when the webhook has not come yet.
func (c *Checkout) Status() http.Handler {
	return api.Handler(c.config.Endpoint, api.Endpoint[statusRequest, statusResponse]{
		Method: http.MethodGet, Name: "checkout-session-status", Timeout: timeout + maxWait*time.Second,
		Parse: func(f *api.Form) statusRequest {
			wait := f.QueryInt("wait", 0, 0, maxWait)
			return statusRequest{id: f.PathValue("session_id"), wait: time.Duration(wait) * time.Second}
		},
		Serve: c.status,
	})
}

func (c *Checkout) status(ctx context.Context, call customer.Buyer, in statusRequest) (statusResponse, error) {
	session, err := c.settled(ctx, call, in)
	if err != nil {
		return statusResponse{}, err
	}
	out := statusResponse{
		SessionID: session.ID, Status: session.Status, PaymentStatus: session.PaymentStatus, Mode: session.Mode,
	}
	switch {
	case session.Status != checkout.StatusComplete:
		return out, nil
	case session.Mode == checkout.ModePayment:
		return out, c.syncPayment(ctx, call, session)
	}
	out.Subscription, err = c.syncSubscription(ctx, call, session.SubscriptionID)
	return out, err
}

// settled returns the user's session once nothing more is to come of it, or as it is when the wait is over.
func (c *Checkout) settled(ctx context.Context, call customer.Buyer, in statusRequest) (checkout.Session, error) {
	key := lookKey{call.Owner.Scope, in.id}
	ask := func(ctx context.Context) (checkout.Session, error) {
		return c.config.Stripe.Session(ctx, call.Credentials, in.id)
	}
	deadline := c.config.Now().Add(in.wait)
	session, err := c.looks.fresh(ctx, key, ask)
	session, err = c.owned(ctx, call, session, err)
	if err != nil || settled(session) || in.wait <= 0 {
		return session, err
	}
	leave, ok := c.looks.wait(call.Owner)
	if !ok {
		return session, nil
	}
	defer leave()
	for {
		left := deadline.Sub(c.config.Now())
		if left <= 0 {
			return session, nil
		}
		if err := c.pause(ctx, min(left, pollEvery)); err != nil {
			return checkout.Session{}, err
		}
		session, err = c.looks.recent(ctx, key, ask)
		session, err = c.owned(ctx, call, session, err)
		if err != nil || settled(session) {
			return session, err
		}
	}
}

// settled reports whether the session is over. A completed one can be without its subscription for a moment.
func settled(s checkout.Session) bool {
	return s.Status != checkout.StatusOpen &&
		(s.Status != checkout.StatusComplete || s.Mode != checkout.ModeSubscription || s.SubscriptionID != "")
}

// owned returns what a look has found if checkout has made it for the caller: a session with the metadata of the caller, or
// without any and of the caller's customer.
func (c *Checkout) owned(
	ctx context.Context, call customer.Buyer, session checkout.Session, err error,
) (checkout.Session, error) {
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return checkout.Session{}, err
	}
	user, projectID := session.Metadata[stripe.MetadataUser], session.Metadata[stripe.MetadataProject]
	if err == nil && len(session.Metadata) == 0 && session.CustomerID != "" {
		projectID = call.Owner.ProjectID
		user, err = c.config.Store.CustomerOwner(ctx, call.Owner.Scope, session.CustomerID)
		if err != nil && !errors.Is(err, subscription.ErrNotFound) {
			return checkout.Session{}, err
		}
	}
	if err != nil || user != call.Owner.UserID || projectID != call.Owner.ProjectID {
		return checkout.Session{}, httperr.NotFound("There is no such checkout session.")
	}
	return session, nil
}

// syncSubscription returns the session's subscription from the store, where a refetch puts it if the webhook has not.
func (c *Checkout) syncSubscription(ctx context.Context, call customer.Buyer, id string) (*api.View, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // a completed session can be without one for a moment
	}
	view, err := c.stored(ctx, call, id)
	if err != nil || view != nil && view.Status != subscription.StatusIncomplete {
		return view, err
	}
	if err := c.refresh(ctx, call, id); err != nil {
		return nil, err
	}
	return c.stored(ctx, call, id)
}

func (c *Checkout) stored(ctx context.Context, call customer.Buyer, id string) (*api.View, error) {
	subs, err := c.config.Store.Subscriptions(ctx, call.Owner)
	if err != nil {
		return nil, err
	}
	for _, s := range subs {
		if s.ID == id {
			view := api.ViewOf(s)
			return &view, nil
		}
	}
	return nil, nil //nolint:nilnil // not stored yet
}

// syncPayment brings a one-time payment into the store; one that has been paid is told to the host.
func (c *Checkout) syncPayment(ctx context.Context, call customer.Buyer, session checkout.Session) error {
	id := session.PaymentIntentID
	if !strings.HasPrefix(id, "pi_") {
		id = session.ID
	}
	return c.refresh(ctx, call, id)
}
