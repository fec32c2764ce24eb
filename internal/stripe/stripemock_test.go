package stripe_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/internal/stripemock"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// busyAccount makes invoices that are being collected, and more than a page of lines, of those that stripe-mock answers with.
type busyAccount struct {
	looked *atomic.Bool // at the open invoices, which are marked from then on
}

func (a busyAccount) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	edits := []string{`"auto_advance":false`, `"auto_advance":true`, `"subscription":null`, `"subscription":"sub_1"`}
	switch {
	case strings.HasSuffix(r.URL.Path, "/upcoming"):
		edits = append(edits, `"has_more":false`, `"has_more":true`)
	case strings.HasSuffix(r.URL.Path, "/finalize"):
		edits = append(edits, `"status":"draft"`, `"status":"open"`)
	case r.URL.Query().Get("status") == "open" && a.looked.Swap(true):
		edits = append(edits, `"metadata":{}`, `"metadata":{"paymount_keep_collecting":"sub_2"}`)
	}
	text := strings.NewReplacer(edits...).Replace(string(body))
	response.Body, response.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	response.Header.Del("Content-Length")
	return response, nil
}

func TestEveryCallIsAcceptedByStripeMock(t *testing.T) {
	t.Parallel()
	url := stripemock.Start(t)
	account := busyAccount{&atomic.Bool{}}
	gateway, busy := stripe.New(url, nil), stripe.New(url, &http.Client{Transport: account})
	why := stripe.Reason{Feedback: "other", Comment: "ünïcode & spaces"}
	credentials := project.Credentials{SecretKey: "sk_test_123"}
	metadata := map[string]string{"user_id": "u", "project_id": "p", "note": "ünïcode & spaces"}
	session := stripe.SessionParams{
		SessionParams: checkout.SessionParams{
			Lines:      []checkout.Line{{PriceID: "price_1", Quantity: 2}},
			SuccessURL: "https://a.example/?s={CHECKOUT_SESSION_ID}", CancelURL: "https://a.example/", Metadata: metadata,
		},
		CustomerID: "cus_1", OwnerID: "u",
	}
	update := stripe.ItemUpdate{
		SubscriptionID: "sub_1", CustomerID: "cus_1", ItemID: "si_1", PriceID: "price_2", Quantity: 3,
		Proration: subscription.AlwaysInvoice, ProrationDate: time.Now(),
	}
	portal := stripe.Portal{CustomerID: "cus_1", ReturnURL: "https://a.example/"}
	page := stripe.Query{CreatedUntil: time.Now(), After: "x_1", Customers: true}
	lister := func() *stripe.Lister { return gateway.Lister(func(context.Context) error { return nil }) }
	for name, call := range map[string]func(context.Context) error{
		"list subscriptions": func(ctx context.Context) error {
			_, err := lister().ListSubscriptions(ctx, credentials, page)
			return err
		},
		"list invoices": func(ctx context.Context) error {
			_, err := lister().ListInvoices(ctx, credentials, page)
			return err
		},
		"list payments": func(ctx context.Context) error {
			_, err := lister().ListPayments(ctx, credentials, page)
			return err
		},
		"list events": func(ctx context.Context) error {
			_, err := lister().ListEvents(ctx, credentials, time.Now(), "evt_1")
			return err
		},
		"customer": func(ctx context.Context) error {
			_, err := gateway.Customer(ctx, credentials, "cus_1")
			return err
		},
		"price": func(ctx context.Context) error {
			_, err := gateway.Price(ctx, credentials, "price_1")
			return err
		},
		"create customer": func(ctx context.Context) error {
			_, err := gateway.CreateCustomer(ctx, credentials, stripe.CustomerParams{Email: "a@example.com", Metadata: metadata}, "k1")
			return err
		},
		"find customer": func(ctx context.Context) error {
			_, err := gateway.FindCustomer(ctx, credentials, stripe.CustomerParams{Metadata: metadata}, time.Now(), time.Now())
			return err
		},
		"create subscription session": func(ctx context.Context) error {
			params := session
			params.Mode = checkout.ModeSubscription
			_, err := gateway.CreateSession(ctx, credentials, params, "k2")
			return err
		},
		"create payment session": func(ctx context.Context) error {
			params := session
			params.Mode = checkout.ModePayment
			_, err := gateway.CreateSession(ctx, credentials, params, "k3")
			return err
		},
		"create session for a metered price": func(ctx context.Context) error {
			params := session
			params.Mode, params.Lines = checkout.ModeSubscription, []checkout.Line{{PriceID: "price_1"}}
			_, err := gateway.CreateSession(ctx, credentials, params, "k5")
			return err
		},
		"create embedded session": func(ctx context.Context) error {
			params := session
			params.Mode, params.Options = checkout.ModeSubscription, checkout.Options{Embedded: true}
			_, err := gateway.CreateSession(ctx, credentials, params, "k4")
			return err
		},
		"session": func(ctx context.Context) error {
			_, err := gateway.Session(ctx, credentials, "cs_1")
			return err
		},
		"expire session": func(ctx context.Context) error {
			return gateway.ExpireSession(ctx, credentials, "cs_1")
		},
		"open sessions": func(ctx context.Context) error {
			_, err := gateway.OpenSessions(ctx, credentials, "cus_1")
			return err
		},
		"subscriptions of a customer": func(ctx context.Context) error {
			_, err := gateway.Subscriptions(ctx, credentials, "cus_1")
			return err
		},
		"one-time session": func(ctx context.Context) error {
			_, err := gateway.OneTimeSession(ctx, credentials, "cs_1")
			return err
		},
		"subscription": func(ctx context.Context) error {
			_, err := gateway.Subscription(ctx, credentials, "sub_1")
			return err
		},
		"first payment": func(ctx context.Context) error {
			_, err := gateway.FirstPayment(ctx, credentials, "sub_1")
			return err
		},
		"void invoice": func(ctx context.Context) error {
			return gateway.VoidInvoice(ctx, credentials, "in_1")
		},
		"the rest of a subscription's items": func(ctx context.Context) error {
			return gateway.RestOfItems(ctx, credentials, "sub_1")
		},
		"all lines of an invoice": func(ctx context.Context) error {
			return gateway.LinesOfInvoice(ctx, credentials, "in_1")
		},
		"since when a subscription is past_due": func(ctx context.Context) error {
			return gateway.FailedSince(ctx, credentials, "sub_1", "pi_1")
		},
		"invoice": func(ctx context.Context) error {
			_, err := gateway.Invoice(ctx, credentials, "in_1")
			return err
		},
		"portal": func(ctx context.Context) error {
			_, err := gateway.CreatePortal(ctx, credentials, portal)
			return err
		},
		"portal for a payment method": func(ctx context.Context) error {
			p := portal
			p.Flow = "payment_method_update"
			_, err := gateway.CreatePortal(ctx, credentials, p)
			return err
		},
		"portal for a cancellation": func(ctx context.Context) error {
			p := portal
			p.Flow, p.SubscriptionID = "subscription_cancel", "sub_1"
			_, err := gateway.CreatePortal(ctx, credentials, p)
			return err
		},
		"portal for an update": func(ctx context.Context) error {
			p := portal
			p.Flow, p.SubscriptionID = "subscription_update", "sub_1"
			_, err := gateway.CreatePortal(ctx, credentials, p)
			return err
		},
		"cancel at period end": func(ctx context.Context) error {
			return gateway.CancelAtPeriodEnd(ctx, credentials, "sub_1", true, stripe.Reason{})
		},
		"cancel at period end with a reason": func(ctx context.Context) error {
			return gateway.CancelAtPeriodEnd(ctx, credentials, "sub_1", true, why)
		},
		"explain cancellation": func(ctx context.Context) error {
			return gateway.ExplainCancellation(ctx, credentials, "sub_1", why)
		},
		"invoice pending items": func(ctx context.Context) error {
			return busy.InvoicePending(ctx, credentials, "cus_1", "sub_1")
		},
		"end subscription": func(ctx context.Context) error {
			return busy.EndSubscription(ctx, credentials, stripe.Ending{
				SubscriptionID: "sub_2", CustomerID: "cus_1", Credit: true, BillUsage: true, Why: why,
			})
		},
		"preview of many lines": func(ctx context.Context) error {
			_, err := busy.PreviewItem(ctx, credentials, update)
			return err
		},
		"update of a quantity alone": func(ctx context.Context) error {
			alone := update
			alone.PriceID = ""
			return gateway.UpdateItem(ctx, credentials, alone)
		},
		"update to a metered price": func(ctx context.Context) error {
			metered := update
			metered.Quantity = 0
			return gateway.UpdateItem(ctx, credentials, metered)
		},
		"clear cancel_at": func(ctx context.Context) error {
			return gateway.ClearCancelAt(ctx, credentials, "sub_1")
		},
		"update item": func(ctx context.Context) error {
			return gateway.UpdateItem(ctx, credentials, update)
		},
		"preview item": func(ctx context.Context) error {
			_, err := gateway.PreviewItem(ctx, credentials, update)
			return err
		},
		"payment intent": func(ctx context.Context) error {
			_, err := gateway.PaymentIntent(ctx, credentials, "pi_1")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := call(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
