package paymount_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/stripetest"
)

// declined lets the test's user fail to pay in a session that stays open, and returns it with its incomplete subscription.
func (b *bundle) declined() (session string, sub stripetest.Subscription) {
	b.t.Helper()
	session = b.mustCheckout()
	b.must(b.stripe.Decline(session))
	b.settle()
	subs := b.stripe.Subscriptions()
	sub = subs[len(subs)-1]
	want(b.t, "status", b.status(user), "incomplete")
	b.stripe.ResetCalls()
	return session, sub
}

// payOnInvoicePage pays an invoice on Stripe's own page.
func (b *bundle) payOnInvoicePage(id string) {
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.stripe.URL+"/v1/invoices/"+id, http.NoBody)
	if err != nil {
		b.t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+stripetest.TestKey)
	res, err := b.server.Client().Do(req)
	if err != nil {
		b.t.Error(err)
		return
	}
	defer res.Body.Close()
	var invoice struct {
		URL string `json:"hosted_invoice_url"`
	}
	if err := json.NewDecoder(res.Body).Decode(&invoice); err != nil {
		b.t.Error(err)
	}
	form := strings.NewReader(url.Values{"card": {"4242 4242 4242 4242"}}.Encode())
	req, err = http.NewRequestWithContext(b.t.Context(), http.MethodPost, invoice.URL, form)
	if err != nil {
		b.t.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	page, err := b.server.Client().Do(req)
	if err != nil {
		b.t.Error(err)
		return
	}
	_ = page.Body.Close()
	if got, _ := b.stripe.Invoice(id); got.Status != "paid" {
		b.t.Errorf("the invoice is %s after it was paid on its page", got.Status)
	}
}

func TestTheSameRequestGetsTheOpenSessionOfADeclinedPayment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	session, sub := b.declined()
	want(t, "session", b.mustCheckout(), session)
	truth, _ := b.stripe.Subscription(sub.ID)
	want(t, "subscription", truth.Status, "incomplete")
	b.must(b.stripe.Complete(session))
	b.settle()
	want(t, "my-subscription", b.status(user), "active")
	want(t, "subscriptions", len(b.stripe.Subscriptions()), 1)
}

func TestAnotherRequestEndsTheSessionAndThenTheUnpaidSubscription(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old, sub := b.declined()
	next := b.mustCheckout(map[string]any{"price_id": b.yearly.ID})
	want(t, "open sessions", strings.Join(b.openSessions(), ","), next)
	var calls []string
	for _, c := range b.stripe.Calls() {
		if c.Method != http.MethodGet {
			calls = append(calls, c.Method+" "+c.Path)
		}
	}
	want(t, "calls", strings.Join(calls, "\n"), strings.Join([]string{
		"POST /v1/checkout/sessions/" + old + "/expire",
		"POST /v1/invoices/" + sub.LatestInvoice + "/void",
		"DELETE /v1/subscriptions/" + sub.ID,
		"POST /v1/checkout/sessions",
	}, "\n"))
	invoice, _ := b.stripe.Invoice(sub.LatestInvoice)
	want(t, "invoice", invoice.Status, "void")
}

func TestASubscriptionThatIsPaidDuringAnotherCheckoutIsNotCancelled(t *testing.T) {
	t.Parallel()
	const inTheTab, onTheInvoicesPage = true, false
	looks := func(before int, after bool) stripetest.Fault {
		return stripetest.Fault{Method: "GET", Path: "/v1/subscriptions/*", Skip: before, Acted: after}
	}
	ends := func(after bool) stripetest.Fault {
		return stripetest.Fault{Method: "POST", Path: "/v1/checkout/sessions/*/expire", Acted: after}
	}
	for name, test := range map[string]struct {
		when stripetest.Fault
		tab  bool
	}{
		"before the guard looks":               {looks(0, false), inTheTab},
		"after the guard has looked":           {looks(0, true), inTheTab},
		"after the payment was looked at":      {looks(1, true), inTheTab},
		"before the session is ended":          {ends(false), inTheTab},
		"after the session has ended":          {ends(true), onTheInvoicesPage},
		"before it is looked at again":         {looks(2, false), onTheInvoicesPage},
		"after it has been looked at again":    {looks(2, true), onTheInvoicesPage},
		"after its payment is looked at":       {looks(3, true), onTheInvoicesPage},
		"before its invoice can be taken back": {stripetest.Fault{Method: "POST", Path: "/v1/invoices/*/void"}, onTheInvoicesPage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			session, sub := b.declined()
			b.stripe.Hold() // no webhook helps
			test.when.OnHit = func(stripetest.Call) {
				if test.tab {
					b.must(b.stripe.Complete(session))
				} else {
					b.payOnInvoicePage(sub.LatestInvoice)
				}
			}
			test.when.Times = 1
			b.inject(test.when)
			a := b.checkout(map[string]any{"price_id": b.yearly.ID})
			want(t, "status", a.status, http.StatusBadRequest)
			want(t, "code", a.code(), "subscription_exists")
			truth, _ := b.stripe.Subscription(sub.ID)
			want(t, "the paid subscription", truth.Status, "active")
			want(t, "open sessions", len(b.openSessions()), 0)
			want(t, "cancellations", len(b.stripe.Calls(http.MethodDelete)), 0)
		})
	}
}

func TestAnInvoiceThatIsPaidInTheMomentOfTheCancellationIsReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, sub := b.declined()
	b.inject(stripetest.Fault{Method: "POST", Path: "/v1/invoices/*/void", Status: http.StatusForbidden}) // as with a restricted key
	b.inject(stripetest.Fault{Method: "DELETE", Path: "/v1/subscriptions/*", OnHit: func(stripetest.Call) {
		b.payOnInvoicePage(sub.LatestInvoice)
	}})
	a := b.checkout(map[string]any{"price_id": b.yearly.ID})
	want(t, "status", a.status, http.StatusBadRequest)
	want(t, "code", a.code(), "subscription_exists")
	want(t, "open sessions", len(b.openSessions()), 0)
	for _, id := range []string{sub.ID, sub.LatestInvoice, "level=ERROR"} {
		want(t, id+" is in the log", strings.Contains(b.logs.String(), id), true)
	}
	b.settle()
	want(t, "payment", b.onlyPayment()["status"], any("succeeded"))
}

func TestAnInvoiceThatIsPaidWhileItsOwnerCancelsIsReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, sub := b.declined()
	b.inject(stripetest.Fault{Method: "POST", Path: "/v1/invoices/*/void", Status: http.StatusForbidden})
	b.inject(stripetest.Fault{Method: "DELETE", Path: "/v1/subscriptions/*", OnHit: func(stripetest.Call) {
		b.payOnInvoicePage(sub.LatestInvoice)
	}})
	a := b.post("cancel-subscription", nil)
	want(t, "subscription", a.text("status"), "canceled")
	for _, id := range []string{sub.ID, sub.LatestInvoice, "level=ERROR"} {
		want(t, id+" is in the log", strings.Contains(b.logs.String(), id), true)
	}
	b.settle()
	want(t, "payment", b.onlyPayment()["status"], any("succeeded"))
}

func TestAnIncompleteSubscriptionIsCancelledWhereItsInvoiceCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, sub := b.declined()
	b.inject(stripetest.Fault{Method: "POST", Path: "/v1/invoices/*/void", Status: http.StatusForbidden})
	b.mustCheckout(map[string]any{"price_id": b.yearly.ID})
	truth, _ := b.stripe.Subscription(sub.ID)
	want(t, "subscription", truth.Status, "incomplete_expired")
	want(t, "log", strings.Contains(b.logs.String(), "level=ERROR"), false)
}

func TestAPaymentOnItsWayIsNotCancelled(t *testing.T) {
	t.Parallel()
	plain := func(c *paymount.Config, _ *stripetest.Options) {
		c.HTTPClient = &http.Client{Transport: plainStripe{t, nil}}
	}
	nulls := func(_ *paymount.Config, o *stripetest.Options) { o.NullPaymentIntents = true }
	for shape, option := range map[string]option{
		"Stripe's answers": func(*paymount.Config, *stripetest.Options) {}, "plain answers": plain, "no intents in invoices": nulls,
	} {
		for _, how := range []string{"a bank debit", "micro-deposits"} {
			for _, webhooks := range []string{"told", "not told"} {
				t.Run(shape+", "+how+", "+webhooks, func(t *testing.T) {
					t.Parallel()
					b := setup(t, option, func(_ *paymount.Config, o *stripetest.Options) { o.DelayedIncomplete = true })
					b.onItsWay(how, webhooks == "told")
				})
			}
		}
	}
}

// onItsWay lets a first payment be made that takes days, and holds that nothing touches it until it has failed or arrived.
func (b *bundle) onItsWay(how string, told bool) {
	t := b.t
	pay := b.stripe.CompleteDelayed
	if how == "micro-deposits" {
		pay = b.stripe.CompleteUnverified
	}
	begin := func() (session string) {
		session = b.mustCheckout()
		if !told {
			b.stripe.Hold()
		}
		b.must(pay(session))
		if told {
			b.settle()
		}
		b.stripe.ResetCalls()
		for _, change := range []map[string]any{
			{}, {"price_id": b.yearly.ID}, {"allow_existing_subscription": true}, {"quantity": 2, "allow_existing_subscription": true},
		} {
			a := b.checkout(change)
			want(t, "status", a.status, http.StatusConflict)
			want(t, "code", a.code(), "payment_in_progress")
		}
		for _, c := range b.stripe.Calls() {
			if c.Method != http.MethodGet && !strings.HasSuffix(c.Path, "/expire") { // a session that is complete is not ended by that
				t.Errorf("touched: %s %s", c.Method, c.Path)
			}
		}
		b.stripe.Release()
		b.settle()
		return session
	}
	b.must(b.stripe.FailDelayed(begin()))
	b.settle()
	again := begin()
	b.must(b.stripe.SucceedDelayed(again))
	b.settle()
	want(t, "code once it has arrived", b.checkout().code(), "subscription_exists")
	want(t, "my-subscription", b.status(user), "active")
}

func TestASubscriptionThatWasNeverPaidDoesNotForfeitTheTrial(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	days := int64(0)
	offer := func(n int64) {
		mu.Lock()
		defer mu.Unlock()
		days = n
	}
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.CustomizeCheckout = func(_ context.Context, _ auth.Identity, s *checkout.SessionParams) error {
			mu.Lock()
			defer mu.Unlock()
			s.TrialDays = days
			return nil
		}
	})
	trial := func(change map[string]any) int64 {
		session, _ := b.stripe.Session(b.mustCheckout(change))
		return session.TrialDays
	}
	_, first := b.declined()
	offer(14)
	want(t, "trial beside an incomplete one", trial(map[string]any{"quantity": 2}), 14)
	b.settle()
	truth, _ := b.stripe.Subscription(first.ID)
	want(t, "the incomplete one", truth.Status, "incomplete_expired")
	want(t, "trial after one that expired", trial(map[string]any{"quantity": 3}), 14)
	b.buy(map[string]any{"quantity": 3})
	want(t, "status", b.status(user), "trialing")
	b.post("cancel-subscription", map[string]any{"cancel_immediately": true})
	want(t, "trial after a trial", trial(map[string]any{"quantity": 4}), 0)
}

func TestASubscriptionOfWhichPartIsPaidIsNotCancelled(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		b := setup(t, account)
		b.buy()
		sub := b.stripe.Subscriptions()[0]
		b.must(b.stripe.SetStatus(sub.ID, "incomplete"))
		_, err := b.stripe.PayPartOf(sub.LatestInvoice, 300)
		b.must(err)
		b.settle()
		b.stripe.ResetCalls()
		for _, a := range []answer{
			b.checkout(map[string]any{"price_id": b.yearly.ID}),
			b.as(user, http.MethodPost, "/billing/cancel-subscription", map[string]any{}),
		} {
			want(t, "status", a.status, http.StatusConflict)
			want(t, "code", a.code(), "payment_in_progress")
		}
		want(t, "voided", len(b.stripe.Calls(http.MethodPost, "/v1/invoices/*/void")), 0)
		want(t, "cancelled", len(b.stripe.Calls(http.MethodDelete)), 0)
	})
}
