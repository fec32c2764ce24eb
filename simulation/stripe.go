package simulation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/paymount/paymount/stripetest"
)

// toStripe is the app's way to Stripe: the fake's handler is called where a network would be, with a stop before Stripe
// gets the call and one before its answer is read.
type toStripe struct{ w *world }

func (t toStripe) RoundTrip(r *http.Request) (*http.Response, error) {
	k := taskOf(r.Context())
	what, about := operation(r)
	f, err := k.stop(r.Context(), point{what: what, about: about, faults: stripeFaults()})
	switch {
	case err != nil:
		return nil, err
	case f == stripeUnreached:
		return nil, errLost
	}
	t.w.cancels(k, what, about)
	answer, err := t.w.callStripe(r, f)
	if err != nil {
		return nil, err
	}
	_, err = k.stop(r.Context(), point{what: what, about: about, after: true})
	switch {
	case err != nil:
		return nil, err
	case f == stripeLost:
		return nil, errLost
	}
	return answer, nil
}

// operation says what a call is: the method and the path, and the object that stands in the path.
func operation(r *http.Request) (what, about string) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	for i, part := range parts {
		if prefix, _, found := strings.Cut(part, "_"); found && len(part) > len(prefix)+10 {
			about, parts[i] = part, "ID"
		}
	}
	return r.Method + " " + strings.Join(parts, "/"), about
}

// cancels looks whether a checkout is about to cancel what has been paid, or is being paid.
func (w *world) cancels(k *task, what, about string) {
	if what != "DELETE subscriptions/ID" || k.what != "POST /checkout-session" {
		return
	}
	for _, s := range w.scopes {
		sub, ok := s.account.Subscription(about)
		if !ok {
			continue
		}
		invoice, _ := s.account.Invoice(sub.LatestInvoice)
		intent, _ := s.account.PaymentIntent(invoice.PaymentIntent)
		w.mu.Lock()
		w.stats.Checks++
		if sub.Status != "incomplete" && sub.EndedAt == 0 || invoice.Status == "paid" || intent.Status == "processing" {
			w.violatedf("a checkout cancels nothing that is paid or being paid", "%s is %s, its invoice %s and its payment %s",
				w.name(about), sub.Status, invoice.Status, intent.Status)
		}
		w.mu.Unlock()
	}
}

// callStripe lets the fake execute a call, and fail if it has to.
func (w *world) callStripe(r *http.Request, f fault) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.RequestURI(), bytes.NewReader(body))
	in.Header = r.Header.Clone()
	remove, err := w.inject(in, f)
	if err != nil {
		return nil, err
	}
	out := httptest.NewRecorder()
	w.stripe.ServeHTTP(out, in)
	remove()
	w.overheard(r, out)
	return out.Result(), nil
}

// inject lets the next such call fail.
func (w *world) inject(r *http.Request, f fault) (remove func(), err error) {
	failure := stripetest.Fault{Method: r.Method, Path: r.URL.Path, Status: http.StatusInternalServerError}
	switch f {
	case stripeLimits:
		failure.Status = http.StatusTooManyRequests
	case stripeFails:
	case stripeFailsKept:
		failure.Remember = true
	case stripeActs500:
		failure.Acted = true
	default:
		return func() {}, nil
	}
	return w.stripe.Inject(failure)
}

// overheard takes note of what Stripe was asked and of the text of its refusals, which no answer and no log may hold.
func (w *world) overheard(r *http.Request, out *httptest.ResponseRecorder) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.scopes {
		if r.Header.Get("Authorization") == "Bearer "+s.key {
			s.touched = true
		}
	}
	if out.Code < http.StatusBadRequest {
		return
	}
	var refusal struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(out.Body.Bytes(), &refusal) == nil && refusal.Error.Message != "" {
		w.secrets[refusal.Error.Message] = true
	}
}

// toApp is Stripe's way to the app's webhooks. The process that takes a delivery is that of the task that makes it.
type toApp struct{}

func (toApp) RoundTrip(r *http.Request) (*http.Response, error) {
	k := taskOf(r.Context())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.RequestURI(), bytes.NewReader(body))
	in.Header = r.Header.Clone()
	out, err := k.serve(in)
	if err != nil {
		return nil, err
	}
	return out.Result(), nil
}

// serve lets the task's process answer a request. It fails when the process was killed meanwhile, or the client has left.
func (k *task) serve(r *http.Request) (*httptest.ResponseRecorder, error) {
	out := httptest.NewRecorder()
	k.process.handler.ServeHTTP(out, r)
	if k.process.killed() {
		return nil, errKilled
	}
	k.w.judge(k, r, out)
	if k.ctx.Err() != nil {
		return nil, errors.Join(errLost, k.ctx.Err())
	}
	return out, nil
}
