package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/paymount/paymount/subscription"
)

// ownerCases are for stores with the ability of subscription.OwnerLoader. Besides, wherever the other cases look at an owner's
// subscriptions or intents, LoadOwner has to show the same.
func ownerCases() []testCase {
	loadOwner := cut{"LoadOwner", func(f *fixture) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_, err := f.whole.LoadOwner(ctx, f.owner("ann"))
			return err
		}
	}, func(*fixture) {}}
	return append(cutCases([]cut{loadOwner}), testCase{"owner/is loaded as it stood at one moment", oneMoment})
}

// oneMoment writes subscriptions, each before another version of the intent, while readers look: none may see a version without
// the subscriptions before it.
func oneMoment(f *fixture) {
	const readers = 4
	var done atomic.Bool
	f.race(readers+1, func(i int) error {
		if i == 0 {
			defer done.Store(true)
			return f.writeInTurn()
		}
		for !done.Load() {
			state, err := f.whole.LoadOwner(f.Context(), f.owner("ann"))
			if err != nil {
				return err
			}
			if n := int64(len(state.Subscriptions)); n < state.Checkout.Version {
				return fmt.Errorf("LoadOwner returned version %d of the intent with %d subscriptions", state.Checkout.Version, n)
			}
		}
		return nil
	})
}

// writeInTurn writes a subscription and a version of the checkout intent, again and again.
func (f *fixture) writeInTurn() error {
	for n := range int64(40) {
		id := fmt.Sprintf("sub_%d", n)
		saved, err := f.store.Save(f.Context(), f.over(f.of(id), f.sub("ann", id)))
		if err != nil || !saved {
			return fmt.Errorf("Save of %s: %t, %w", id, saved, err)
		}
		swapped, err := f.store.SwapIntent(f.Context(), f.owner("ann"), subscription.IntentCheckout, n,
			subscription.Intent{Attempt: "attempt"})
		if err != nil || !swapped {
			return fmt.Errorf("SwapIntent from version %d: %t, %w", n, swapped, err)
		}
	}
	return nil
}

// wantWhole checks that LoadOwner shows of a user what the other methods show.
func (f *fixture) wantWhole(user string) {
	f.Helper()
	if f.whole == nil {
		return
	}
	owner := f.owner(user)
	whole, err := f.whole.LoadOwner(f.Context(), owner)
	if err != nil {
		f.Fatalf("LoadOwner of %q: %v", user, err)
	}
	subs, err := f.store.Subscriptions(f.Context(), owner)
	if err != nil {
		f.Fatalf("Subscriptions of %q: %v", user, err)
	}
	got, want := textOfEach(whole.Subscriptions), textOfEach(subs)
	slices.Sort(got)
	slices.Sort(want)
	f.equal(fmt.Sprintf("the subscriptions of %q, loaded with the owner,", user), got, want)
	for kind, got := range map[subscription.IntentKind]subscription.Intent{
		subscription.IntentCustomer: whole.Customer, subscription.IntentCheckout: whole.Checkout,
	} {
		want, err := f.store.Intent(f.Context(), owner, kind)
		if err != nil {
			f.Fatalf("Intent of %q: %v", user, err)
		}
		f.equal(fmt.Sprintf("the %s intent of %q, loaded with the owner,", kind, user),
			fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	}
}
