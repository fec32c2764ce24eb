package stripetest

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Event is one entry of https://docs.stripe.com/api/events: what happened to an object.
type Event struct {
	ID       string // evt_…
	Type     string // "customer.subscription.updated"
	Created  int64  // seconds
	ObjectID string // of the object that it is about

	cause   cause
	data    map[Version]eventData // rendered when it happened, in every version that was in use
	pending int                   // endpoints that have not confirmed it
}

type eventData struct {
	object, previous json.RawMessage
}

func (e *Event) ident() string    { return e.ID }
func (e *Event) createdAt() int64 { return e.Created }

func (e *Event) render(a *Account, v Version) doc {
	data, ok := e.data[v]
	if !ok {
		v = apiVersion
		data = e.data[v]
	}
	shown := doc{"object": data.object}
	if data.previous != nil {
		shown["previous_attributes"] = data.previous
	}
	return doc{
		"id": e.ID, "object": "event", "type": e.Type, "created": e.Created, "livemode": a.Livemode,
		"api_version": string(v), "pending_webhooks": e.pending, "data": shown,
		"request": doc{"id": orNull(e.cause.requestID), "idempotency_key": orNull(e.cause.idempotencyKey)},
	}
}

func eventOperations() []operation {
	return []operation{
		{"GET", "/v1/events", listParams().with(fields{
			"type": text, "types": texts, "created": timeRange, "delivery_success": boolean,
		}), listEvents},
		{"GET", "/v1/events/{id}", fields{}, retrieve[*Event]("event", "id")},
	}
}

func listEvents(a *Account, r *request) (any, error) {
	types := r.params.strings("types")
	if r.params.has("type") {
		types = append(types, r.params.str("type"))
	}
	return listed(a, r, a.events, func(e *Event) bool {
		delivered := e.pending == 0
		return (len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return matchesType(t, e.Type) })) &&
			(!r.params.has("delivery_success") || r.params.truth("delivery_success") == delivered)
	})
}

// matchesType compares an event type with a pattern: "*", "invoice.*" or the type itself.
func matchesType(pattern, eventType string) bool {
	prefix, wild := strings.CutSuffix(pattern, "*")
	return pattern == eventType || wild && strings.HasPrefix(eventType, prefix)
}

// Events returns the events so far, oldest first.
func (a *Account) Events() []Event {
	return snapshot(a, &a.events, func(e *Event) Event { return *e })
}

// versions lists the API versions in which events have to be rendered now.
func (a *Account) versions() []Version {
	out := []Version{apiVersion}
	for _, endpoint := range a.endpoints {
		if !slices.Contains(out, endpoint.version) {
			out = append(out, endpoint.version)
		}
	}
	return out
}

type renderings map[Version]doc

func (a *Account) renderAll(o object) renderings {
	out := renderings{}
	for _, v := range a.versions() {
		out[v] = o.render(a, v)
	}
	return out
}

// emit records an event about an object as it is now and queues its deliveries.
func (a *Account) emit(eventType string, o object) { a.file(eventType, o, nil, a.renderAll(o)) }

// change mutates an object and records an event that says what it was before. Without a difference there is no event.
func (a *Account) change(eventType string, o object, mutate func()) {
	before := a.renderAll(o)
	mutate()
	after := a.renderAll(o)
	if reflect.DeepEqual(before, after) {
		return
	}
	a.file(eventType, o, before, after)
}

func (a *Account) file(eventType string, o object, before, after renderings) {
	e := &Event{
		ID: newID("evt_"), Type: eventType, Created: a.srv.now(), ObjectID: o.ident(),
		cause: a.cause, data: map[Version]eventData{},
	}
	for v, now := range after {
		data := eventData{object: encode(now)}
		if before != nil {
			data.previous = encode(previous(before[v], now))
		}
		e.data[v] = data
	}
	insert(a, &a.events, e)
	a.enqueue(e)
}

// encode cannot fail on the documents that render makes: maps, slices, strings, numbers, booleans and null.
func encode(d doc) json.RawMessage {
	raw, err := json.Marshal(d)
	if err != nil {
		return json.RawMessage(`null`)
	}
	return raw
}

// previous is what changed, with the old values.
func previous(before, after doc) doc {
	out := doc{}
	for name, was := range before {
		is := after[name]
		if reflect.DeepEqual(was, is) {
			continue
		}
		wasDoc, ok1 := was.(doc)
		isDoc, ok2 := is.(doc)
		if ok1 && ok2 {
			out[name] = previous(wasDoc, isDoc)
		} else {
			out[name] = was
		}
	}
	for name := range after {
		if _, there := before[name]; !there {
			out[name] = nil
		}
	}
	return out
}
