package conformance_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest/conformance"
)

// broken is a fake with one mistake. ask changes a call before the fake gets it, tell changes its answer.
type broken struct {
	mistake string
	ask     func(call string, r *http.Request, form url.Values)
	tell    func(call string, form url.Values, a *told)
	found   string // the belief that finds it
}

// told is an answer on its way.
type told struct {
	status int
	body   map[string]any
}

// refused reports whether the answer is a refusal.
func (a *told) refused() bool { return a.status >= http.StatusBadRequest }

// become makes another answer of it.
func (a *told) become(status int, body map[string]any) { a.status, a.body = status, body }

// list are the rows of a list.
func (a *told) list() []map[string]any {
	rows, _ := a.body["data"].([]any)
	var out []map[string]any
	for _, row := range rows {
		if row, ok := row.(map[string]any); ok {
			out = append(out, row)
		}
	}
	return out
}

func gone() map[string]any {
	return map[string]any{"error": map[string]any{"type": "invalid_request_error", "code": "resource_missing", "message": "gone"}}
}

// spoil puts the mistake before a fake.
func (b broken) spoil(fake http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		form, err := url.ParseQuery(strings.Trim(r.URL.RawQuery+"&"+string(raw), "&"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		call := r.Method + " " + kind(r.URL.Path)
		if b.ask != nil {
			b.ask(call, r, form)
		}
		r.URL.RawQuery, r.Body = form.Encode(), http.NoBody
		if r.Method == http.MethodPost {
			r.URL.RawQuery, r.Body = "", io.NopCloser(strings.NewReader(form.Encode()))
		}
		recorder := httptest.NewRecorder()
		fake.ServeHTTP(recorder, r)
		out := told{status: recorder.Code}
		if err := json.Unmarshal(recorder.Body.Bytes(), &out.body); err == nil && b.tell != nil {
			b.tell(call, form, &out)
		}
		for name, values := range recorder.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(out.status)
		_ = json.NewEncoder(w).Encode(out.body) // a client that is gone needs no answer
	})
}

// kind is a path with its ids taken out: "subscriptions/ID".
func kind(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/v1/"), "/")
	for i, part := range parts {
		if strings.Contains(part, "_") && strings.ContainsAny(part, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			parts[i] = "ID"
		}
	}
	return strings.Join(parts, "/")
}

// without drops parameters of a call.
func without(want string, names ...string) func(string, *http.Request, url.Values) {
	return func(call string, _ *http.Request, form url.Values) {
		if call == want {
			for _, name := range names {
				form.Del(name)
			}
		}
	}
}

// with sets a parameter of a call, where another one is there.
func with(want, beside, name, value string) func(string, *http.Request, url.Values) {
	return func(call string, _ *http.Request, form url.Values) {
		if call == want && (beside == "" || form.Has(beside)) {
			form.Set(name, value)
		}
	}
}

// shows sets a field of the answers to a call.
func shows(want, name string, value any) func(string, url.Values, *told) {
	return func(call string, _ url.Values, a *told) {
		if call == want && !a.refused() {
			a.body[name] = value
		}
	}
}

// accepts answers a refusal of a call with 200.
func accepts(want string, body map[string]any) func(string, url.Values, *told) {
	return func(call string, _ url.Values, a *told) {
		if call == want && a.refused() {
			a.become(http.StatusOK, body)
		}
	}
}

func breaks() []broken {
	const (
		customers, customer       = "POST customers", "POST customers/ID"
		subscriptions, update     = "POST subscriptions", "POST subscriptions/ID"
		cancel, readSubscription  = "DELETE subscriptions/ID", "GET subscriptions/ID"
		sessions, expire          = "POST checkout/sessions", "POST checkout/sessions/ID/expire"
		readCustomer, readInvoice = "GET customers/ID", "GET invoices/ID"
	)
	return []broken{
		{mistake: "takes unknown parameters", found: "api/unknown-parameter", ask: without(customers, "flavour")},
		{
			mistake: "forgets metadata in an update", found: "api/metadata-merges",
			tell: shows(customer, "metadata", map[string]any{"c": "3"}),
		},
		{
			mistake: "knows no idempotency keys", found: "idempotency/replay",
			ask: func(_ string, r *http.Request, _ url.Values) { r.Header.Del("Idempotency-Key") },
		},
		{
			mistake: "answers misused idempotency keys with 409", found: "idempotency/other-parameters",
			tell: func(call string, _ url.Values, a *told) {
				if call == customers && a.refused() {
					a.status = http.StatusConflict
				}
			},
		},
		{mistake: "begins every page anew", found: "lists/cursor", ask: without("GET prices", "starting_after")},
		{
			mistake: "loses deleted customers", found: "customers/deleted-is-marked",
			tell: func(call string, _ url.Values, a *told) {
				if call == readCustomer && a.body["deleted"] == true {
					a.become(http.StatusNotFound, gone())
				}
			},
		},
		{mistake: "sells in a second currency", found: "customers/second-currency", ask: without(sessions, "customer")},
		{mistake: "ignores a customer's credit", found: "customers/credit", ask: without(customers, "balance")},
		{
			mistake: "goes on selling archived prices", found: "prices/archived-is-not-sold",
			ask: with("POST prices/ID", "active", "active", "true"),
		},
		{
			mistake: "expires what is complete", found: "page/complete-cannot-expire",
			tell: accepts(expire, map[string]any{"status": "expired"}),
		},
		{
			mistake: "does not expire what is open", found: "sessions/open-can-expire",
			tell: func(call string, _ url.Values, a *told) {
				if call == expire {
					a.become(http.StatusBadRequest, gone())
				}
			},
		},
		{
			mistake: "encodes the placeholder of an URL", found: "sessions/url-unchanged",
			tell: func(call string, form url.Values, a *told) {
				if call == sessions && !a.refused() {
					a.body["success_url"] = strings.ReplaceAll(form.Get("success_url"), "{CHECKOUT_SESSION_ID}", "%7BCHECKOUT_SESSION_ID%7D")
				}
			},
		},
		{
			mistake: "takes a quantity for a metered price", found: "sessions/metered-quantity",
			ask: without(sessions, "line_items[0][quantity]"),
		},
		{
			mistake: "lists ended subscriptions among the live ones", found: "creation/lists",
			ask: func(call string, _ *http.Request, form url.Values) {
				if call == "GET subscriptions" && !form.Has("status") {
					form.Set("status", "all")
				}
			},
		},
		{
			mistake: "does not say that there are other items", found: "creation/items-by-page",
			tell: func(call string, _ url.Values, a *told) {
				if items, ok := a.body["items"].(map[string]any); ok && call == subscriptions {
					items["has_more"] = false
				}
			},
		},
		{
			mistake: "leaves a subscription after a declined creation", found: "creation/declined-error",
			ask: with(subscriptions, "payment_behavior", "payment_behavior", "allow_incomplete"),
		},
		{
			mistake: "changes an incomplete subscription", found: "incomplete/items-cannot-change",
			tell: accepts(update, map[string]any{"object": "subscription"}),
		},
		{
			mistake: "cancels what is incomplete", found: "incomplete/canceled-is-expired",
			tell: shows(cancel, "status", "canceled"),
		},
		{
			mistake: "keeps the quantity of another price", found: "updates/price-resets-quantity",
			ask: func(call string, _ *http.Request, form url.Values) {
				if call == update && form.Has("items[0][price]") && !form.Has("items[0][quantity]") {
					form.Set("items[0][quantity]", "3")
				}
			},
		},
		{
			mistake: "changes the plan although the payment failed", found: "payments/error-declined",
			ask: with(update, "payment_behavior", "payment_behavior", "allow_incomplete"),
		},
		{
			mistake: "applies an update that is not paid", found: "payments/pending-declined",
			ask: with(update, "payment_behavior", "payment_behavior", "allow_incomplete"),
		},
		{
			mistake: "previews for another time", found: "prorations/preview-equals-invoice",
			ask: without("GET invoices/upcoming", "subscription_proration_date"),
		},
		{
			mistake: "invoices what should wait", found: "prorations/create-waits",
			ask: with(update, "", "proration_behavior", "always_invoice"),
		},
		{
			mistake: "loses canceled subscriptions", found: "cancel/can-be-retrieved",
			tell: func(call string, _ url.Values, a *told) {
				if call == readSubscription && a.body["status"] == "canceled" {
					a.become(http.StatusNotFound, gone())
				}
			},
		},
		{mistake: "cancels twice", found: "cancel/twice", tell: accepts(cancel, map[string]any{"status": "canceled"})},
		{mistake: "invoices each cancellation", found: "cancel/pending-removed", ask: with(cancel, "", "invoice_now", "true")},
		{mistake: "never invoices a cancellation", found: "cancel/invoice-now", ask: without(cancel, "invoice_now")},
		{
			mistake: "tells no metadata of the subscription on invoices", found: "clock/renewal-metadata",
			tell: shows(readInvoice, "subscription_details", nil),
		},
		{
			mistake: "counts each refund alone", found: "refunds/add-up",
			tell: func(call string, _ url.Values, a *told) {
				if call == "GET charges/ID" && a.body["amount_refunded"] == float64(500) {
					a.body["amount_refunded"] = 200
				}
			},
		},
		{
			mistake: "stays active after a declined renewal", found: "clock/declined",
			tell: shows(readSubscription, "status", "active"),
		},
		{
			mistake: "tells of an end as of a change", found: "events/canceled",
			tell: func(call string, _ url.Values, a *told) {
				for _, event := range a.list() {
					if call == "GET events" && event["type"] == "customer.subscription.deleted" {
						event["type"] = "customer.subscription.updated"
					}
				}
			},
		},
		{
			mistake: "does not name the request of an event", found: "events/request",
			tell: func(call string, _ url.Values, a *told) {
				for _, event := range a.list() {
					if call == "GET events" {
						event["request"] = map[string]any{"id": nil, "idempotency_key": nil}
					}
				}
			},
		},
	}
}

func TestEachBrokenFakeIsFoundByItsBelief(t *testing.T) {
	t.Parallel()
	for _, fake := range breaks() {
		t.Run(fake.mistake, func(t *testing.T) {
			t.Parallel()
			cfg, _ := against(t, fake.spoil)
			cfg.Only = []string{fake.found}
			report, err := conformance.Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if report.Count(conformance.Refuted) != 1 {
				t.Errorf("a fake that %s was not found:\n%+v", fake.mistake, report.Results)
			}
		})
	}
}
