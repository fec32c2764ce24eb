package stripe

import (
	"cmp"
	"errors"
)

// Event is what is read of an event: ids, in the places where any version of the API since 2022-11-15 has them. What is
// missing or null is empty.
type Event struct {
	ID, Type string
	Livemode bool
	// Account is set for events of a connected account.
	Account string
	Object  Object
}

// Object is the event's object, of any type. Of a reference to another object there is the id, whether it was expanded or not.
type Object struct {
	ID, Mode, Customer, PaymentIntent, Invoice string
	// Status is the object's, empty where it is no text.
	Status string
	// Subscription is the one that an invoice, a session or a schedule is about, also one that a schedule has released.
	Subscription string
	// Metadata is the object's in JSON, as it stands in the payload; nil where there is none.
	Metadata []byte
}

// ErrPayload says that a payload is not an event of the Stripe API v1 with its object.
var ErrPayload = errors.New("stripeevent: the payload is not an event of the Stripe API v1 with its object")

// Parse reads a payload, which must not be changed as long as the event is in use. Thin events (v2) hold no object and are
// refused. Its only error is ErrPayload.
func Parse(payload []byte) (Event, error) {
	var e Event
	var object string
	found := false
	r := reader{data: payload}
	r.object(func(name []byte) {
		switch string(name) {
		case "id":
			e.ID = r.text()
		case "object":
			object = r.text()
		case "type":
			e.Type = r.text()
		case "livemode":
			e.Livemode = r.flag()
		case "account":
			e.Account = r.text()
		case "data":
			e.Object, found = r.eventData()
		default:
			r.skip()
		}
	})
	r.end()
	if r.failed || e.ID == "" || object != "" && object != "event" || e.Type == "" || !found {
		return Event{}, ErrPayload
	}
	return e, nil
}

func (r *reader) eventData() (o Object, found bool) {
	r.object(func(name []byte) {
		if string(name) != "object" || r.null() {
			r.skip()
			return
		}
		o, found = r.eventObject(), true
	})
	return o, found
}

func (r *reader) eventObject() Object {
	var o Object
	var parent, released string
	r.object(func(name []byte) {
		switch string(name) {
		case "id":
			o.ID = r.text()
		case "mode":
			o.Mode = r.text()
		case "status":
			o.Status = r.reference()
		case "customer":
			o.Customer = r.reference()
		case "subscription":
			o.Subscription = r.reference()
		case "released_subscription":
			released = r.reference()
		case "payment_intent":
			o.PaymentIntent = r.reference()
		case "invoice":
			o.Invoice = r.reference()
		case "metadata":
			start := r.next()
			r.skip()
			o.Metadata = r.data[start:r.at]
		case "parent":
			parent = r.parent()
		default:
			r.skip()
		}
	})
	o.Subscription = cmp.Or(o.Subscription, parent, released)
	return o
}

// parent reads what holds an invoice's subscription since 2025-03-31.basil.
func (r *reader) parent() (subscription string) {
	r.members(func(name []byte) {
		if string(name) != "subscription_details" {
			r.skip()
			return
		}
		r.members(func(name []byte) {
			if string(name) != "subscription" {
				r.skip()
				return
			}
			subscription = r.reference()
		})
	})
	return subscription
}

// reference reads a reference to another object: its id, or the object itself where it was expanded. A shape that is none of
// these reads as null: a version of the API to come must not make a whole event unreadable.
func (r *reader) reference() (id string) {
	if r.peek() == '"' {
		return r.text()
	}
	r.members(func(name []byte) {
		if string(name) != "id" {
			r.skip()
			return
		}
		id = r.text()
	})
	return id
}
