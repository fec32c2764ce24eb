package paymount_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// patient is a Stripe that leaves subscriptions past_due for good.
func patient(_ *paymount.Config, o *stripetest.Options) { o.AfterRetries = "past_due" }

// gate is what the paid route answers.
func (b *bundle) gate() int {
	b.t.Helper()
	return b.as(user, http.MethodGet, "/pro", nil).status
}

func TestTheGraceOfAFailedRenewalIsCountedFromItsFirstFailure(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		clock := newClock()
		b := setup(t, account, clock.share, patient)
		b.buy(map[string]any{"price_id": b.yearly.ID})
		b.must(b.stripe.SetCardFails(b.customer(), true))
		b.advance(clock, 366*day)
		failed := b.only(b.store).PastDueSince
		want(t, "status", b.status(user), "past_due")
		for _, step := range []struct {
			passed time.Duration
			gate   int
		}{{6 * day, 204}, {7*day - time.Second, 204}, {7 * day, 402}, {60 * day, 402}} {
			b.advance(clock, failed.Add(step.passed).Sub(clock.time()))
			want(t, "gate "+step.passed.String()+" after the failure", b.gate(), step.gate)
			want(t, "first failure, as it is known then", b.only(b.store).PastDueSince, failed)
		}
		b.must(b.stripe.SetCardFails(b.customer(), false))
		invoices := b.stripe.Invoices()
		b.must(b.stripe.PayInvoice(invoices[len(invoices)-1].ID))
		b.settle()
		want(t, "gate once it is paid", b.gate(), http.StatusNoContent)
		want(t, "first failure once it is paid", b.only(b.store).PastDueSince.IsZero(), true)
	})
}

func TestFurtherUnpaidPeriodsBringNoFurtherGrace(t *testing.T) {
	t.Parallel()
	clock := newClock()
	b := setup(t, clock.share, patient, func(c *paymount.Config, _ *stripetest.Options) { c.PastDueGrace = 72 * time.Hour })
	b.buy()
	b.must(b.stripe.SetCardFails(b.customer(), true))
	b.advance(clock, 32*day)
	failed := b.only(b.store).PastDueSince
	b.advance(clock, failed.Add(71*time.Hour).Sub(clock.time()))
	want(t, "gate within the grace", b.gate(), http.StatusNoContent)
	b.advance(clock, 2*time.Hour)
	want(t, "gate after it", b.gate(), http.StatusPaymentRequired)
	for range 3 {
		b.advance(clock, 31*day)
		want(t, "gate in another unpaid period", b.gate(), http.StatusPaymentRequired)
		want(t, "first failure", b.only(b.store).PastDueSince, failed)
	}
	other := memstore.New()
	b.twin(other, func(c *paymount.Config, _ *stripetest.Options) { c.Now = clock.time }).reconcile(subscription.ReconcileOptions{})
	want(t, "first failure, as a reconciliation finds it", b.only(other).PastDueSince, failed)
}

func TestOnlyAPastDueSubscriptionCostsMoreCalls(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	want(t, "looks for unpaid invoices", len(b.stripe.Calls(http.MethodGet, "/v1/invoices")), 0)
	want(t, "looks for failed charges", len(b.stripe.Calls(http.MethodGet, "/v1/charges")), 0)
}
