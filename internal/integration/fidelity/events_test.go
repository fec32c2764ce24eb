package fidelity_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// inbox is a webhook endpoint that keeps what it gets.
type inbox struct {
	*httptest.Server

	mu       sync.Mutex
	payloads [][]byte
}

func newInbox(t *testing.T) *inbox {
	t.Helper()
	box := &inbox{}
	box.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		box.mu.Lock()
		defer box.mu.Unlock()
		box.payloads = append(box.payloads, payload)
	}))
	t.Cleanup(box.Close)
	return box
}

// eventsOf tells a story to a fake with a webhook endpoint of an API version, and returns the events that it got.
func eventsOf(t *testing.T, version string, story func(*shop)) []map[string]any {
	t.Helper()
	box := newInbox(t)
	s := openShop(t, nil, stripetest.Options{InvoicePayments: true})
	_, err := s.srv.AddWebhook(stripetest.Webhook{
		URL: box.URL, Secrets: []string{"whsec_1"}, Version: stripetest.Version(version),
	})
	s.do(err)
	story(s)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	s.do(s.srv.Settle(ctx))
	box.mu.Lock()
	defer box.mu.Unlock()
	var out []map[string]any
	for _, payload := range box.payloads {
		out = append(out, object(decode(t, payload)))
	}
	return out
}

// checkEvent holds an event and the object in it against the schemas of its version, and of the main one where its own is not
// closed.
func (d *description) checkEvent(t *testing.T, event map[string]any, main *description) {
	t.Helper()
	data := object(event["data"])
	shown := object(data["object"])
	kind := text(shown["object"])
	if event["api_version"] != d.version {
		t.Errorf("%s: %v is rendered in %v", d.version, event["type"], event["api_version"])
	}
	if problem := d.validate(t, event, "components", "schemas", "event"); problem != "" {
		t.Errorf("%s: %v: event: %s", d.version, event["type"], problem)
	}
	if problem := d.validate(t, shown, "components", "schemas", kind); problem != "" {
		t.Errorf("%s: %v: %s: %s", d.version, event["type"], kind, problem)
	}
	if d.version == oldest {
		d = main
		if problem := d.validate(t, shown, "components", "schemas", kind); problem != "" {
			t.Errorf("%s: %v: %s by %s: %s", oldest, event["type"], kind, d.version, problem)
		}
	}
	described := object(object(d.schemas()[kind])["properties"])
	for name := range object(data["previous_attributes"]) {
		if described[name] == nil {
			t.Errorf("%s: %v: previous_attributes: there is no %s.%s", d.version, event["type"], kind, name)
		}
	}
}

func TestEventsHaveTheShapeOfTheirVersion(t *testing.T) {
	t.Parallel()
	var gaps sync.Map
	t.Cleanup(func() { // after all of the versions
		for name := range omitted() {
			if _, found := gaps.Load(name); !found && !t.Failed() && !t.Skipped() {
				t.Errorf("%s is rendered after all: take it off the list", name)
			}
		}
	})
	for version := range releases() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			checkVersion(t, version, &gaps)
		})
	}
}

// checkVersion tells all stories to a fake whose events are rendered in a version. The properties that Stripe's fixtures have
// and the fake's objects have not are added to the gaps.
func checkVersion(t *testing.T, version string, gaps *sync.Map) {
	t.Helper()
	d, main := describe(t, version), (*description)(nil)
	events, types, kinds := 0, map[string]bool{}, map[string]bool{}
	told := stories()
	if version == oldest {
		delete(told, "embedded checkouts") // which are newer
		main = describe(t, mainVersion)
	}
	for _, story := range told {
		for _, event := range eventsOf(t, version, story) {
			d.checkEvent(t, event, main)
			events++
			shown := object(object(event["data"])["object"])
			kind := text(shown["object"])
			types[text(event["type"])], kinds[kind] = true, true
			for _, name := range lacking(object(d.fixtures[kind]), shown, kind) {
				gaps.Store(name, true)
				if !omitted()[name] {
					t.Errorf("%s: %v has no %s", version, event["type"], name)
				}
			}
		}
	}
	t.Logf("%d events of %d types with %d kinds of objects fit API %s", events, len(types), len(kinds), version)
}
