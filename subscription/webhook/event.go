package webhook

import (
	"encoding/json"
	"strings"

	"github.com/paymount/paymount/internal/stripeevent"
	"github.com/paymount/paymount/subscription/refetch"
)

// ours reports whether the metadata is what checkout writes on a one-time payment. The payment intents of invoices carry
// none of it, and in newer versions nothing else tells them apart.
func ours(o stripeevent.Object) bool {
	var metadata map[string]any
	err := json.Unmarshal(o.Metadata, &metadata)
	return err == nil && metadata[refetch.MetadataUser] != nil
}

// changed returns the tracked objects that the event says have changed; none for an event that is not handled.
func changed(e stripeevent.Event) []string {
	o := e.Object
	switch e.Type {
	case "checkout.session.completed", "checkout.session.async_payment_succeeded",
		"checkout.session.async_payment_failed", "checkout.session.expired":
		return []string{sessionChanged(e)}
	case "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required",
		"invoice.voided", "invoice.marked_uncollectible":
		return []string{o.Subscription, o.ID}
	case "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled":
		if ours(o) {
			return []string{o.ID}
		}
		return nil
	case "charge.refunded":
		return []string{o.PaymentIntent}
	}
	switch {
	case strings.HasPrefix(e.Type, "customer.subscription."):
		return []string{o.ID}
	case strings.HasPrefix(e.Type, "refund."), strings.HasPrefix(e.Type, "charge.dispute."):
		return []string{o.PaymentIntent}
	}
	return nil
}

func sessionChanged(e stripeevent.Event) string {
	o := e.Object
	switch {
	case o.Mode == "subscription":
		return o.Subscription
	case o.Mode != "payment":
		return ""
	case o.PaymentIntent != "":
		return o.PaymentIntent
	case e.Type == "checkout.session.expired":
		return "" // nothing was paid, and nothing ever will be
	}
	return o.ID
}

// sessionEnded reports whether the event says that nothing more is to come of a subscription session. Of a completed one
// without its subscription there is: the next checkout has to look for it.
func sessionEnded(e stripeevent.Event) bool {
	completed := e.Type == "checkout.session.completed" && e.Object.Subscription != ""
	return e.Object.Mode == "subscription" && (completed || e.Type == "checkout.session.expired")
}
