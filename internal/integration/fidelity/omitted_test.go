package fidelity_test

import (
	"maps"
	"slices"
	"strings"
)

// omitted are the properties that Stripe's fixtures have, in one version or another, and the fake's objects have not: what
// is there in some states only (an invoice item of a line, a card of a payment method that is one), and what it leaves out.
func omitted() map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(`
		billing_portal.session.customer_account charge.billing_details.tax_id charge.outcome.advice_code
		charge.outcome.network_advice_code charge.outcome.network_decline_code charge.payment_method_details.card
		charge.payment_method_details.card.authorization_code charge.payment_method_details.card.extended_authorization
		charge.payment_method_details.card.incremental_authorization charge.payment_method_details.card.multicapture
		charge.payment_method_details.card.network_transaction_id charge.payment_method_details.card.overcapture
		charge.payment_method_details.card.regulated_status charge.payment_method_details.card.transaction_link_id
		charge.refunds charge.source checkout.session.adaptive_pricing checkout.session.automatic_tax.provider
		checkout.session.collected_information.business_name checkout.session.collected_information.individual_name
		checkout.session.customer_account checkout.session.customer_details.business_name
		checkout.session.customer_details.individual_name checkout.session.integration_identifier
		checkout.session.managed_payments checkout.session.origin_context checkout.session.permissions
		checkout.session.saved_payment_method_options checkout.session.wallet_options dispute.payment_method_details
		invoice.automatic_tax.disabled_reason invoice.automatic_tax.provider invoice.automatically_finalizes_at
		invoice.customer_account invoice.lines[].invoice_item invoice.lines[].plan invoice.lines[].quantity_decimal
		invoice.rendering_options invoice.subscription invoiceitem.customer_account invoiceitem.net_amount invoiceitem.plan
		payment_intent.allowed_payment_method_types payment_intent.customer_account
		payment_intent.excluded_payment_method_types payment_intent.managed_payments payment_intent.source
		payment_method.allow_redisplay payment_method.billing_details.tax_id payment_method.card
		payment_method.card.regulated_status payment_method.customer_account price.recurring.meter
		price.recurring.trial_period_days refund.customer refund.customer_account refund.payment_method
		subscription.automatic_tax.disabled_reason subscription.billing_mode.flexible
		subscription.cancellation_details.feedback_option subscription.customer_account
		subscription.invoice_settings.custom_fields subscription.invoice_settings.description
		subscription.invoice_settings.footer subscription.items[].plan subscription.items[].price.recurring.meter
		subscription.items[].price.recurring.trial_period_days subscription.managed_payments
		subscription.pending_update.cancel_at_period_end subscription.pending_update.discount
		subscription.pending_update.discounts subscription.pending_update.metadata
	`) {
		out[name] = true
	}
	return out
}

// lacking are the properties that a fixture has and a rendered object has not, with their place.
func lacking(fixture, shown map[string]any, place string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fixture)) {
		at := place + "." + name
		value, there := shown[name]
		switch {
		case !there:
			out = append(out, at)
		case object(fixture[name])["object"] == "list":
			theirs, ours := list(object(fixture[name])["data"]), list(object(value)["data"])
			if len(theirs) > 0 && len(ours) > 0 {
				out = append(out, lacking(object(theirs[0]), object(ours[0]), at+"[]")...)
			}
		case name != "metadata" && object(value) != nil && object(fixture[name]) != nil:
			out = append(out, lacking(object(fixture[name]), object(value), at)...)
		}
	}
	return out
}
