package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/endpoint"
	"github.com/paymount/paymount/internal/stripeevent"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/refetch"
)

// maxPayload is the largest payload, in bytes. Real ones have passed 50 KB; Stripe names no limit.
const maxPayload = 1 << 20

// Refetcher is package refetch's.
type Refetcher interface {
	Refetch(ctx context.Context, t refetch.Target, events ...string) error
}

// Checkout is told what ended at Stripe of what it has begun there. Repeated calls do no harm.
type Checkout interface {
	// SessionEnded says that a customer's checkout session is not open any more.
	SessionEnded(ctx context.Context, scope subscription.Scope, customerID, sessionID string) error
	// CustomerDeleted says that a customer does not exist any more.
	CustomerDeleted(ctx context.Context, scope subscription.Scope, customerID string) error
	// PricesChanged says that a price is not what it was, or with an empty id that any of the scope's may not be.
	PricesChanged(scope subscription.Scope, priceID string)
}

// Config is what the handler works with. Every field is required.
type Config struct {
	Endpoint  *endpoint.Config
	Store     subscription.SubscriptionStore
	Refetcher Refetcher
	Checkout  Checkout
}

// Handler returns the handler of POST /webhooks/{project_id}/{mode}, which reads both path values. It answers 200 when the
// event has been dealt with, and 500 when that failed and Stripe has to deliver it again.
func Handler(c Config) http.Handler {
	return c.Endpoint.Method(http.MethodPost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The project comes from the path alone: a tenant controls all that its events say.
		scope := subscription.Scope{ProjectID: r.PathValue("project_id"), Mode: auth.Mode(r.PathValue("mode"))}
		if err := c.receive(w, r, scope); err != nil {
			c.logRefusal(r, scope, err)
			c.Endpoint.Fail(w, r, scope, err)
			return
		}
		httperr.WriteJSON(w, http.StatusOK, map[string]bool{"received": true})
	}))
}

func (c Config) receive(w http.ResponseWriter, r *http.Request, scope subscription.Scope) error {
	credentials, err := c.Endpoint.Credentials.ResolveCredentials(r.Context(), scope.ProjectID, scope.Mode)
	if err != nil {
		return err
	}
	payload, err := endpoint.ReadBody(w, r, maxPayload)
	if err != nil {
		return err
	}
	err = stripeevent.Verify(payload, r.Header.Get("Stripe-Signature"), credentials.WebhookSecrets, c.Endpoint.Now())
	if err != nil {
		return refuse("The signature does not verify.", err)
	}
	e, err := stripeevent.Parse(payload)
	if err != nil {
		return refuse("The payload is not an event with its object.", err)
	}
	if e.Account != "" {
		return nil // of a connected account: not ours. A live endpoint gets their test events too.
	}
	if e.Livemode != (scope.Mode == auth.ModeLive) {
		return refuse("The event is of the other mode.", nil)
	}
	if err := c.handle(r.Context(), refetch.Target{Scope: scope, Credentials: credentials}, e); err != nil {
		return &httperr.Error{
			Status: http.StatusInternalServerError, Code: httperr.CodeInternal,
			Detail: "The event could not be dealt with. Deliver it again.", Cause: err,
		}
	}
	return nil
}

func refuse(detail string, cause error) error {
	return &httperr.Error{Status: http.StatusBadRequest, Code: httperr.CodeInvalidWebhook, Detail: detail, Cause: cause}
}

// maxLogged is how much of what stands in a path is logged.
const maxLogged = 128

// logRefusal logs why a delivery was refused: Stripe shows its answer to nobody who could act on it. What failed here, with a
// status of 500 and more, is logged as every failed request is.
func (c Config) logRefusal(r *http.Request, scope subscription.Scope, err error) {
	status := endpoint.Error(err).Status
	if status >= http.StatusInternalServerError {
		return
	}
	key := "webhook/" + string(scope.Mode) + "/" + scope.ProjectID
	if errors.Is(err, auth.ErrNotConfigured) {
		key = "webhook" // the path is whatever a client likes
	}
	c.Endpoint.Refusals.Log(r.Context(), slog.LevelWarn, key, "webhook refused", "status", status,
		"project", scope.ProjectID[:min(len(scope.ProjectID), maxLogged)],
		"mode", string(scope.Mode[:min(len(scope.Mode), maxLogged)]), "reason", err)
}

// handle deals with a verified event.
func (c Config) handle(ctx context.Context, t refetch.Target, e stripeevent.Event) error {
	if e.Type == "customer.deleted" {
		return c.customerDeleted(ctx, t, e)
	}
	if id, ok := pricesChanged(e); ok {
		c.Checkout.PricesChanged(t.Scope, id)
		return nil
	}
	for _, t.Object = range changed(e) {
		if !refetch.Tracks(t.Object) {
			continue
		}
		if err := c.Refetcher.Refetch(ctx, t, e.ID); err != nil {
			return err
		}
	}
	if sessionEnded(e) {
		// After the refetch: whoever finds the session ended must find its subscription too.
		return c.Checkout.SessionEnded(ctx, t.Scope, e.Object.Customer, e.Object.ID)
	}
	return nil
}

// customerDeleted brings the subscriptions of a deleted customer up to date, which Stripe has ended with it.
func (c Config) customerDeleted(ctx context.Context, t refetch.Target, e stripeevent.Event) error {
	customer := e.Object.ID
	user, err := c.Store.CustomerOwner(ctx, t.Scope, customer)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	subs, err := c.Store.Subscriptions(ctx, subscription.Owner{Scope: t.Scope, UserID: user})
	if err != nil {
		return err
	}
	for _, s := range subs {
		if s.CustomerID != customer || s.Status.Ended() {
			continue
		}
		t.Object = s.ID
		if err := c.Refetcher.Refetch(ctx, t, e.ID); err != nil {
			return err
		}
	}
	return c.Checkout.CustomerDeleted(ctx, t.Scope, customer)
}
