package event

import (
	"context"
	"encoding/json"

	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
)

// Batch is a page of events that Stripe's list has shown, for a reconciliation to deal with as if they had been delivered.
type Batch struct{ events []stripe.Event }

// Changed is an object that events say has changed, and the ids of those events.
type Changed struct {
	Object string
	Events []string
}

// ReadBatch reads events of any API version. It leaves out those that the endpoint would reject.
func ReadBatch(payloads []json.RawMessage) Batch {
	var b Batch
	for _, payload := range payloads {
		if e, err := stripe.Parse(payload); err == nil && e.Account == "" {
			b.events = append(b.events, e)
		}
	}
	return b
}

// Changed returns what is to be refetched: each object once, with all its events.
func (b Batch) Changed() []Changed {
	var all []Changed
	at := map[string]int{}
	for _, e := range b.events {
		for _, id := range changed(e) {
			if !refetch.Tracks(id) {
				continue
			}
			i, known := at[id]
			if !known {
				i = len(all)
				at[id], all = i, append(all, Changed{Object: id})
			}
			all[i].Events = append(all[i].Events, e.ID)
		}
	}
	return all
}

// Conclude tells ends what has ended with the events. It comes after the refetches, and leaves out the events of those
// objects that failed: whoever finds a session ended must find its subscription too.
func (b Batch) Conclude(ctx context.Context, ends Ends, scope project.Scope, failed map[string]error) error {
	for _, e := range b.events {
		var err error
		switch {
		case e.Type == "customer.deleted":
			err = ends.Customers.CustomerDeleted(ctx, scope, e.Object.ID)
		case sessionEnded(e) && failed[sessionChanged(e)] == nil:
			err = ends.Sessions.SessionEnded(ctx, scope, e.Object.Customer, e.Object.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
