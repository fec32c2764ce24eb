package paymount_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// sign makes a Stripe-Signature header for payload.
func sign(payload, secret string, at time.Time) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "." + payload))
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// hook posts a payload to the webhook of a project and mode.
func (b *bundle) hook(path, payload, signature string) answer {
	b.t.Helper()
	return b.as("", http.MethodPost, "/billing/webhooks/"+path, payload, "Stripe-Signature", signature)
}

const updated = `{"id":"evt_1","object":"event","type":"customer.subscription.updated","data":{"object":{"id":"sub_1"}}}`

const ping = `{"id":"evt_1","object":"event","type":"ping","livemode":false,"data":{"object":{"id":"x"}}}`

func TestWebhookAcceptsOnlyFreshSignaturesOfTheProjectsSecrets(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		creds := project.Credentials{SecretKey: stripetest.TestKey, WebhookSecrets: []string{"", "whsec_old", secret}}
		c.Credentials = unseen{project.Static{
			projectID: {project.ModeTest: creds},
			"unsafe":  {project.ModeTest: {SecretKey: stripetest.TestKey, WebhookSecrets: []string{""}}},
			"none":    {project.ModeTest: {SecretKey: stripetest.TestKey}},
		}}
	})
	now := time.Now()
	here := projectID + "/test"
	for name, test := range map[string]struct {
		path, payload, signature string
		status                   int
	}{
		"newest secret":      {here, ping, sign(ping, secret, now), 200},
		"old secret":         {here, ping, sign(ping, "whsec_old", now), 200},
		"several signatures": {here, ping, sign(ping, "whsec_x", now) + ", " + strings.SplitN(sign(ping, secret, now), ",", 2)[1], 200},
		"four minutes old":   {here, ping, sign(ping, secret, now.Add(-4*time.Minute)), 200},
		"other secret":       {here, ping, sign(ping, "whsec_x", now), 400},
		"empty secret":       {here, ping, sign(ping, "", now), 400},
		"only empty secrets": {"unsafe/test", ping, sign(ping, "", now), 400},
		"no secrets":         {"none/test", ping, sign(ping, "", now), 400},
		"old signature":      {here, ping, sign(ping, secret, now.Add(-6*time.Minute)), 400},
		"future signature":   {here, ping, sign(ping, secret, now.Add(6*time.Minute)), 400},
		"changed payload":    {here, ping + " ", sign(ping, secret, now), 400},
		"no signature":       {here, ping, "", 400},
		"nonsense":           {here, ping, "t=,v1=zz,v0=00,,=", 400},
		"unknown project":    {"other/test", ping, sign(ping, secret, now), 404},
		"unknown mode":       {projectID + "/prod", ping, sign(ping, secret, now), 404},
		"mode not set up":    {projectID + "/live", ping, sign(ping, secret, now), 404},
	} {
		if a := b.hook(test.path, test.payload, test.signature); a.status != test.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
}

func TestWebhookRefusesPayloadsThatAreNoEventOfItsMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, test := range map[string]struct {
		payload string
		status  int
	}{
		"unhandled type":    {ping, 200},
		"other object":      {strings.Replace(updated, "sub_1", "si_1", 1), 200},
		"of an account":     {strings.Replace(updated, `{"id"`, `{"account":"acct_1","id"`, 1), 200},
		"of another mode's": {strings.Replace(ping, `"livemode":false`, `"livemode":true,"account":"acct_1"`, 1), 200},
		"unknown customer":  {`{"id":"evt_1","object":"event","type":"customer.deleted","data":{"object":{"id":"cus_1"}}}`, 200},
		"empty object":      {`{}`, 400},
		"not JSON":          {`{"id":`, 400},
		"a list":            {`[]`, 400},
		"no id":             {`{"object":"event","type":"ping","data":{"object":{}}}`, 400},
		"thin":              {`{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter","related_object":{"id":"x"}}`, 400},
		"no object":         {`{"id":"evt_1","object":"event","type":"ping","data":{}}`, 400},
		"live":              {strings.Replace(ping, "false", "true", 1), 400},
		"over 1 MiB":        {`{"id":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
	} {
		if a := b.hook(projectID+"/test", test.payload, sign(test.payload, secret, time.Now())); a.status != test.status {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	want(t, "method", b.as("", http.MethodGet, "/billing/webhooks/"+projectID+"/test", nil).status, 405)
}

func TestPayloadsOfEveryVersionGiveTheSameState(t *testing.T) {
	t.Parallel()
	for _, version := range []stripetest.Version{
		stripetest.Version20221115, stripetest.Version20231016, stripetest.Version20240410,
		stripetest.VersionBasil, stripetest.VersionEndive,
	} {
		t.Run(string(version), func(t *testing.T) {
			t.Parallel()
			var paid []string
			b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
				o.Hold = true
				c.OnChange = func(_ context.Context, change subscription.Change) error {
					if change.Payment != nil {
						paid = append(paid, change.Payment.ID)
					}
					return nil
				}
			})
			_, err := b.stripe.AddWebhook(stripetest.Webhook{
				URL: b.server.URL + "/billing/webhooks/" + projectID + "/test?versioned", Secrets: []string{secret}, Version: version,
			})
			if err != nil {
				t.Fatal(err)
			}
			sub := b.mustCheckout()
			once := b.as("buyer", http.MethodPost, "/billing/checkout-session",
				b.order(map[string]any{"mode": "payment", "price_id": b.once.ID}))
			for _, id := range []string{sub, once.text("session_id")} {
				if err := b.stripe.Complete(id); err != nil {
					t.Fatal(err)
				}
			}
			b.dropUnversioned()
			b.stripe.Release()
			b.settle()
			a := b.as(user, http.MethodGet, "/billing/my-subscription", nil)
			truth := b.stripe.Subscriptions()[0]
			want(t, "status", a.text("status"), "active")
			want(t, "period end", a.text("current_period_end"), time.Unix(truth.CurrentPeriodEnd, 0).UTC().Format(time.RFC3339))
			want(t, "payments told", len(paid), 1)
			if err := b.stripe.ScheduleCancelAt(truth.ID, time.Unix(truth.CurrentPeriodEnd, 0)); err != nil {
				t.Fatal(err)
			}
			b.settle()
			a = b.as(user, http.MethodGet, "/billing/my-subscription", nil)
			want(t, "cancel_at", a.text("cancel_at"), a.text("current_period_end"))
			payments := b.as("buyer", http.MethodGet, "/billing/my-payments", nil)
			want(t, "payments listed", payments.body["total"], any(1.0))
		})
	}
}

// dropUnversioned drops the pending deliveries to the webhook that setup has registered.
func (b *bundle) dropUnversioned() {
	for _, d := range b.stripe.Pending() {
		if !strings.HasSuffix(d.URL, "?versioned") {
			b.stripe.Drop(d)
		}
	}
}

func TestAnyOrderOfDuplicatedConcurrentDeliveriesGivesStripesState(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.Hold = true })
			if err := b.stripe.Complete(b.mustCheckout()); err != nil {
				t.Fatal(err)
			}
			id := b.stripe.Subscriptions()[0].ID
			for _, status := range []string{"past_due", "active", "unpaid", "active"} {
				if err := b.stripe.SetStatus(id, status); err != nil {
					t.Fatal(err)
				}
			}
			if seed%2 == 0 {
				if err := b.stripe.CancelSubscription(id); err != nil {
					t.Fatal(err)
				}
			}
			pending := b.stripe.Pending()
			pending = append(pending, pending...)
			random.Shuffle(len(pending), func(i, j int) { pending[i], pending[j] = pending[j], pending[i] })
			var wg sync.WaitGroup
			for _, d := range pending {
				wg.Go(func() {
					if status, err := b.stripe.Deliver(t.Context(), d); err != nil || status != 200 {
						t.Errorf("delivery: %d %v", status, err)
					}
				})
			}
			wg.Wait()
			truth, _ := b.stripe.Subscription(id)
			wantStatus := truth.Status
			if wantStatus == "canceled" {
				wantStatus = ""
			}
			want(t, "status", b.status(user), wantStatus)
		})
	}
}

func TestPaidOneTimePaymentIsToldOnceUntilTheHostHasTakenIt(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	fail := true
	b := setup(t, func(c *paymount.Config, o *stripetest.Options) {
		o.Hold = true
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, change.ID)
			if fail {
				return errors.New("the host's database is away")
			}
			return nil
		}
	})
	id := b.mustCheckout(map[string]any{"mode": "payment", "price_id": b.once.ID})
	if err := b.stripe.CompleteDelayed(id); err != nil {
		t.Fatal(err)
	}
	deliverAll := func() (failed int) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		pending := b.stripe.Pending()
		for _, d := range append(pending, pending...) {
			wg.Go(func() {
				if status, _ := b.stripe.Deliver(t.Context(), d); status != 200 {
					mu.Lock()
					failed++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		return failed
	}
	want(t, "failed deliveries while unpaid", deliverAll(), 0)
	want(t, "told while unpaid", len(told), 0)
	if err := b.stripe.SucceedDelayed(id); err != nil {
		t.Fatal(err)
	}
	if deliverAll() == 0 {
		t.Error("no delivery failed although the hook did")
	}
	before := len(told)
	if before == 0 {
		t.Error("the paid payment was not told")
	}
	fail = false
	want(t, "failed deliveries", deliverAll(), 0)
	want(t, "told again", len(told), before+1)
	for _, change := range told {
		want(t, "id", change, told[0])
	}
	b.as(user, http.MethodGet, "/billing/checkout-session/"+id, nil)
	want(t, "told after all", len(told), before+1)
}

func TestHostIsToldOfEachSubscriptionChange(t *testing.T) {
	t.Parallel()
	var changes []subscription.Change
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			changes = append(changes, change)
			return nil
		}
	})
	sub := b.buy()
	if err := b.stripe.CancelSubscription(sub); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if len(changes) != 2 {
		t.Fatalf("%d changes", len(changes))
	}
	if c := changes[0]; c.Old != nil || c.New.Status != "active" || c.New.Owner.ID != user || c.New.Plan().PlanName != "Pro" {
		t.Errorf("first change: %+v", c)
	}
	if c := changes[1]; c.Old.Status != "active" || c.New.Status != "canceled" || c.ID == changes[0].ID {
		t.Errorf("second change: %+v", c)
	}
}

func TestFailureAtStripeLeavesNothingBehindAndTheRedeliveryAppliesIt(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *paymount.Config, o *stripetest.Options) { o.Hold = true })
	if err := b.stripe.Complete(b.mustCheckout()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.stripe.Inject(stripetest.Fault{Method: "GET", Path: "/v1/subscriptions/*", Status: 400, Times: -1}); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, d := range b.stripe.Pending() {
		if status, _ := b.stripe.Deliver(t.Context(), d); status == 500 {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no delivery was answered 500")
	}
	want(t, "status", b.status(user), "")
	b.stripe.ClearFaults()
	b.stripe.Release()
	b.settle()
	want(t, "status after redelivery", b.status(user), "active")
}

func TestEventsOfAnotherProjectOnTheSameAccountAreNotOurs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	customer := b.stripe.AddCustomer("other@example.com")
	foreign := map[string]string{"user_id": user, "project_id": "another-project"}
	if _, err := b.stripe.AddSubscription(customer.ID, b.monthly.ID, foreign); err != nil {
		t.Fatal(err)
	}
	b.settle()
	want(t, "status", b.status(user), "")
	adopted := map[string]string{"user_id": user, "project_id": projectID}
	if _, err := b.stripe.AddSubscription(customer.ID, b.monthly.ID, adopted); err != nil {
		t.Fatal(err)
	}
	b.settle()
	want(t, "status of one with our metadata", b.status(user), "active")
}
