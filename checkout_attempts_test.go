package paymount_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
)

// interrupted is a way to Stripe on which something happens before the first call to a path.
type interrupted struct {
	path string
	what func()
	once sync.Once
}

func (i *interrupted) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.URL.Path == i.path {
		i.once.Do(i.what)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// livingCustomers are the customers that have not been deleted.
func (b *bundle) livingCustomers() (ids []string) {
	for _, c := range b.stripe.Customers() {
		if !c.Deleted {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func TestACallThatComesAfterItsAttemptWasGivenUpLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/customers", "/v1/checkout/sessions"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			way := &interrupted{path: path}
			var config paymount.Config
			b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { config = *c })
			config.StripeURL = b.stripe.URL
			other := b.replica(config)
			config.HTTPClient = &http.Client{Transport: way}
			slow := b.replica(config)
			var sold string
			way.what = func() {
				b.inject(stripetest.Fault{Method: http.MethodPost, Path: path, Status: http.StatusInternalServerError, Times: 1})
				want(t, "the answer to a failure of Stripe's", other.checkout().status, http.StatusServiceUnavailable)
				sold = other.mustCheckout()
			}
			want(t, "the session that the late one gets", slow.mustCheckout(), sold)
			want(t, "customers", len(b.livingCustomers()), 1)
			want(t, "open sessions", len(b.openSessions()), 1)
			want(t, "and after that", b.mustCheckout(), sold)
		})
	}
}

func TestACustomerThatStripeKnowsWhenItIsAskedIsKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code   string
		status int
	}{
		"something else about the customer":        {"customer_tax_location_invalid", http.StatusBadGateway},
		"no such customer, whichever one is named": {"resource_missing", http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			remove := b.inject(stripetest.Fault{
				Method: http.MethodPost, Path: "/v1/checkout/sessions", Status: http.StatusBadRequest, Code: c.code, Param: "customer",
			})
			want(t, "answer", b.checkout().status, c.status)
			want(t, "customers of one request", len(b.stripe.Customers()), 1)
			remove()
			b.mustCheckout()
			want(t, "customers in the end", len(b.stripe.Customers()), 1)
		})
	}
}

func TestALostAnswerIsFoundWhateverStripeSaysNext(t *testing.T) {
	t.Parallel()
	for path, made := range map[string]func(*bundle) int{
		"/v1/customers":         func(b *bundle) int { return len(b.stripe.Customers()) },
		"/v1/checkout/sessions": func(b *bundle) int { return len(b.openSessions()) },
	} {
		for name, next := range map[string]stripetest.Fault{
			"401":               {Status: http.StatusUnauthorized},
			"403":               {Status: http.StatusForbidden},
			"idempotency_error": {Status: http.StatusBadRequest, Type: "idempotency_error"},
		} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				remove := b.inject(stripetest.Fault{Method: http.MethodPost, Path: path, Drop: true, Acted: true})
				want(t, "first answer", b.checkout().status, http.StatusServiceUnavailable)
				remove()
				next.Method, next.Path, next.Times = http.MethodPost, path, 1
				b.inject(next)
				if status := b.checkout().status; status != http.StatusBadGateway && status != http.StatusServiceUnavailable {
					t.Errorf("second answer: %d", status)
				}
				b.mustCheckout()
				want(t, "made", made(b), 1)
			})
		}
	}
}

func TestALookForLeftoversThatIsRefusedFindsNotNothing(t *testing.T) {
	t.Parallel()
	for path, list := range map[string]string{
		"/v1/customers":         "/v1/customers",
		"/v1/checkout/sessions": "/v1/checkout/sessions",
	} {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			b := setup(t, clock.share)
			remove := b.inject(stripetest.Fault{Method: http.MethodPost, Path: path, Drop: true, Acted: true})
			b.checkout()
			remove()
			b.advance(clock, 25*time.Hour)
			b.inject(stripetest.Fault{Method: http.MethodGet, Path: list, Status: http.StatusForbidden, Times: 1})
			b.stripe.ResetCalls()
			want(t, "while it is refused", b.checkout().status, http.StatusBadGateway)
			want(t, "made while it is refused", len(b.stripe.Calls(http.MethodPost, path)), 0)
			b.mustCheckout()
			want(t, "customers", len(b.stripe.Customers()), 1)
			want(t, "open sessions", len(b.openSessions()), 1)
		})
	}
}

func TestAClockThatIsFiveMinutesWrongMakesNoSecondCustomer(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-5 * time.Minute, -2 * time.Minute, 2 * time.Minute, 5 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			b := setup(t, clock.share, func(c *paymount.Config, _ *stripetest.Options) {
				c.Now = func() time.Time { return clock.time().Add(skew) }
			})
			b.inject(stripetest.Fault{
				Method: http.MethodPost, Path: "/v1/customers", Status: http.StatusInternalServerError, Acted: true, Times: 1,
			})
			want(t, "first answer", b.checkout().status, http.StatusServiceUnavailable)
			b.mustCheckout()
			want(t, "customers", len(b.stripe.Customers()), 1)
		})
	}
}

func TestTheGateForgetsWhomAnEventIsAboutThatAnotherReplicaHasDealtWith(t *testing.T) {
	t.Parallel()
	var config paymount.Config
	b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
		o.Hold = true
		config = *c
	})
	b.buyNow()
	config.StripeURL = b.stripe.URL
	other := b.replica(config)
	want(t, "the gate while it is paid", other.as(user, http.MethodGet, "/pro", nil).status, http.StatusNoContent)
	b.must(b.stripe.CancelSubscription(b.stripe.Subscriptions()[0].ID))
	for _, d := range b.stripe.Pending() { // each endpoint gets every event: the first one's replica applies it
		status, err := b.stripe.Deliver(t.Context(), d)
		b.must(err)
		want(t, d.Event.Type, status, http.StatusOK)
	}
	want(t, "the gate of the one that applied it", b.as(user, http.MethodGet, "/pro", nil).status, http.StatusPaymentRequired)
	want(t, "the gate of the other", other.as(user, http.MethodGet, "/pro", nil).status, http.StatusPaymentRequired)
}
