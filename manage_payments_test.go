package paymount_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// newerAccount is one whose invoices do not name their payment, and whose payments do not name their invoice.
func newerAccount(_ *paymount.Config, o *stripetest.Options) { o.NullPaymentIntents = true }

// bothAccounts runs a test with an older account and a newer one.
func bothAccounts(t *testing.T, test func(t *testing.T, account option)) {
	t.Helper()
	for name, account := range map[string]option{
		"older account": func(*paymount.Config, *stripetest.Options) {}, "newer account": newerAccount,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, account)
		})
	}
}

// paidTold collects the payments that the host is told of.
type paidTold struct {
	mu  sync.Mutex
	all []subscription.Payment
}

func (p *paidTold) option(c *paymount.Config, _ *stripetest.Options) {
	c.OnChange = func(_ context.Context, change subscription.Change) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if change.Payment != nil {
			p.all = append(p.all, *change.Payment)
		}
		return nil
	}
}

func (p *paidTold) payments() []subscription.Payment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.all)
}

// payments are the user's rows, newest first.
func (b *bundle) payments() (rows []map[string]any) {
	b.t.Helper()
	a := b.as(user, http.MethodGet, "/billing/my-payments", nil)
	list, _ := a.body["payments"].([]any)
	for _, row := range list {
		rows = append(rows, row.(map[string]any))
	}
	want(b.t, "total of my-payments", a.body["total"], any(float64(len(rows))))
	return rows
}

func TestAPaymentThatNeitherCheckoutNorAnInvoiceMadeIsNobodys(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		var told paidTold
		b := setup(t, account, told.option)
		b.mustCheckout()
		for name, metadata := range map[string]map[string]string{
			"none": nil, "the host's": {"order": "7"}, "another app's": {"user_id": user},
			"another project's": {"user_id": user, "project_id": "x"},
		} {
			refunded, err := b.stripe.AddPayment(b.customer(), 700, metadata)
			b.must(err)
			disputed, err := b.stripe.AddPayment(b.customer(), 900, metadata)
			b.must(err)
			b.settle()
			refund, err := b.stripe.Refund(refunded.ID, 0)
			b.must(err)
			b.must(b.stripe.FailRefund(refund.ID))
			_, err = b.stripe.Dispute(disputed.ID)
			b.must(err)
			b.settle()
			want(t, name+": rows", len(b.payments()), 0)
		}
		want(t, "told", len(told.payments()), 0)
		twin := b.twin(memstore.New())
		twin.reconcile(subscription.ReconcileOptions{})
		_, total, err := twin.store.Payments(t.Context(), subscription.Owner{Scope: testScope(), ID: user}, firstPage())
		want(t, "rows after a reconciliation", total, 0)
		b.must(err)
	})
}

func TestARefundThatComesBeforeItsInvoiceIsTheInvoices(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		var told paidTold
		b := setup(t, account, holding, told.option)
		b.must(b.stripe.Complete(b.mustCheckout()))
		invoice := b.stripe.Invoices()[0]
		_, err := b.stripe.Refund(invoice.PaymentIntent, 500)
		b.must(err)
		pending := b.stripe.Pending()
		slices.Reverse(pending) // the refund comes first
		for _, d := range pending {
			status, err := b.stripe.Deliver(t.Context(), d)
			b.must(err)
			want(t, d.Event.Type, status, http.StatusOK)
			if rows := b.payments(); len(rows) > 1 {
				t.Fatalf("after %s there are %d rows", d.Event.Type, len(rows))
			}
		}
		row := b.onlyPayment()
		want(t, "status", row["status"], any("partially_refunded"))
		want(t, "refunded", row["refunded_amount_cents"], any(500.0))
		want(t, "told of one-time payments", len(told.payments()), 0)
	})
}

func TestAnInvoiceThatIsPaidInPartsIsOneRow(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		clock := newClock()
		var told paidTold
		b := setup(t, account, clock.share, told.option)
		b.buy()
		b.must(b.stripe.SetCardFails(b.customer(), true))
		b.advance(clock, 32*day)
		b.must(b.stripe.SetCardFails(b.customer(), false))
		invoices := b.stripe.Invoices()
		invoice := invoices[len(invoices)-1]
		row := func(step, status string, refunded float64) {
			t.Helper()
			b.settle()
			rows := b.payments()
			if len(rows) != 2 {
				t.Fatalf("%s: %d rows, want one for each invoice", step, len(rows))
			}
			want(t, step+": status", rows[0]["status"], any(status))
			want(t, step+": amount", rows[0]["amount_cents"], any(1200.0))
			want(t, step+": refunded", rows[0]["refunded_amount_cents"], any(refunded))
		}
		row("a failed renewal", "failed", 0)
		first, err := b.stripe.PayPartOf(invoice.ID, 500)
		b.must(err)
		row("partly paid", "pending", 0)
		second, err := b.stripe.PayPartOf(invoice.ID, 700)
		b.must(err)
		row("paid", "succeeded", 0)
		for i, refund := range []struct {
			intent, status string
			refunded       float64
		}{{second.ID, "partially_refunded", 700}, {first.ID, "refunded", 1200}} {
			_, err := b.stripe.Refund(refund.intent, 0)
			b.must(err)
			row("refund "+string(rune('1'+i)), refund.status, refund.refunded)
		}
		want(t, "told of one-time payments", len(told.payments()), 0)

		other := memstore.New()
		b.twin(other).reconcile(subscription.ReconcileOptions{})
		rows, total, err := other.Payments(t.Context(), subscription.Owner{Scope: testScope(), ID: user}, firstPage())
		b.must(err)
		want(t, "rows after a reconciliation", total, 2)
		want(t, "refunded after a reconciliation", rows[0].AmountRefunded, 1200)
	})
}

func TestAnInvoiceOfWhichPartIsLeftCanBePaidAsUsual(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		clock := newClock()
		b := setup(t, account, clock.share)
		b.buy()
		b.must(b.stripe.SetCardFails(b.customer(), true))
		b.advance(clock, 32*day)
		b.must(b.stripe.SetCardFails(b.customer(), false))
		invoices := b.stripe.Invoices()
		invoice := invoices[len(invoices)-1]
		_, err := b.stripe.PayPartOf(invoice.ID, 300)
		b.must(err, b.stripe.PayInvoice(invoice.ID))
		b.settle()
		truth, _ := b.stripe.Invoice(invoice.ID)
		intent, _ := b.stripe.PaymentIntent(invoice.PaymentIntent)
		want(t, "paid by the default payment", intent.AmountReceived, 900)
		want(t, "paid in all", truth.AmountPaid, 1200)
		want(t, "status", b.payments()[0]["status"], any("succeeded"))
		want(t, "disputed", b.payments()[0]["disputed"], any(false))
		_, err = b.stripe.Dispute(invoice.PaymentIntent)
		b.must(err)
		b.settle()
		want(t, "rows", len(b.payments()), 2)
		want(t, "disputed", b.payments()[0]["disputed"], any(true))
	})
}

func TestAPaymentThatWasRefundedBeforeTheHostHeardOfItIsToldAsPaid(t *testing.T) {
	t.Parallel()
	for name, amount := range map[string]int64{"in full": 0, "in part": 100} {
		var told paidTold
		b := setup(t, holding, told.option)
		b.must(b.stripe.Complete(b.mustCheckout(map[string]any{"mode": "payment", "price_id": b.once.ID})))
		b.drop()
		_, err := b.stripe.Refund(b.stripe.PaymentIntents()[0].ID, amount)
		b.must(err)
		b.stripe.Release()
		b.settle()
		payments := told.payments()
		if len(payments) != 1 || payments[0].Status != subscription.PaymentSucceeded || payments[0].AmountRefunded == 0 {
			t.Errorf("refunded %s: told %+v, want one that succeeded and what was given back", name, payments)
		}
		status := map[string]string{"in full": "refunded", "in part": "partially_refunded"}[name]
		want(t, "row of one refunded "+name, b.onlyPayment()["status"], any(status))
	}
}

func TestAFirstBankDebitOnItsWayIsPending(t *testing.T) {
	t.Parallel()
	bothAccounts(t, func(t *testing.T, account option) {
		t.Helper()
		b := setup(t, account)
		session := b.mustCheckout()
		b.must(b.stripe.CompleteDelayed(session))
		b.settle()
		row := b.onlyPayment()
		want(t, "status", row["status"], any("pending"))
		want(t, "amount", row["amount_cents"], any(1200.0))
		b.must(b.stripe.FailDelayed(session))
		b.settle()
		want(t, "status once it has failed", b.onlyPayment()["status"], any("failed"))
	})
}

func TestAPaymentShowsTheLinksOfItsInvoice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	row := b.onlyPayment()
	if url, _ := row["hosted_invoice_url"].(string); url == "" || url != b.hostedURL() {
		t.Errorf("hosted_invoice_url: %v, want %s", row["hosted_invoice_url"], b.hostedURL())
	}
	for _, field := range []string{"invoice_pdf", "disputed"} {
		if _, ok := row[field]; !ok {
			t.Errorf("the row has no %s: %v", field, row)
		}
	}
	want(t, "disputed", row["disputed"], any(false))

	other := setup(t)
	other.must(other.stripe.Complete(other.mustCheckout(map[string]any{"mode": "payment", "price_id": other.once.ID})))
	other.settle()
	row = other.onlyPayment()
	for field, value := range map[string]any{"hosted_invoice_url": nil, "invoice_pdf": nil, "disputed": false} {
		if got, ok := row[field]; !ok || got != value {
			t.Errorf("%s of a one-time payment: %v (there: %t), want %v", field, got, ok, value)
		}
	}
}

// hostedURL is that of the first invoice's page at Stripe.
func (b *bundle) hostedURL() string {
	b.t.Helper()
	var invoice struct {
		URL string `json:"hosted_invoice_url"`
	}
	raw, _ := b.stripe.JSON(b.stripe.Invoices()[0].ID)
	b.must(json.Unmarshal(raw, &invoice))
	return invoice.URL
}

func TestARefundThatFailsIsTakenBackWhateverEventSaysSo(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"charge.refund.updated", "refund.updated", "refund.failed"} {
		b := setup(t, holding)
		b.must(b.stripe.Complete(b.mustCheckout(map[string]any{"mode": "payment", "price_id": b.once.ID})))
		refund, err := b.stripe.Refund(b.stripe.PaymentIntents()[0].ID, 200)
		b.must(err)
		b.deliverOnly("checkout.session.completed", "charge.refunded")
		want(t, "status", b.onlyPayment()["status"], any("partially_refunded"))
		b.must(b.stripe.FailRefund(refund.ID))
		want(t, event, b.deliverOnly(event), http.StatusOK)
		want(t, "status after "+event, b.onlyPayment()["status"], any("succeeded"))
	}
}

func firstPage() subscription.Page { return subscription.Page{Limit: 10} }
