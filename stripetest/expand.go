package stripetest

import (
	"slices"
	"strings"
)

const maxExpandDepth = 4

// expand replaces ids in an answer by the objects that they name, for each path such as
// "items.data.price.product". See https://docs.stripe.com/api/expanding_objects.
func (a *Account) expand(value any, paths []string, v Version) error {
	for _, path := range paths {
		steps := strings.Split(path, ".")
		if len(steps) > maxExpandDepth {
			return refuse("expand", "", "You cannot expand more than %d levels of a property: %s", maxExpandDepth, path)
		}
		root, ok := value.(doc)
		if !ok || !a.expandIn(root, steps, v) {
			return refuse("expand", "", "This property cannot be expanded (%s).", path)
		}
	}
	return nil
}

// expandIn follows the steps into a document and reports whether the path makes sense. A null on the way is fine.
func (a *Account) expandIn(in doc, steps []string, v Version) bool {
	name, rest := steps[0], steps[1:]
	a.include(in, name)
	value, known := in[name]
	if !known {
		return false
	}
	switch value := value.(type) {
	case nil:
		return slices.Contains(expandable(kindOf(in)), name)
	case string:
		target := a.expandID(in, name, value, v)
		return target != nil && (len(rest) == 0 || a.expandIn(target, rest, v))
	case doc:
		return len(rest) == 0 || a.expandIn(value, rest, v)
	case []doc:
		return len(rest) == 0 || !slices.ContainsFunc(value, func(row doc) bool { return !a.expandIn(row, rest, v) })
	case []string: // always empty
		return name == "discounts" && len(rest) == 0
	default:
		return false
	}
}

// expandID replaces an id by its object, which it returns; nil where Stripe does not do that.
func (a *Account) expandID(in doc, name, id string, v Version) doc {
	target, exists := a.objects[id]
	if !exists || !slices.Contains(expandable(kindOf(in)), name) {
		return nil
	}
	expanded := target.render(a, v)
	in[name] = expanded
	return expanded
}

// kindOf is the kind of an object, or "part" for a part of one.
func kindOf(in doc) string {
	if kind, object := in["object"].(string); object {
		return kind
	}
	return "part"
}

// expandable lists what Stripe replaces or fills in on demand in an object: the names that hold ids, and those of parts
// that can be null. What the fake never has is null.
func expandable(kind string) []string {
	return map[string][]string{
		"product": {"default_price", "tax_code", "package_dimensions"},
		"price":   {"product", "custom_unit_amount", "recurring", "transform_quantity"},
		"checkout.session": {
			"customer", "invoice", "payment_intent", "subscription", "payment_link", "setup_intent", "after_expiration", "consent",
			"consent_collection", "currency_conversion", "customer_details", "invoice_creation",
			"payment_method_configuration_details", "shipping_address_collection", "shipping_cost", "shipping_details",
		},
		"customer": {"default_source", "test_clock", "address", "discount", "shipping"},
		"subscription": {
			"customer", "default_payment_method", "latest_invoice", "application", "default_source", "on_behalf_of",
			"pending_setup_intent", "schedule", "test_clock", "billing_cycle_anchor_config", "billing_thresholds", "discount",
			"pause_collection", "pending_invoice_item_interval", "pending_update", "transfer_data",
		},
		"subscription_item": {"billing_thresholds"},
		"invoice": {
			"charge", "customer", "payment_intent", "subscription", "application", "default_payment_method", "default_source",
			"latest_revision", "on_behalf_of", "quote", "test_clock", "account_tax_ids", "custom_fields", "customer_address",
			"customer_shipping", "discount", "from_invoice", "last_finalization_error", "rendering", "shipping_cost",
			"shipping_details", "transfer_data",
		},
		"line_item": {"invoice_item", "subscription"},
		"payment_intent": {
			"customer", "invoice", "latest_charge", "payment_method", "application", "on_behalf_of", "review",
			"automatic_payment_methods", "last_payment_error", "next_action", "payment_method_configuration_details",
			"processing", "shipping", "transfer_data",
		},
		"charge": {
			"customer", "invoice", "payment_intent", "application", "application_fee", "balance_transaction",
			"failure_balance_transaction", "on_behalf_of", "review", "source_transfer", "outcome", "payment_method_details",
			"shipping", "transfer_data",
		},
		"refund": {
			"charge", "payment_intent", "balance_transaction", "source_transfer_reversal", "transfer_reversal",
		},
		"payment_method":  {"customer"},
		"part":            {"payment_intent", "default_payment_method"}, // an invoice payment's payment, invoice settings
		"dispute":         {"charge", "payment_intent"},
		"invoiceitem":     {"customer", "invoice", "subscription", "test_clock"},
		"invoice_payment": {"invoice"},
	}[kind]
}

// include adds the parts that Stripe leaves out of an object until they are asked for.
func (a *Account) include(in doc, name string) {
	id, ok := in["id"].(string)
	if _, there := in[name]; there || !ok {
		return
	}
	switch o := a.objects[id].(type) {
	case *Session:
		if name == "line_items" {
			in[name] = a.lineItemsDoc(o)
		}
	case *Charge:
		if name == "refunds" {
			in[name] = a.refundsDoc(o)
		}
	case *Customer:
		if name == "subscriptions" {
			in[name] = a.customerSubscriptionsDoc(o)
		}
	}
}
