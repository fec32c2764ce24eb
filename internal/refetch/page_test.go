package refetch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// listed is sub_1 as a list shows it with that quantity.
func listed(quantity int64) []stripe.Listed {
	return []stripe.Listed{{Subscription: &subscription.Subscription{
		ID: "sub_1", CustomerID: "cus_1", Status: subscription.StatusActive, Items: []subscription.Item{{Quantity: quantity}},
		Metadata: map[string]string{subscription.MetadataOwner: "u", subscription.MetadataProject: "p"},
	}}}
}

// looks is a page that shows one thing after the other, and counts.
func looks(count *int, pages ...[]stripe.Listed) func(context.Context) ([]stripe.Listed, error) {
	return func(context.Context) ([]stripe.Listed, error) {
		*count++
		return pages[*count-1], nil
	}
}

// know makes the store know an object that is nobody's.
func know(t *testing.T, store subscription.SubscriptionStore, id string) {
	t.Helper()
	o := subscription.Object{Scope: scope(), ID: id}
	if saved, err := store.Save(t.Context(), subscription.Write{Old: o, New: o}); err != nil || !saved {
		t.Fatalf("saved: %t, %v", saved, err)
	}
}

func TestAPageOfNewObjectsIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	store, again := memstore.New(), 0
	_, failed, err := start(&fakeStripe{}, store, nil).SavePage(t.Context(), target(""), refetch.Page{
		Objects: listed(1), Again: looks(&again),
	})
	if err != nil || len(failed) > 0 || again != 0 {
		t.Fatalf("%v, %v, %d more looks", failed, err, again)
	}
	if got := stored(t, store).Plan().Quantity; got != 1 {
		t.Errorf("state %d", got)
	}
}

func TestAPageWithAKnownObjectIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		again []stripe.Listed
		want  int64
	}{
		"the second look counts":                   {listed(2), 2},
		"what it does not show is fetched instead": {nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store, again := &fakeStripe{}, memstore.New(), 0
			s.changes.Store(3) // what a fetch sees
			r := start(s, store, nil)
			know(t, store, "sub_1")
			_, failed, err := r.SavePage(t.Context(), target(""), refetch.Page{Objects: listed(1), Again: looks(&again, tt.again)})
			if err != nil || len(failed) > 0 || again != 1 {
				t.Fatalf("%v, %v, %d more looks", failed, err, again)
			}
			if got := stored(t, store).Plan().Quantity; got != tt.want {
				t.Errorf("state %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAFailedSecondLookBringsNothingIn(t *testing.T) {
	t.Parallel()
	store, away := memstore.New(), errors.New("away")
	know(t, store, "sub_1")
	_, _, err := start(&fakeStripe{}, store, nil).SavePage(t.Context(), target(""), refetch.Page{
		Objects: listed(1), Again: func(context.Context) ([]stripe.Listed, error) { return nil, away },
	})
	if !errors.Is(err, away) {
		t.Errorf("error: %v", err)
	}
	subs, err := store.Subscriptions(t.Context(), subscription.Owner{Scope: scope(), ID: "u"})
	if err != nil || len(subs) > 0 {
		t.Errorf("%v, %v", subs, err)
	}
}

func TestAPageThatSkipsTheInitialStateTellsOfChanges(t *testing.T) {
	t.Parallel()
	var told []int64
	s, store := &fakeStripe{}, memstore.New()
	r := start(s, store, func(_ context.Context, c subscription.Change) error {
		told = append(told, c.Old.Plan().Quantity, c.New.Plan().Quantity)
		return nil
	})
	for _, quantity := range []int64{1, 1, 2} {
		again := 0
		_, _, err := r.SavePage(t.Context(), target(""), refetch.Page{
			Objects: listed(quantity), Again: looks(&again, listed(quantity)), SkipInitial: true,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 2 || told[0] != 1 || told[1] != 2 {
		t.Errorf("told: %v", told)
	}
}

func TestSavePageEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := memstore.New()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _, _ = start(&fakeStripe{}, store, nil).SavePage(ctx, target(""), refetch.Page{Objects: listed(1)})
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("it does not end")
	}
}
