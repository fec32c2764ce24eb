package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/project"
)

// ends writes down what it is told, and fails for one of the customers.
type ends struct {
	told []string
	fail string
}

var errEnds = errors.New("the store is away")

func (e *ends) tell(customer, what string) error {
	if customer == e.fail {
		return errEnds
	}
	e.told = append(e.told, what)
	return nil
}

func (e *ends) SessionEnded(_ context.Context, _ project.Scope, customer, session string) error {
	return e.tell(customer, session)
}

func (e *ends) CustomerDeleted(_ context.Context, _ project.Scope, customer string) error {
	return e.tell(customer, customer)
}

func payload(id, kind, object string) json.RawMessage {
	return json.RawMessage(`{"id":"` + id + `","type":"` + kind + `","data":{"object":{` + object + `}}}`)
}

func listed() event.Batch {
	session := func(n int) string {
		return fmt.Sprintf(`"id":"cs_%d","mode":"subscription","customer":"cus_%[1]d","subscription":"sub_%[1]d"`, n)
	}
	return event.ReadBatch([]json.RawMessage{
		payload("evt_1", "checkout.session.completed", session(1)),
		json.RawMessage(`{"id":"evt_2","object":"v2.core.event"}`),
		json.RawMessage(`{"id":"evt_3","type":"customer.deleted","account":"acct_1","data":{"object":{"id":"cus_3"}}}`),
		payload("evt_4", "checkout.session.completed", session(4)),
		payload("evt_5", "customer.subscription.updated", `"id":"sub_1","customer":"cus_1"`),
		payload("evt_6", "invoice.paid", `"id":"in_6","subscription":"sub_1"`),
		payload("evt_7", "customer.deleted", `"id":"cus_7"`),
		payload("evt_8", "product.updated", `"id":"prod_8"`),
		payload("evt_9", "checkout.session.completed", `"id":"cs_9","mode":"payment","payment_intent":"pi_9","customer":"cus_9"`),
	})
}

func TestListedEventsNameEachObjectOnce(t *testing.T) {
	t.Parallel()
	got, want := fmt.Sprint(listed().Changed()), "[{sub_1 [evt_1 evt_5 evt_6]} {sub_4 [evt_4]} {in_6 [evt_6]} {pi_9 [evt_9]}]"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCheckoutIsToldOfEndsWhoseObjectsWereFetched(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		failed map[string]error
		fail   string
		told   []string
	}{
		"all is well":             {nil, "", []string{"cs_1", "cs_4", "cus_7"}},
		"a subscription failed":   {map[string]error{"sub_1": errEnds}, "", []string{"cs_4", "cus_7"}},
		"checkout fails":          {nil, "cus_4", []string{"cs_1"}},
		"checkout fails at first": {nil, "cus_1", nil},
	} {
		e := &ends{fail: test.fail}
		err := listed().Conclude(t.Context(), event.Ends{Sessions: e, Customers: e}, project.Scope{}, test.failed)
		if !slices.Equal(e.told, test.told) || errors.Is(err, errEnds) != (test.fail != "") {
			t.Errorf("%s: told %v, %v", name, e.told, err)
		}
	}
}
