package paymount_test

import (
	"errors"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func ownerOf(userID string) subscription.Owner {
	return subscription.Owner{Scope: project.Scope{ProjectID: projectID, Mode: project.ModeTest}, UserID: userID}
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
		"another project": {Scope: project.Scope{ProjectID: "elsewhere", Mode: project.ModeTest}, UserID: user},
		"no project":      {Scope: project.Scope{Mode: project.ModeTest}, UserID: user},
		"no mode":         {Scope: project.Scope{ProjectID: projectID}, UserID: user},
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
