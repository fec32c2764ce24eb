package webhook

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/paymount/paymount/internal/stripejson"
	"github.com/paymount/paymount/subscription/refetch"
)

// event is what is read of an event: ids, in the places where any version of the API since 2022-11-15 has them.
type event struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Livemode bool   `json:"livemode"`
	// Account is set for events of a connected account, which are not ours.
	Account string `json:"account"`
	Data    struct {
		Object *object `json:"object"`
	} `json:"data"`
}

type id = stripejson.Ref[stripejson.Unknown]

// object is the event's object, of any type.
type object struct {
	ID            string          `json:"id"`
	Mode          string          `json:"mode"`
	Customer      id              `json:"customer"`
	Subscription  id              `json:"subscription"`
	PaymentIntent id              `json:"payment_intent"`
	Metadata      json.RawMessage `json:"metadata"`
	// Parent holds an invoice's subscription since 2025-03-31.basil.
	Parent *struct {
		SubscriptionDetails *struct {
			Subscription id `json:"subscription"`
		} `json:"subscription_details"`
	} `json:"parent"`
}

var errPayload = errors.New("webhook: the payload is not an event of the Stripe API v1 with its object")

// parse reads a payload. Thin events (v2) hold no object and are refused.
func parse(payload []byte) (event, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return event{}, errPayload
	}
	if e.ID == "" || e.Object != "event" || e.Type == "" || e.Data.Object == nil {
		return event{}, errPayload
	}
	return e, nil
}

// subscriptionID is the subscription that an invoice or a session is about.
func (o *object) subscriptionID() string {
	if o.Subscription.ID == "" && o.Parent != nil && o.Parent.SubscriptionDetails != nil {
		return o.Parent.SubscriptionDetails.Subscription.ID
	}
	return o.Subscription.ID
}

// ours reports whether the metadata is what checkout writes on a one-time payment. The payment intents of invoices carry
// none of it, and in newer versions nothing else tells them apart.
func (o *object) ours() bool {
	var metadata map[string]any
	err := json.Unmarshal(o.Metadata, &metadata)
	return err == nil && metadata[refetch.MetadataUser] != nil
}

// changed returns the tracked objects that the event says have changed; none for an event that is not handled.
func (e event) changed() []string {
	o := e.Data.Object
	switch e.Type {
	case "checkout.session.completed", "checkout.session.async_payment_succeeded",
		"checkout.session.async_payment_failed", "checkout.session.expired":
		return []string{e.sessionChanged()}
	case "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required",
		"invoice.voided", "invoice.marked_uncollectible":
		return []string{o.subscriptionID(), o.ID}
	case "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled":
		if o.ours() {
			return []string{o.ID}
		}
		return nil
	case "charge.refunded":
		return []string{o.PaymentIntent.ID}
	}
	switch {
	case strings.HasPrefix(e.Type, "customer.subscription."):
		return []string{o.ID}
	case strings.HasPrefix(e.Type, "refund."), strings.HasPrefix(e.Type, "charge.dispute."):
		return []string{o.PaymentIntent.ID}
	}
	return nil
}

func (e event) sessionChanged() string {
	o := e.Data.Object
	switch {
	case o.Mode == "subscription":
		return o.subscriptionID()
	case o.Mode != "payment":
		return ""
	case o.PaymentIntent.ID != "":
		return o.PaymentIntent.ID
	case e.Type == "checkout.session.expired":
		return "" // nothing was paid, and nothing ever will be
	}
	return o.ID
}

// sessionEnded reports whether the event says that a subscription session is not open any more.
func (e event) sessionEnded() bool {
	ended := e.Type == "checkout.session.completed" || e.Type == "checkout.session.expired"
	return ended && e.Data.Object.Mode == "subscription"
}
