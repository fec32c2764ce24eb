package paymount_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// fast lets a test's runs make as many calls as they like.
const fast = 1e6

func testScope() project.Scope {
	return project.Scope{ProjectID: projectID, Mode: project.ModeTest}
}

// reconcile runs once, which must succeed.
func (b *bundle) reconcile(o subscription.ReconcileOptions) subscription.ReconcileResult {
	b.t.Helper()
	result, err := b.tryReconcile(o)
	if err != nil {
		b.t.Fatalf("Reconcile: %v", err)
	}
	return result
}

func (b *bundle) tryReconcile(o subscription.ReconcileOptions) (subscription.ReconcileResult, error) {
	if o.CallsPerSecond == 0 {
		o.CallsPerSecond = fast
	}
	return b.service.Reconcile(b.t.Context(), testScope(), o)
}

// twin is the same app on another store, which no webhook reaches.
func (b *bundle) twin(store subscription.SubscriptionStore, options ...option) *bundle {
	b.t.Helper()
	config := paymount.Config{
		Store: store, Credentials: project.Static{projectID: {
			project.ModeTest: {SecretKey: stripetest.TestKey}, project.ModeLive: {SecretKey: stripetest.LiveKey},
		}},
		Authenticator: auth.AuthenticatorFunc(plainBearer), RedirectOrigins: []string{origin},
		EntitlementMode: project.ModeTest, StripeURL: b.stripe.URL,
	}
	for _, o := range options {
		o(&config, nil)
	}
	service, err := paymount.NewWithoutRetries(config)
	if err != nil {
		b.t.Fatal(err)
	}
	twin := *b
	twin.service = service
	return &twin
}

// drop lets no delivery arrive that has not yet.
func (b *bundle) drop() {
	for _, d := range b.stripe.Pending() {
		b.stripe.Drop(d)
	}
}

// must fails the test on any of the errors.
func (b *bundle) must(errs ...error) {
	b.t.Helper()
	if err := errors.Join(errs...); err != nil {
		b.t.Fatal(err)
	}
}

// populate makes users with a past: subscriptions that go on, end and have ended; payments that came in, went back and failed.
func (b *bundle) populate() []string {
	b.t.Helper()
	users := []string{"ada", "bob", "cyd", "dan", "eve"}
	for i, who := range users {
		for _, more := range []map[string]any{{}, {"price_id": b.once.ID, "mode": "payment", "allow_existing_subscription": true}} {
			a := b.as(who, http.MethodPost, "/billing/checkout-session", b.order(more))
			id := a.text("session_id")
			if more["mode"] != nil && i == 4 {
				b.must(b.stripe.CompleteDelayed(id), b.stripe.FailDelayed(id))
				continue
			}
			b.must(b.stripe.Complete(id))
		}
	}
	subs, sessions := b.stripe.Subscriptions(), b.stripe.Sessions()
	_, refunded := b.stripe.Refund(sessions[1].PaymentIntent, 200)
	_, disputed := b.stripe.Dispute(sessions[3].PaymentIntent)
	b.must(refunded, disputed, b.stripe.CancelSubscription(subs[0].ID), b.stripe.ScheduleCancel(subs[1].ID, true),
		b.stripe.SetStatus(subs[2].ID, "past_due"), b.stripe.AddItem(subs[3].ID, b.team.ID, 2))
	return users
}

// picture is all that a store has of users, in JSON.
func picture(t *testing.T, store subscription.SubscriptionStore, scope project.Scope, users ...string) string {
	t.Helper()
	var lines []string
	add := func(v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(data))
	}
	for _, who := range users {
		owner := subscription.Owner{Scope: scope, ID: who}
		subs, err := store.Subscriptions(t.Context(), owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range subs {
			add(s)
		}
		payments, _, err := store.Payments(t.Context(), owner, subscription.Page{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range payments {
			add(p)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestReconcileFindsWhatWebhooksDidNotBring(t *testing.T) {
	t.Parallel()
	var told []string
	b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
		o.Hold = true
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			if change.New != nil {
				told = append(told, string(change.New.Status))
			}
			return nil
		}
	})
	b.reconcile(subscription.ReconcileOptions{})
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.drop()
	want(t, "before", b.status(user), "")

	result := b.reconcile(subscription.ReconcileOptions{})
	want(t, "the status", b.status(user), "active")
	want(t, "a full walk", result.Full, false)
	want(t, "objects", result.Objects, 2) // the subscription and its invoice
	want(t, "what the host was told", fmt.Sprint(told), "[active]")

	b.must(b.stripe.CancelSubscription(b.stripe.Subscriptions()[0].ID))
	b.drop()
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "the status once cancelled", b.status(user), "")
	want(t, "what the host was told", fmt.Sprint(told), "[active canceled]")
}

func TestReconcileLearnsOfEverySessionThatEnded(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.Hold = true })
	users := []string{"ada", "bob", "cyd"}
	checkout := func(who string) string {
		return b.as(who, http.MethodPost, "/billing/checkout-session", b.order()).text("session_id")
	}
	b.reconcile(subscription.ReconcileOptions{})
	for _, who := range users {
		b.must(b.stripe.Expire(checkout(who)))
	}
	b.drop()
	b.reconcile(subscription.ReconcileOptions{})
	b.stripe.ResetCalls()
	for i, who := range users {
		checkout(who)
		want(t, "calls", len(b.stripe.Calls()), i+1)
	}
}

func TestReconcileAsksNothingTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.reconcile(subscription.ReconcileOptions{})
	b.buy() // its webhooks arrive
	b.stripe.ResetCalls()
	want(t, "calls", b.reconcile(subscription.ReconcileOptions{}).Calls, 1)
	want(t, "calls that are no list of events", len(b.stripe.Calls()), len(b.stripe.Calls("GET", "/v1/events")))
}

func TestAFullWalkLeavesTheStoreAsWebhooksDo(t *testing.T) {
	t.Parallel()
	for name, null := range map[string]bool{"usual invoices": false, "invoices without their payment intents": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.NullPaymentIntents = null })
			users := b.populate()
			b.settle()
			store := memstore.New()
			b.twin(store).reconcile(subscription.ReconcileOptions{})
			want(t, "the store", picture(t, store, testScope(), users...), picture(t, b.store, testScope(), users...))
			// Once more, over all that is known now.
			result := b.twin(store).reconcile(subscription.ReconcileOptions{Full: true})
			want(t, "a full walk", result.Full, true)
			want(t, "the store again", picture(t, store, testScope(), users...), picture(t, b.store, testScope(), users...))
		})
	}
}

func TestAFullWalkMakesCustomersKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	twin := b.twin(memstore.New())
	twin.reconcile(subscription.ReconcileOptions{})
	b.must(b.stripe.CancelSubscription(b.stripe.Subscriptions()[0].ID))
	twin.reconcile(subscription.ReconcileOptions{})
	twin.serve(t)
	twin.mustCheckout()
	want(t, "customers at Stripe", len(b.stripe.Customers()), 1)
}

func TestAnInterruptedWalkGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	b := held(t, past)
	users := b.populate()
	for range 110 { // so that lists have pages
		c := b.stripe.AddCustomer("foreign@example.com")
		_, err := b.stripe.AddSubscription(c.ID, b.monthly.ID, of("ada"))
		b.must(err)
	}
	b.drop()
	whole := memstore.New()
	calls := b.twin(whole).reconcile(subscription.ReconcileOptions{}).Calls
	truth := picture(t, whole, testScope(), users...)
	if calls < 8 || calls > 50 {
		t.Fatalf("%d calls in all: not what to interrupt", calls)
	}
	for at := 1; at <= calls; at++ {
		t.Run(fmt.Sprintf("at call %d", at), func(t *testing.T) {
			t.Parallel()
			store := memstore.New()
			for _, how := range []string{"the context ends", "the connection breaks"} {
				ctx, cancel := context.WithCancel(t.Context())
				count := 0
				twin := b.twin(store, func(c *paymount.Config, _ *stripetest.Options) {
					c.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						count++
						if count == at {
							if how == "the context ends" {
								cancel()
							}
							return nil, errors.New("connection reset")
						}
						return http.DefaultTransport.RoundTrip(r)
					})}
				})
				_, err := twin.service.Reconcile(ctx, testScope(), subscription.ReconcileOptions{CallsPerSecond: fast, Full: true})
				cancel()
				if err == nil && how == "the context ends" {
					t.Fatal("the run was not interrupted")
				}
				if how == "the context ends" && !errors.Is(err, context.Canceled) {
					t.Errorf("error: %v", err)
				}
			}
			rest := b.twin(store).reconcile(subscription.ReconcileOptions{})
			want(t, "the store", picture(t, store, testScope(), users...), truth)
			if rest.Until.IsZero() {
				t.Error("the walk has not come to its end")
			}
		})
	}
}

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// onAnswer lets something happen at Stripe after it has acted on the n-th call that matches, and before the answer is sent.
func (b *bundle) onAnswer(path string, n int, what func()) {
	b.t.Helper()
	_, err := b.stripe.Inject(stripetest.Fault{Path: path, Skip: n - 1, Acted: true, OnHit: func(stripetest.Call) { what() }})
	b.must(err)
}

// deliver delivers the events so far.
func (b *bundle) deliver() {
	for _, d := range b.stripe.Pending() {
		if status, err := b.stripe.Deliver(b.t.Context(), d); err != nil || status != http.StatusOK {
			b.t.Errorf("delivery: %d %v", status, err)
		}
	}
}

func TestAWalkNeverPutsAnOlderStateInPlaceOfANewerOne(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{false, true} {
		for look := 1; look <= 2; look++ {
			for _, delivered := range []bool{false, true} {
				t.Run(fmt.Sprintf("known=%t look=%d delivered=%t", known, look, delivered), func(t *testing.T) {
					t.Parallel()
					b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.Hold = true })
					b.must(b.stripe.Complete(b.mustCheckout()))
					if known {
						b.deliver()
					}
					b.drop()
					sub := b.stripe.Subscriptions()[0].ID
					b.onAnswer("/v1/subscriptions", look, func() {
						b.must(b.stripe.SetStatus(sub, "past_due"))
						if delivered {
							b.deliver()
						}
						b.drop()
					})
					b.reconcile(subscription.ReconcileOptions{Full: true})
					if look == 2 && !known {
						return // there is no second look: nothing happened
					}
					want(t, "the status", b.status(user), "past_due")
				})
			}
		}
	}
}

// late is a store in which something happens before an object is saved.
type late struct {
	*memstore.Store

	mu     sync.Mutex
	before func(object string)
}

func (l *late) Save(ctx context.Context, w subscription.Write) (bool, error) {
	l.mu.Lock()
	before := l.before
	l.before = nil
	l.mu.Unlock()
	if before != nil {
		before(w.New.ID)
	}
	return l.Store.Save(ctx, w)
}

func TestAWebhookThatOvertakesTheWalkWins(t *testing.T) {
	t.Parallel()
	store := &late{Store: memstore.New()}
	b := setup(t, func(c *paymount.Config, o *stripetest.Options) { c.Store, o.Hold = store, true })
	b.must(b.stripe.Complete(b.mustCheckout()))
	b.drop()
	store.before = func(object string) {
		b.must(b.stripe.SetStatus(object, "unpaid"))
		b.deliver()
	}
	b.reconcile(subscription.ReconcileOptions{})
	want(t, "the status", b.status(user), "unpaid")
}
