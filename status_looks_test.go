package paymount_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/stripetest"
)

// open opens the success page of a session many times at once, and returns the answers as they come.
func (b *bundle) open(session, query string, times int) <-chan answer {
	answers := make(chan answer, times)
	for range times {
		go func() { answers <- b.as(user, http.MethodGet, "/billing/checkout-session/"+session+query, nil) }()
	}
	return answers
}

func TestRequestsThatWaitForASessionShareItsPoll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session := b.mustCheckout()
	b.stripe.ResetCalls()
	began := time.Now()
	answers := b.open(session, "?wait=3", 60)
	for range 60 {
		a := <-answers
		want(t, "status", a.status, http.StatusOK)
		want(t, "session", a.text("status"), "open")
	}
	looks := len(b.stripe.Calls(http.MethodGet, "/v1/checkout/sessions/*"))
	if limit := 20 + int(time.Since(began).Seconds()); looks > limit { // the first ones of each, shared, and one a second
		t.Errorf("%d looks in %s, want at most %d", looks, time.Since(began), limit)
	}
}

func TestAUserWaitsOnlySoManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session := b.mustCheckout()
	answers := b.open(session, "?wait=25", 20)
	for range 12 {
		want(t, "those beyond the eighth", (<-answers).text("status"), "open")
	}
	other := b.as("another", http.MethodPost, "/billing/checkout-session", b.order()).text("session_id")
	b.must(b.stripe.Complete(other))
	a := b.as("another", http.MethodGet, "/billing/checkout-session/"+other+"?wait=25", nil)
	want(t, "another user's", a.text("status"), "complete")
	b.must(b.stripe.Complete(session))
	for range 8 {
		want(t, "those who waited", (<-answers).text("status"), "complete")
	}
	want(t, "afterwards", (<-b.open(session, "?wait=25", 1)).text("status"), "complete")
}

func TestALookThatBeganBeforeARequestIsNotItsAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session := b.mustCheckout()
	hit, release := make(chan struct{}), make(chan struct{})
	b.inject(stripetest.Fault{
		Method: http.MethodGet, Path: "/v1/checkout/sessions/*", Times: 1, Acted: true, Wait: release,
		OnHit: func(stripetest.Call) { close(hit) },
	})
	early := b.open(session, "", 1)
	<-hit
	b.must(b.stripe.Complete(session))
	late := b.open(session, "", 3)
	close(release)
	want(t, "before", (<-early).text("status"), "open")
	for range 3 {
		want(t, "after", (<-late).text("status"), "complete")
	}
}

func TestASessionThatStripeDoesNotKnowIsAskedForOnceInAWhile(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share)
	for _, looks := range []int{1, 1, 1, 2} {
		for _, who := range []string{user, "another"} {
			a := b.as(who, http.MethodGet, "/billing/checkout-session/cs_test_none?wait=5", nil)
			want(t, "code", a.code(), "not_found")
		}
		want(t, "looks", len(b.stripe.Calls(http.MethodGet)), looks)
		b.advance(clock, 2*time.Second)
	}
}

func TestWhatTheHookChangesIsForItsSessionOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.CheckoutOptions = checkout.Options{PaymentMethodTypes: []string{"card"}}
		c.CustomizeCheckout = func(_ context.Context, id auth.Identity, s *checkout.SessionParams) error {
			if id.UserID == user {
				s.PaymentMethodTypes[0] = "sepa_debit"
			}
			return nil
		}
	})
	for _, who := range []string{user, "another"} {
		want(t, "status", b.as(who, http.MethodPost, "/billing/checkout-session", b.order()).status, http.StatusOK)
	}
	var types []string
	for _, c := range b.stripe.Calls(http.MethodPost, "/v1/checkout/sessions") {
		types = append(types, c.Form.Get("payment_method_types[0]"))
	}
	want(t, "payment methods", strings.Join(types, " "), "sepa_debit card")
}
