package paymount_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func ownerOf(userID string) subscription.Owner {
	return subscription.Owner{Scope: project.Scope{ProjectID: projectID, Mode: project.ModeTest}, ID: userID}
}

func TestGoCodeSeesTheSubscriptionsOfAnOwner(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.service.For(ownerOf(user))
	_, found, err := account.Subscription(t.Context())
	b.must(err)
	want(t, "found before the purchase", found, false)
	first := b.buy()
	b.must(b.stripe.CancelSubscription(first))
	b.settle()
	second := b.buy()
	s, found, err := account.Subscription(t.Context())
	b.must(err)
	want(t, "found", found, true)
	want(t, "current", s.ID, second)
	open, err := account.Subscriptions(t.Context(), false)
	b.must(err)
	want(t, "open", len(open), 1)
	all, err := account.Subscriptions(t.Context(), true)
	b.must(err)
	want(t, "all", len(all), 2)
	want(t, "the last of all", all[1].ID, first)
}

func TestAnOwnerWithoutAStripeAccountIsNotConfigured(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, owner := range map[string]subscription.Owner{
		"another project": {Scope: project.Scope{ProjectID: "elsewhere", Mode: project.ModeTest}, ID: user},
		"no project":      {Scope: project.Scope{Mode: project.ModeTest}, ID: user},
		"no mode":         {Scope: project.Scope{ProjectID: projectID}, ID: user},
	} {
		_, err := b.service.For(owner).Subscriptions(t.Context(), false)
		if !errors.Is(err, project.ErrNotConfigured) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{"", "a\x00", "\xff"} {
		if _, _, err := b.service.For(ownerOf(id)).Subscription(t.Context()); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("user %q: %v", id, err)
		}
	}
}

func TestAStoreThatFailsIsTheCauseOfAGoError(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.Store = broken{memstore.New()} })
	_, err := b.service.For(ownerOf(user)).Subscriptions(t.Context(), false)
	if !errors.Is(err, subscription.ErrUnavailable) || !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

func TestGoCodeCancelsAndResumes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.service.For(ownerOf(user))
	_, err := account.Cancel(t.Context(), subscription.Cancellation{})
	wantError(t, "nothing to cancel", err, subscription.ErrNone)
	sub := b.buy()
	_, err = account.Resume(t.Context(), sub)
	wantError(t, "nothing to resume", err, subscription.ErrConflict)
	_, err = account.Cancel(t.Context(), subscription.Cancellation{Reason: "bored"})
	wantError(t, "a reason that Stripe does not know", err, subscription.ErrInvalid)

	canceled, err := account.Cancel(t.Context(), subscription.Cancellation{Reason: "unused", Comment: "Bye"})
	b.must(err)
	want(t, "canceled", canceled.ID, sub)
	want(t, "at the period's end", canceled.CancelAt, canceled.CurrentPeriodEnd)
	form := b.stripe.Calls(http.MethodPost, "/v1/subscriptions/*")[0].Form
	want(t, "reason", form.Get("cancellation_details[feedback]"), "unused")
	resumed, err := account.Resume(t.Context(), "")
	b.must(err)
	want(t, "resumed", resumed.CancelAt.IsZero(), true)

	ended, err := account.Cancel(t.Context(), subscription.Cancellation{SubscriptionID: resumed.Owner.UUID(sub), Immediately: true})
	b.must(err)
	want(t, "ended", ended.Status, subscription.StatusCanceled)
	_, err = account.Resume(t.Context(), sub)
	wantError(t, "resumed after the end", err, subscription.ErrConflict)
	_, err = b.service.For(ownerOf("somebody")).Cancel(t.Context(), subscription.Cancellation{SubscriptionID: sub})
	wantError(t, "somebody else's", err, subscription.ErrNone)
}

func TestGoCodeChangesAPlanForThePriceThatWasShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	account := b.service.For(ownerOf(user))
	change := subscription.Update{PriceID: b.team.ID, Proration: subscription.AlwaysInvoice}
	shown, err := account.Preview(t.Context(), change)
	b.must(err)
	want(t, "shown", shown.AmountDue > 0 && len(shown.Lines) > 0 && shown.Currency == "usd", true)
	change.Quote = shown.Quote
	updated, err := account.Update(t.Context(), change)
	b.must(err)
	want(t, "changed", updated.Changed, true)
	want(t, "price", updated.Subscription.Plan().PriceID, b.team.ID)
	change.Quote = ""
	again, err := account.Update(t.Context(), change)
	b.must(err)
	want(t, "changed again", again.Changed, false)
	for name, wrong := range map[string]subscription.Update{
		"nothing":     {},
		"negative":    {Quantity: -1},
		"too many":    {Quantity: 1_000_000},
		"prorations":  {Quantity: 2, Proration: "some"},
		"price":       {PriceID: "price_none"},
		"no one item": {Item: "si_none", Quantity: 2},
	} {
		_, err := account.Update(t.Context(), wrong)
		expected := subscription.ErrInvalid
		if wrong.Item != "" {
			expected = subscription.ErrNone
		}
		wantError(t, name, err, expected)
	}
	b.must(b.stripe.SetCardFails(b.customer(), true))
	_, err = account.Update(t.Context(), subscription.Update{Quantity: 5, Proration: subscription.AlwaysInvoice})
	wantError(t, "a card that is declined", err, subscription.ErrStripe)
}

func TestGoCodeSetsTheSeatsOfAnItem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sub := b.buy()
	b.must(b.stripe.AddItem(sub, b.team.ID, 3))
	b.settle()
	account := b.service.For(ownerOf(user))
	truth, _ := b.stripe.Subscription(sub)
	for n, item := range map[int64]string{4: "", 5: b.monthly.ID, 6: truth.Items[0].ID, 7: b.team.ID} {
		updated, err := account.SetQuantity(t.Context(), sub, item, n)
		b.must(err)
		want(t, "changed", updated.Changed, true)
		again, err := account.SetQuantity(t.Context(), "", item, n)
		b.must(err)
		want(t, "changed again", again.Changed, false)
		truth, _ = b.stripe.Subscription(sub)
		want(t, "quantity of "+item, truth.Items[map[bool]int{true: 1}[item == b.team.ID]].Quantity, n)
	}
	_, err := account.SetQuantity(t.Context(), sub, "", 0)
	wantError(t, "no seats", err, subscription.ErrInvalid)
}

func TestGoCodeOpensThePortalForOneThing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.service.For(ownerOf(user))
	portal := subscription.Portal{ReturnURL: origin + "/me"}
	_, err := account.Portal(t.Context(), portal)
	wantError(t, "before a purchase", err, subscription.ErrNone)
	sub := b.buy()
	for purpose, named := range map[subscription.PortalPurpose]string{
		"": "", subscription.PortalPaymentMethod: "",
		subscription.PortalCancel: "[subscription_cancel]", subscription.PortalUpdate: "[subscription_update]",
	} {
		b.stripe.ResetCalls()
		portal.Purpose = purpose
		url, err := account.Portal(t.Context(), portal)
		b.must(err)
		want(t, "a URL", url != "", true)
		form := b.stripe.Calls(http.MethodPost, "/v1/billing_portal/sessions")[0].Form
		want(t, "type", form.Get("flow_data[type]"), string(purpose))
		if named != "" {
			want(t, "subscription", form.Get("flow_data"+named+"[subscription]"), sub)
		}
		if purpose != "" {
			want(t, "afterwards", form.Get("flow_data[after_completion][redirect][return_url]"), portal.ReturnURL)
		}
	}
	for _, wrong := range []subscription.Portal{{ReturnURL: "https://evil.example"}, {ReturnURL: origin, Purpose: "shopping"}, {}} {
		_, err := account.Portal(t.Context(), wrong)
		wantError(t, "a wrong request", err, subscription.ErrInvalid)
	}
	_, err = account.Portal(t.Context(), subscription.Portal{
		ReturnURL: origin, Purpose: subscription.PortalCancel, SubscriptionID: "sub_x",
	})
	wantError(t, "an unknown subscription", err, subscription.ErrNone)
}

func TestGoCodePagesThroughPayments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.buy()
	account := b.service.For(ownerOf(user))
	page, err := account.Payments(t.Context(), 1, 100)
	b.must(err)
	want(t, "total", page.Total, 1)
	want(t, "amount", page.Payments[0].Amount, int64(1200))
	beyond, err := account.Payments(t.Context(), 2, 1)
	b.must(err)
	want(t, "beyond", len(beyond.Payments), 0)
	for _, wrong := range [][2]int{{0, 1}, {1, 0}, {1, 101}} {
		_, err := account.Payments(t.Context(), wrong[0], wrong[1])
		wantError(t, "a page that can't be", err, subscription.ErrInvalid)
	}
}

func TestGoCodeKnowsWhoIsEntitled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	entitled := func(owner subscription.Owner, requirements ...subscription.Requirement) string {
		s, ok, err := b.service.For(owner).Entitled(t.Context(), requirements...)
		b.must(err)
		want(t, "ok", ok, s.ID != "")
		return s.ID
	}
	want(t, "before a purchase", entitled(ownerOf(user)), "")
	sub := b.buy()
	live := ownerOf(user)
	live.Mode = project.ModeLive
	want(t, "after it", entitled(ownerOf(user)), sub)
	want(t, "in the gate's mode, whatever the owner's is", entitled(live), sub)
	want(t, "by the price", entitled(ownerOf(user), subscription.Price(b.monthly.ID)), sub)
	want(t, "by another price", entitled(ownerOf(user), subscription.Price(b.team.ID)), "")
	want(t, "somebody else", entitled(ownerOf("somebody")), "")

	first, _, err := b.service.For(live).Entitled(t.Context())
	b.must(err)
	first.Items[0].PriceID = b.team.ID
	want(t, "what was done to a copy", entitled(ownerOf(user), subscription.Price(b.team.ID)), "")
	_, _, err = b.service.For(ownerOf("")).Entitled(t.Context())
	wantError(t, "nobody", err, subscription.ErrInvalid)

	b.must(b.stripe.SetStatus(sub, "unpaid"))
	b.settle()
	want(t, "unpaid", entitled(ownerOf(user)), "")
}

func wantError(t *testing.T, name string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: %v, want %v", name, err, target)
	}
}
