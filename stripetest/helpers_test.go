package stripetest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// client calls the API as an application would, with one key.
type client struct {
	t      *testing.T
	base   string
	key    string
	header http.Header
}

func newClient(t *testing.T, srv *stripetest.Server) *client {
	t.Helper()
	return &client{t: t, base: srv.URL, key: stripetest.TestKey, header: http.Header{}}
}

func (c *client) with(header, value string) *client {
	out := *c
	out.header = c.header.Clone()
	out.header.Set(header, value)
	return &out
}

func (c *client) withKey(key string) *client {
	out := *c
	out.key = key
	return &out
}

// answer is a decoded answer.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   map[string]any
	err    error // why there was no answer
}

func (c *client) do(method, path string, pairs ...string) answer {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	target, body := c.base+path, io.Reader(nil)
	if method == http.MethodPost {
		body = strings.NewReader(values.Encode())
	} else if len(values) > 0 {
		target += "?" + values.Encode()
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, target, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header = c.header.Clone()
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return answer{t: c.t, err: err}
	}
	defer func() { must(c.t, resp.Body.Close()) }()
	out := answer{t: c.t, status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&out.body); err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

func (c *client) post(path string, pairs ...string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, path, pairs...)
}

func (c *client) get(path string, pairs ...string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, pairs...)
}

// ok fails the test unless the answer is a 200.
func (a answer) ok() answer {
	a.t.Helper()
	if a.err != nil || a.status != http.StatusOK {
		a.t.Fatalf("status %d, error %v, body %v; want 200", a.status, a.err, a.body)
	}
	return a
}

// refused fails the test unless the answer is this refusal.
func (a answer) refused(status int, code, param string) {
	a.t.Helper()
	if a.status != status || a.at("error.code") != orNil(code) || a.at("error.param") != orNil(param) {
		a.t.Errorf("status %d, error %v; want %d, code %q, param %q", a.status, a.body["error"], status, code, param)
	}
	if a.at("error.message") == nil || a.at("error.type") == nil {
		a.t.Errorf("the error has no message or no type: %v", a.body)
	}
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// at reads a value by a path such as "items.data.0.price.id"; nil where there is nothing.
func (a answer) at(path string) any { return at(a.body, path) }

func (a answer) id() string {
	a.t.Helper()
	id, ok := a.at("id").(string)
	if !ok {
		a.t.Fatalf("no id in %v", a.body)
	}
	return id
}

// ids are the ids of a list.
func (a answer) ids() []string {
	a.t.Helper()
	rows, _ := a.at("data").([]any)
	out := []string{}
	for _, row := range rows {
		id, _ := at(row, "id").(string)
		out = append(out, id)
	}
	return out
}

func at(value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			if step != "0" || len(v) == 0 {
				return nil
			}
			value = v[0]
		default:
			return nil
		}
	}
	return value
}

// equal compares values by paths with what is wanted; numbers are given as float64, as JSON has them.
func (a answer) equal(want map[string]any) {
	a.t.Helper()
	for path, value := range want {
		if got := a.at(path); got != value {
			a.t.Errorf("%s = %#v, want %#v", path, got, value)
		}
	}
}

// inbox is a webhook endpoint that keeps what it gets.
type inbox struct {
	*httptest.Server

	mu       sync.Mutex
	statuses []int // to answer with, one after the other; then 200
	got      []delivery
}

type delivery struct {
	event     map[string]any
	body      []byte
	signature string
}

func newInbox(t *testing.T, statuses ...int) *inbox {
	t.Helper()
	box := &inbox{statuses: statuses}
	box.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("webhook body: %v", err)
		}
		d := delivery{body: body, signature: r.Header.Get("Stripe-Signature")}
		if err := json.Unmarshal(body, &d.event); err != nil {
			t.Errorf("webhook body: %v", err)
		}
		box.mu.Lock()
		defer box.mu.Unlock()
		box.got = append(box.got, d)
		if len(box.statuses) > 0 {
			w.WriteHeader(box.statuses[0])
			box.statuses = box.statuses[1:]
		}
	}))
	t.Cleanup(box.Close)
	return box
}

// events are the deliveries so far.
func (b *inbox) events() []delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]delivery{}, b.got...)
}

func (b *inbox) types() []string {
	out := []string{}
	for _, d := range b.events() {
		eventType, _ := d.event["type"].(string)
		out = append(out, eventType)
	}
	return out
}

// last is the newest event of a type.
func (b *inbox) last(t *testing.T, eventType string) answer {
	t.Helper()
	var found map[string]any
	for _, d := range b.events() {
		if d.event["type"] == eventType {
			found = d.event
		}
	}
	if found == nil {
		t.Fatalf("no event %s among %v", eventType, b.types())
	}
	return answer{t: t, body: found}
}

func addWebhook(t *testing.T, account *stripetest.Account, w stripetest.Webhook) *stripetest.Endpoint {
	t.Helper()
	if w.Secrets == nil {
		w.Secrets = []string{"whsec_test"}
	}
	endpoint, err := account.AddWebhook(w)
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

func settle(t *testing.T, srv *stripetest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := srv.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// openSession makes a session over the API, in subscription mode for a recurring price.
func openSession(t *testing.T, c *client, price stripetest.Price, more ...string) string {
	t.Helper()
	mode := "payment"
	if price.Recurring() {
		mode = "subscription"
	}
	return c.post("/v1/checkout/sessions", append([]string{
		"mode", mode, "success_url", "https://shop.example/ok?s={CHECKOUT_SESSION_ID}",
		"cancel_url", "https://shop.example/back", "line_items[0][price]", price.ID, "line_items[0][quantity]", "2",
	}, more...)...).ok().id()
}

func monthly(srv *stripetest.Server) stripetest.Price {
	return srv.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1900, Interval: "month"})
}

func oneOff(srv *stripetest.Server) stripetest.Price {
	return srv.AddPrice(stripetest.PriceSpec{Product: "Book", Amount: 2500})
}
