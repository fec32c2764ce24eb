package paymount_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// change calls Stripe's API as the account's owner would.
func (b *bundle) change(path string, values ...string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.stripe.URL+path, strings.NewReader(form.Encode()))
	b.must(err)
	req.Header.Set("Authorization", "Bearer "+stripetest.TestKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.server.Client().Do(req)
	b.must(err)
	defer res.Body.Close()
	want(b.t, path, res.StatusCode, http.StatusOK)
}

// disown takes from a subscription's metadata whose it is, in each of these ways.
func disown(b *bundle, id string) map[string]func() {
	return map[string]func(){
		"no metadata":     func() { b.change("/v1/subscriptions/"+id, "metadata", "") },
		"no user":         func() { b.change("/v1/subscriptions/"+id, "metadata[user_id]", "") },
		"no project":      func() { b.change("/v1/subscriptions/"+id, "metadata[project_id]", "") },
		"another project": func() { b.change("/v1/subscriptions/"+id, "metadata[project_id]", "elsewhere") },
	}
}

func TestADisownedSubscriptionIsStillFollowed(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"no metadata", "no user", "no project", "another project"} {
		for name, bring := range map[string]func(b *bundle){
			"by webhooks":    (*bundle).deliver,
			"by events":      func(b *bundle) { b.drop(); b.reconcile(subscription.ReconcileOptions{}) },
			"by a full walk": func(b *bundle) { b.drop(); b.reconcile(subscription.ReconcileOptions{Full: true}) },
		} {
			t.Run(way+" "+name, func(t *testing.T) {
				t.Parallel()
				b := held(t)
				sub := subscribe(t, b.stripe.AccountFor(stripetest.TestKey), of(user))
				b.deliver()
				want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
				disown(b, sub.ID)[way]()
				bring(b)
				want(t, "gate of what is active", b.as(user, "GET", "/pro", nil).status, 204)
				b.must(b.stripe.CancelSubscription(sub.ID))
				bring(b)
				want(t, "gate of what was cancelled", b.as(user, "GET", "/pro", nil).status, 402)
				want(t, "subscription", b.status(user), "")
			})
		}
	}
}

func TestASubscriptionWhoseMetadataNamesSomebodyElseMovesToThem(t *testing.T) {
	t.Parallel()
	for name, bring := range map[string]func(b *bundle){
		"by webhooks":    (*bundle).deliver,
		"by a full walk": func(b *bundle) { b.drop(); b.reconcile(subscription.ReconcileOptions{Full: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := held(t)
			sub := subscribe(t, b.stripe.AccountFor(stripetest.TestKey), of("ann"))
			b.deliver()
			want(t, "ann's gate", b.as("ann", "GET", "/pro", nil).status, 204)
			b.change("/v1/subscriptions/"+sub.ID, "metadata[user_id]", "bob")
			bring(b)
			want(t, "ann's gate at once", b.as("ann", "GET", "/pro", nil).status, 402)
			want(t, "bob's gate", b.as("bob", "GET", "/pro", nil).status, 204)
		})
	}
}

func TestACustomerOfOursKeepsItsOwnerWhateverMetadataSay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.buy()
	b.change("/v1/subscriptions/"+id, "metadata[user_id]", "bob")
	b.settle()
	want(t, "gate", b.as(user, "GET", "/pro", nil).status, 204)
	want(t, "bob's gate", b.as("bob", "GET", "/pro", nil).status, 402)
}

func TestAStrangersUserIDNamesNobody(t *testing.T) {
	t.Parallel()
	b := held(t)
	subscribe(t, b.stripe.AccountFor(stripetest.TestKey), map[string]string{"user_id": "42"})
	nothing := func(when string) {
		t.Helper()
		want(t, when+": gate", b.as("42", "GET", "/pro", nil).status, 402)
		want(t, when+": subscription", b.status("42"), "")
		want(t, when+": payments", b.as("42", "GET", "/billing/my-payments", nil).body["total"], any(0.0))
		a := b.as("42", "POST", "/billing/customer-portal", map[string]any{"return_url": origin})
		want(t, when+": portal", a.status, 404)
	}
	b.deliver()
	nothing("by webhooks")
	b.reconcile(subscription.ReconcileOptions{})
	b.reconcile(subscription.ReconcileOptions{Full: true})
	nothing("after reconciling")
	a := b.as("42", "POST", "/billing/checkout-session", b.order())
	session, _ := b.stripe.Session(a.text("session_id"))
	if session.Customer == b.stripe.Subscriptions()[0].Customer {
		t.Error("user 42 has the stranger's customer")
	}
}

func TestTheOwnerHookIsAskedHoweverAnObjectIsFound(t *testing.T) {
	t.Parallel()
	for name, bring := range map[string]func(b *bundle){
		"by webhooks":    (*bundle).deliver,
		"by events":      func(b *bundle) { b.drop(); b.reconcile(subscription.ReconcileOptions{}) },
		"by a full walk": func(b *bundle) { b.drop(); b.reconcile(subscription.ReconcileOptions{Full: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var asked []subscription.Found
			b := held(t, owned(func(ctx context.Context, f subscription.Found) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, f)
				return byEmail(ctx, f)
			}))
			b.deliver()
			b.reconcile(subscription.ReconcileOptions{}) // so that the next run goes through events
			sub := b.addForeignHeld("ann@example.com")
			bring(b)
			want(t, "ann's gate", b.as("ann", "GET", "/pro", nil).status, 204)
			first := asked[0]
			want(t, "the scope that was asked about", first.Scope, testScope())
			want(t, "the customer that was asked about", first.CustomerID, sub.Customer)
			want(t, "the address that was asked about", first.Email, "ann@example.com")
			a := b.as("ann", "POST", "/billing/customer-portal", map[string]any{"return_url": origin})
			want(t, "ann's portal", a.status, 200)

			// Her customer is hers by now.
			mu.Lock()
			asked = nil
			mu.Unlock()
			b.must(b.stripe.CancelSubscription(sub.ID))
			bring(b)
			want(t, "ann's gate in the end", b.as("ann", "GET", "/pro", nil).status, 402)
			want(t, "further questions", len(asked), 0)
		})
	}
}

// addForeignHeld is addForeign whose events are still to be delivered.
func (b *bundle) addForeignHeld(email string) stripetest.Subscription {
	b.t.Helper()
	sub, err := b.stripe.AddSubscription(b.stripe.AddCustomer(email).ID, b.monthly.ID, nil)
	b.must(err)
	return sub
}

func TestTheOwnerHookIsNotAskedAboutWhatIsKnown(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	b := setup(t, owned(func(context.Context, subscription.Found) (string, error) {
		asked.Add(1)
		return "mallory", nil
	}))
	b.buy()
	subscribe(t, b.stripe.AccountFor(stripetest.TestKey), of("ann"))
	b.settle()
	b.reconcile(subscription.ReconcileOptions{Full: true})
	want(t, "questions", asked.Load(), 0)
	want(t, "customers fetched", len(b.stripe.Calls("GET /v1/customers/{id}")), 0)
}

func TestAWebhookWhoseOwnerHookFailsIsDeliveredAgain(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]subscription.FindOwner{
		"an error": func(context.Context, subscription.Found) (string, error) { return "", errors.New("no users now") },
		"a panic":  func(context.Context, subscription.Found) (string, error) { panic("the host's mistake") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var well atomic.Bool
			b := held(t, owned(func(ctx context.Context, f subscription.Found) (string, error) {
				if well.Load() {
					return byEmail(ctx, f)
				}
				return failing(ctx, f)
			}))
			event := strings.Replace(updated, "sub_1", b.addForeign("ann@example.com").ID, 1)
			want(t, "status", b.hook(projectID+"/test", event, sign(event, secret, time.Now())).status, 500)
			want(t, "stored", len(b.stored(testScope(), "ann")), 0)
			well.Store(true)
			want(t, "the redelivery's status", b.hook(projectID+"/test", event, sign(event, secret, time.Now())).status, 200)
			want(t, "stored then", len(b.stored(testScope(), "ann")), 1)
		})
	}
}

func TestAPanicOfAHookEndsNoReconciliation(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]option{
		"OnChange": func(c *paymount.Config, _ *stripetest.Options) {
			c.OnChange = func(context.Context, subscription.Change) error { panic("the host's mistake") }
		},
		"Owner": owned(func(context.Context, subscription.Found) (string, error) { panic("the host's mistake") }),
	} {
		for _, full := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := held(t, broken)
				b.drop()
				b.reconcile(subscription.ReconcileOptions{})
				metadata := map[string]string(nil)
				if name == "OnChange" {
					metadata = of("ann")
				}
				subscribe(t, b.stripe.AccountFor(stripetest.TestKey), metadata)
				b.drop()
				_, err := b.tryReconcile(subscription.ReconcileOptions{Full: full})
				if err == nil || !strings.Contains(err.Error(), name+" hook panicked: the host's mistake") {
					t.Errorf("error: %v", err)
				}
			})
		}
	}
}
