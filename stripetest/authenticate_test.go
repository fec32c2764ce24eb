package stripetest_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

const authCard = "4000 0027 6000 3184"

// press posts a form on a hosted page and returns where the browser is sent.
func press(t *testing.T, target string, form url.Values) (status int, page, location string) {
	t.Helper()
	status, page, location = browse(t, "POST", target, form)
	if strings.HasPrefix(location, "/") {
		base, err := url.Parse(target)
		must(t, err)
		location = base.Scheme + "://" + base.Host + location
	}
	return status, page, location
}

func TestACardThatAsksForAuthenticationPaysAfterIt(t *testing.T) {
	t.Parallel()
	for name, price := range map[string]stripetest.PriceSpec{
		"payment": {Product: "Book", Amount: 2500}, "subscription": {Product: "Pro", Amount: 1900, Interval: "month"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := stripetest.New(t)
			id := openSession(t, newClient(t, srv), srv.AddPrice(price))
			card := url.Values{"email": {"a@example.com"}, "card": {authCard}}
			status, _, bank := press(t, srv.URL+"/c/pay/"+id, card)
			if status != 303 || !strings.HasSuffix(bank, id+"/authenticate") {
				t.Fatalf("status %d to %q", status, bank)
			}
			if intent := srv.PaymentIntents()[0]; intent.Status != "requires_action" || len(srv.PaymentIntents()) != 1 {
				t.Errorf("the payment is %+v", intent)
			}
			_, page, _ := browse(t, "GET", bank, nil)
			contains(t, page, `value="complete"`, `value="fail"`)

			status, page, _ = press(t, bank, url.Values{"answer": {"fail"}})
			contains(t, page, "could not be authenticated", `role="alert"`, `action="/c/pay/`+id+`"`)
			if intent := srv.PaymentIntents()[0]; status != 402 || intent.Status != "requires_payment_method" {
				t.Errorf("after a failure: %d, %+v", status, intent)
			}
			if _, _, again := press(t, srv.URL+"/c/pay/"+id, card); again != bank {
				t.Errorf("trying again leads to %q", again)
			}
			status, _, target := press(t, bank, url.Values{"answer": {"complete"}})
			if status != 303 || target != "https://shop.example/ok?s="+id {
				t.Errorf("status %d to %q", status, target)
			}
			session, _ := srv.Session(id)
			if session.PaymentStatus != "paid" || len(srv.PaymentIntents()) != 1 || len(srv.Subscriptions()) > 1 {
				t.Errorf("the session is %s, of %d payments", session.PaymentStatus, len(srv.PaymentIntents()))
			}
			if status, _, _ := press(t, bank, url.Values{"answer": {"complete"}}); status != 200 {
				t.Errorf("completing twice answered %d", status)
			}
		})
	}
}

func TestATrialBeginsAfterAuthentication(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	id := openSession(t, newClient(t, srv), monthly(srv), "subscription_data[trial_period_days]", "14")
	_, _, bank := press(t, srv.URL+"/c/pay/"+id, url.Values{"email": {"a@example.com"}, "card": {"4000 0025 0000 3155"}})
	if len(srv.Subscriptions()) != 0 {
		t.Error("the trial has begun before the authentication")
	}
	press(t, bank, url.Values{"answer": {"complete"}})
	if subs := srv.Subscriptions(); len(subs) != 1 || subs[0].Status != "trialing" {
		t.Errorf("subscriptions = %+v", subs)
	}
}

func TestATrialTakesACardThatWillBeDeclined(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := openSession(t, s.c, monthly(s.srv), "subscription_data[trial_period_days]", "14")
	card := url.Values{"email": {"a@example.com"}, "card": {"4000 0000 0000 0341"}}
	if status, page, _ := press(t, s.srv.URL+"/c/pay/"+id, card); status != 303 {
		t.Fatalf("status %d: %s", status, page)
	}
	s.sub = s.srv.Subscriptions()[1]
	s.now.advance(14 * 24 * time.Hour)
	if got := s.current().Status; got != "past_due" {
		t.Errorf("after the trial: %s", got)
	}
}

// authShop is a shop whose customer's card asks for authentication at every payment.
func authShop(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	must(t, s.srv.Complete(openSession(t, s.c, monthly(s.srv)), stripetest.Buyer{Card: cardDigits}))
	s.sub = s.srv.Subscriptions()[1]
	return s
}

const cardDigits = "4000002760003184"

func TestARenewalCanWaitForAuthentication(t *testing.T) {
	t.Parallel()
	s := authShop(t)
	s.now.advance(28 * 24 * time.Hour)
	s.srv.Tick()
	invoice := s.latest()
	hosted := s.c.get("/v1/invoices/"+invoice.ID, "expand[]", "payment_intent").ok()
	hosted.equal(map[string]any{
		"status": "open", "payment_intent.status": "requires_action", "payment_intent.next_action.type": "use_stripe_sdk",
	})
	if got := s.current().Status; got != "past_due" {
		t.Errorf("status = %s", got)
	}
	settle(t, s.srv)
	s.box.last(t, "invoice.payment_action_required").equal(map[string]any{"data.object.id": invoice.ID})
	s.box.last(t, "payment_intent.requires_action")
	s.box.last(t, "invoice.payment_failed").equal(map[string]any{"data.object.id": invoice.ID})

	target, _ := hosted.at("hosted_invoice_url").(string)
	_, page, _ := browse(t, "GET", target, nil)
	contains(t, page, "38.00 USD", "Confirm the payment", "2 × Pro")
	status, page, _ := press(t, target+"/authenticate", url.Values{"answer": {"fail"}})
	contains(t, page, "could not be authenticated", `<label for="card">`)
	if status != 402 {
		t.Errorf("a failed authentication answered %d", status)
	}
	if status, page, _ := press(t, target, url.Values{"card": {"4000 0000 0000 0002"}}); status != 402 {
		t.Errorf("a declined card answered %d: %s", status, page)
	}
	_, _, bank := press(t, target, url.Values{"card": {authCard}})
	if bank != target+"/authenticate" {
		t.Fatalf("the card leads to %q", bank)
	}
	if _, _, back := press(t, bank, url.Values{"answer": {"complete"}}); back != target {
		t.Errorf("the bank leads to %q", back)
	}
	if got, sub := s.latest(), s.current(); got.Status != "paid" || sub.Status != "active" || got.AttemptCount != 3 {
		t.Errorf("after the authentication: %s after %d tries, %s", got.Status, got.AttemptCount, sub.Status)
	}
	_, page, _ = browse(t, "GET", target, nil)
	if strings.Contains(page, "<form") {
		t.Error("a paid invoice can be paid")
	}
	if status, _, _ := browse(t, "GET", s.srv.URL+"/i/x", nil); status != 404 {
		t.Errorf("an unknown invoice page answered %d", status)
	}
}

func TestAnUpdateCanWaitForAuthentication(t *testing.T) {
	t.Parallel()
	s := authShop(t)
	team := s.price("Team", 9900, "month")
	now := []string{"proration_behavior", "always_invoice"}
	s.update(team, append(now, "payment_behavior", "error_if_incomplete")...).
		refused(402, "subscription_payment_intent_requires_action", "")
	s.update(team, append(now, "payment_behavior", "pending_if_incomplete")...).ok()
	intent := s.latest().PaymentIntent
	must(t, s.srv.Authenticate(intent, false))
	if got := s.current(); got.PendingUpdate == nil {
		t.Error("a failed authentication ended the pending update")
	}
	must(t, s.srv.SetCardFails(s.sub.Customer, false))
	must(t, s.srv.PayInvoice(s.latest().ID))
	if got := s.current(); got.PendingUpdate != nil || got.Items[0].Price != team.ID {
		t.Errorf("after the payment: %+v", got)
	}
	if err := s.srv.Authenticate(intent, true); !errors.Is(err, stripetest.ErrState) {
		t.Errorf("Authenticate of a paid one = %v", err)
	}
	if err := s.srv.Authenticate("pi_x", true); !errors.Is(err, stripetest.ErrNotFound) {
		t.Errorf("Authenticate of nothing = %v", err)
	}
}

func TestThePortalManagesASubscription(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	portal := s.c.post("/v1/billing_portal/sessions", "customer", s.sub.Customer, "return_url", "https://shop.example/me").ok()
	target, _ := portal.at("url").(string)
	act := func(form url.Values) string {
		t.Helper()
		status, page, location := press(t, target, form)
		if status != 303 {
			t.Fatalf("%v answered %d: %s", form, status, page)
		}
		_, page, _ = browse(t, "GET", location, nil)
		return page
	}
	plan := func(action string) url.Values { return url.Values{"action": {action}, "subscription": {s.sub.ID}} }
	seen := s.seen()

	contains(t, act(plan("cancel")), "Ends on 28 Feb 2026", "Keep Pro", `role="status"`)
	if got := s.current(); !got.CancelAtPeriodEnd {
		t.Errorf("after cancelling: %+v", got)
	}
	must(t, s.srv.ScheduleCancelAt(s.sub.ID, s.now.now().Add(48*time.Hour)))
	contains(t, act(plan("keep")), "Renews on 28 Feb 2026", "Cancel Pro")
	if got := s.current(); got.CancelAtPeriodEnd || got.CancelAt != 0 {
		t.Errorf("after keeping it: %+v", got)
	}
	contains(t, act(url.Values{"action": {"card"}, "card": {"4000 0000 0000 0341"}}), "Visa ending in 0341")
	s.wantCardFails(true)
	if got, want := s.since(seen), []string{
		"customer.subscription.updated", "customer.subscription.updated", "customer.subscription.updated",
		"payment_method.attached", "customer.updated", "customer.subscription.updated",
	}; !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}

	s.now.advance(28 * 24 * time.Hour)
	s.srv.Tick()
	invoice := s.latest()
	_, page, _ := browse(t, "GET", target, nil)
	contains(t, page, "Past due", "28 Feb 2026", "Invoice "+invoice.Number, "https://shop.example/me")
	act(url.Values{"action": {"card"}, "card": {"4242 4242 4242 4242"}})
	s.wantCardFails(false)
	s.now.advance(3 * 24 * time.Hour)
	if got := s.current(); got.Status != "active" {
		t.Errorf("the new card was not charged: %s", got.Status)
	}
}

func (s *shop) wantCardFails(want bool) {
	s.t.Helper()
	if got, err := s.srv.CardFails(s.sub.ID); err != nil || got != want {
		s.t.Errorf("the card fails: %t, %v, want %t", got, err, want)
	}
}

func TestThePortalRefusesWhatIsNotPossible(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	target, _ := s.c.post("/v1/billing_portal/sessions", "customer", s.sub.Customer).ok().at("url").(string)
	other := subscribe(t, s.srv, monthly(s.srv))
	scheduled, err := s.srv.AddSubscription(s.sub.Customer, s.sub.Items[0].Price, nil)
	must(t, err)
	_, err = s.srv.SetSchedule(scheduled.ID)
	must(t, err)
	for _, form := range []url.Values{
		{"action": {"cancel"}, "subscription": {other.ID}},     // somebody else's
		{"action": {"cancel"}, "subscription": {scheduled.ID}}, // a schedule decides
		{"action": {"card"}, "card": {"1"}},
		{"action": {"card"}, "card": {"4000 0000 0000 0002"}},
		{"action": {"sing"}},
	} {
		if status, page, _ := press(t, target, form); status != 422 || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%v answered %d", form, status)
		}
	}
	if got, _ := s.srv.Subscription(other.ID); got.CancelAtPeriodEnd {
		t.Error("somebody else's subscription was cancelled")
	}
	if status, _, _ := press(t, s.srv.URL+"/p/session/x", url.Values{"action": {"cancel"}}); status != 404 {
		t.Errorf("an unknown page answered %d", status)
	}
}

func TestHostedPagesAreStrict(t *testing.T) {
	t.Parallel()
	s := authShop(t)
	target, _ := s.c.post("/v1/billing_portal/sessions", "customer", s.sub.Customer).ok().at("url").(string)
	hosted, _ := s.c.get("/v1/invoices/" + s.sub.LatestInvoice).ok().at("hosted_invoice_url").(string)
	for _, page := range []string{target, hosted} {
		_, body, _ := browse(t, "GET", page, nil)
		if strings.Contains(body, "<script") || strings.Contains(body, "<link") || strings.Contains(body, "style=") {
			t.Errorf("%s is not plain", page)
		}
		contains(t, body, `<html lang="en">`, `content="light dark"`, "prefers-color-scheme: dark", "No real payment")
	}
}
