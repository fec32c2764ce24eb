package stripetest_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// shop is a server with a clock, a client, a webhook inbox and a subscription to a monthly price.
type shop struct {
	t   *testing.T
	now *clock
	srv *stripetest.Server
	c   *client
	box *inbox
	sub stripetest.Subscription
}

// newShop opens on 31 January at noon, when the customer subscribes to Pro for 19.00 a month.
func newShop(t *testing.T, opts ...stripetest.Options) *shop {
	t.Helper()
	var o stripetest.Options
	if len(opts) > 0 {
		o = opts[0]
	}
	now := newClock()
	o.Now = now.now
	srv := stripetest.New(t, o)
	s := &shop{t: t, now: now, srv: srv, c: newClient(t, srv), box: newInbox(t), sub: subscribe(t, srv, monthly(srv))}
	addWebhook(t, srv.Account, stripetest.Webhook{URL: s.box.URL})
	t.Cleanup(func() { // the inbox closes next, and must not cut a delivery off
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer cancel()
		if err := srv.Settle(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *shop) price(name string, amount int64, interval string) stripetest.Price {
	return s.srv.AddPrice(stripetest.PriceSpec{Product: name, Amount: amount, Interval: interval})
}

// update posts a change of the first item's price.
func (s *shop) update(price stripetest.Price, more ...string) answer {
	s.t.Helper()
	return s.c.post("/v1/subscriptions/"+s.sub.ID, append([]string{
		"items[0][id]", s.sub.Items[0].ID, "items[0][price]", price.ID, "items[0][quantity]", "1",
	}, more...)...)
}

// preview asks for the upcoming invoice with the same change.
func (s *shop) preview(price stripetest.Price, more ...string) answer {
	s.t.Helper()
	return s.c.get("/v1/invoices/upcoming", append([]string{
		"customer", s.sub.Customer, "subscription", s.sub.ID, "subscription_items[0][id]", s.sub.Items[0].ID,
		"subscription_items[0][price]", price.ID, "subscription_items[0][quantity]", "1",
	}, more...)...)
}

func (s *shop) current() stripetest.Subscription {
	s.t.Helper()
	sub, ok := s.srv.Subscription(s.sub.ID)
	if !ok {
		s.t.Fatal("the subscription is gone")
	}
	return sub
}

func (s *shop) latest() stripetest.Invoice {
	s.t.Helper()
	invoice, ok := s.srv.Invoice(s.current().LatestInvoice)
	if !ok {
		s.t.Fatal("there is no latest invoice")
	}
	return invoice
}

// since are the types of the events after the first n, once they are delivered.
func (s *shop) since(n int) []string {
	s.t.Helper()
	settle(s.t, s.srv)
	return s.box.types()[n:]
}

// seen is the number of events so far.
func (s *shop) seen() int {
	s.t.Helper()
	settle(s.t, s.srv)
	return len(s.box.types())
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
