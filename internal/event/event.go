package event

import (
	"encoding/json"
	"strings"

	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// ours reports whether the metadata is what checkout writes on a one-time payment. The payment intents of invoices carry
// none of it, and in newer versions nothing else tells them apart.
func ours(o stripe.Object) bool {
	var metadata map[string]any
	err := json.Unmarshal(o.Metadata, &metadata)
	return err == nil && metadata[subscription.MetadataOwner] != nil
}

// EventTypes returns the types of the events that the handler deals with, for Stripe's list of what an endpoint is to be
// sent: Stripe takes no pattern such as invoice.* there. See https://docs.stripe.com/api/events/types.
func EventTypes() []string {
	return []string{
		"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
		"checkout.session.expired",
		"customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
		"customer.subscription.paused", "customer.subscription.resumed", "customer.subscription.trial_will_end",
		"customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired",
		"invoice.finalized", "invoice.updated", "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed",
		"invoice.payment_action_required", "invoice.voided", "invoice.marked_uncollectible",
		"invoice_payment.paid",
		"payment_intent.processing", "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
		"charge.refunded", "charge.refund.updated", "refund.created", "refund.updated", "refund.failed",
		"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
		"charge.dispute.funds_reinstated",
		"customer.deleted", "customer.updated",
		"subscription_schedule.created", "subscription_schedule.updated", "subscription_schedule.expiring",
		"subscription_schedule.completed", "subscription_schedule.canceled", "subscription_schedule.aborted",
		"subscription_schedule.released",
		"product.created", "product.updated", "product.deleted", "price.created", "price.updated", "price.deleted",
	}
}

// changed returns the tracked objects that the event says have changed; none for an event that is not handled.
func changed(e stripe.Event) []string {
	o := e.Object
	if strings.HasPrefix(e.Type, "invoice.") && o.Status == "draft" {
		// It is no payment yet, and drafts can be deleted (https://docs.stripe.com/api/invoices/delete): then it would be an object
		// that Stripe does not know, in live mode too.
		return nil
	}
	switch e.Type {
	case "checkout.session.completed", "checkout.session.async_payment_succeeded",
		"checkout.session.async_payment_failed", "checkout.session.expired":
		return []string{sessionChanged(e)}
	case "invoice.finalized", "invoice.updated", "invoice.paid", "invoice.payment_succeeded", "invoice.payment_failed",
		"invoice.payment_action_required", "invoice.voided", "invoice.marked_uncollectible":
		return []string{o.Subscription, o.ID}
	case "invoice_payment.paid":
		return []string{o.Invoice}
	case "payment_intent.processing", "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled":
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
	case strings.HasPrefix(e.Type, "subscription_schedule."):
		return []string{o.Subscription}
	case strings.HasPrefix(e.Type, "refund."), strings.HasPrefix(e.Type, "charge.refund."),
		strings.HasPrefix(e.Type, "charge.dispute."):
		// Before 2024-10-28.acacia a refund of a charge that fails has no event but charge.refund.updated:
		// https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update.
		return []string{o.PaymentIntent}
	}
	return nil
}

// pricesChanged reports whether the event says that a price has changed, and which one: an empty id is for any of them, since
// it is a product that has changed.
func pricesChanged(e stripe.Event) (priceID string, changed bool) {
	if strings.HasPrefix(e.Type, "price.") {
		return e.Object.ID, true
	}
	return "", strings.HasPrefix(e.Type, "product.")
}

func sessionChanged(e stripe.Event) string {
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
func sessionEnded(e stripe.Event) bool {
	completed := e.Type == "checkout.session.completed" && e.Object.Subscription != ""
	return e.Object.Mode == "subscription" && (completed || e.Type == "checkout.session.expired")
}

// subscriptionEnded reports whether the event says that a customer's subscription has ended, also one that was never paid.
func subscriptionEnded(e stripe.Event) bool {
	ended := e.Type == "customer.subscription.deleted" || subscription.Status(e.Object.Status).Ended()
	return ended && strings.HasPrefix(e.Type, "customer.subscription.") && e.Object.Customer != ""
}
