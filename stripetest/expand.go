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
		return true
	case string:
		target := a.expandID(in, name, value, v)
		return target != nil && (len(rest) == 0 || a.expandIn(target, rest, v))
	case doc:
		return len(rest) == 0 || a.expandIn(value, rest, v)
	case []doc:
		if len(rest) == 0 {
			return false
		}
		return !slices.ContainsFunc(value, func(row doc) bool { return !a.expandIn(row, rest, v) })
	default:
		return false
	}
}

// expandID replaces an id by its object, which it returns; nil where Stripe does not do that.
func (a *Account) expandID(in doc, name, id string, v Version) doc {
	kind, object := in["object"].(string)
	if !object {
		kind = "part"
	}
	target, exists := a.objects[id]
	if !exists || !slices.Contains(expandable(kind), name) {
		return nil
	}
	expanded := target.render(a, v)
	in[name] = expanded
	return expanded
}

// expandable lists the ids in an object that Stripe replaces on demand.
func expandable(kind string) []string {
	switch kind {
	case "product":
		return []string{"default_price"}
	case "price":
		return []string{"product"}
	case "checkout.session":
		return []string{"customer", "invoice", "payment_intent", "subscription"}
	case "subscription":
		return []string{"customer", "default_payment_method", "latest_invoice"}
	case "invoice":
		return []string{"charge", "customer", "payment_intent", "subscription"}
	case "line_item":
		return []string{"subscription"}
	case "payment_intent":
		return []string{"customer", "invoice", "latest_charge", "payment_method"}
	case "charge":
		return []string{"customer", "invoice", "payment_intent"}
	case "refund":
		return []string{"charge", "payment_intent"}
	case "payment_method":
		return []string{"customer"}
	case "dispute", "invoiceitem", "invoice_payment":
		return []string{"charge", "customer", "invoice", "payment_intent", "subscription"}
	case "part": // of an object: an invoice payment's payment, a customer's invoice settings
		return []string{"payment_intent", "default_payment_method"}
	default:
		return nil
	}
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
