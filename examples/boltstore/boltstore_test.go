package boltstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/paymount/paymount/examples/boltstore"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/storetest"
)

func TestItKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) subscription.SubscriptionStore {
		t.Helper()
		return open(t, filepath.Join(t.TempDir(), "billing.db"))
	})
}

func TestASecondOpenOfTheSameFileFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "billing.db")
	open(t, path)
	_, err := boltstore.Open(path)
	if !errors.Is(err, bbolterrors.ErrTimeout) || !strings.Contains(err.Error(), path+" is already open") {
		t.Fatalf("the second Open returned %v", err)
	}
}

func TestAFileThatIsOpenedAgainHasEverything(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "billing.db")
	store := open(t, path)
	sub := bought("sub_1")
	must(t)(store.Save(ctx, subscription.Write{Old: unknown(sub.ID), New: sub, Events: []string{"evt_1"}, At: now()}))
	must(t)(store.SaveNotification(ctx, scope(), sub.ID, subscription.Notification{Count: 1, Notified: sub.Subscription}))
	must(t)(store.AdoptCustomer(ctx, owner(), "cus_1", 0, subscription.Intent{Attempt: "attempt", Data: []byte(`{"a": 1}`)}))
	must(t)(store.SwapReconcileCursor(ctx, scope(), 0, []byte(`{"page": 7}`)))
	_, reserved, err := store.ReserveKey(ctx, scope(), "key", reservation("holder", now()))
	must(t)(reserved, err)
	reply := &subscription.Reply{Status: 200, ContentType: "text/plain", Body: []byte("done")}
	if err := store.FinishKey(ctx, scope(), "key", "holder", reply); err != nil {
		t.Fatal(err)
	}

	before := everything(t, store, sub.ID)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(ctx, scope(), sub.ID, nil); err == nil {
		t.Fatal("a closed store can still be read")
	}
	after := everything(t, open(t, path), sub.ID)
	for name, want := range before {
		if got := after[name]; !reflect.DeepEqual(got, want) || reflect.ValueOf(want).IsZero() {
			t.Errorf("%s is %+v, and was %+v", name, got, want)
		}
	}
}

func TestOldEventsAreForgotten(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), open(t, filepath.Join(t.TempDir(), "billing.db"))
	old := unknown("sub_1")
	for _, write := range []struct {
		event string
		after time.Duration
		want  []string
	}{
		{"evt_1", 0, []string{"evt_1"}},
		{"evt_2", 30*24*time.Hour - time.Second, []string{"evt_1", "evt_2"}},
		{"evt_3", 30 * 24 * time.Hour, []string{"evt_2", "evt_3"}},
	} {
		at := now().Add(write.after)
		must(t)(store.Save(ctx, subscription.Write{Old: old, New: bought("sub_1"), Events: []string{write.event}, At: at}))
		loaded, err := store.Load(ctx, scope(), "sub_1", []string{"evt_1", "evt_2", "evt_3"})
		if err != nil || !reflect.DeepEqual(loaded.Recorded, write.want) {
			t.Fatalf("after %s these are recorded: %v, %v", write.event, loaded.Recorded, err)
		}
		old = loaded.Object
	}
}

func TestExpiredKeysAreForgotten(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), open(t, filepath.Join(t.TempDir(), "billing.db"))
	_, reserved, err := store.ReserveKey(ctx, scope(), "first", reservation("a", now()))
	must(t)(reserved, err)
	_, reserved, err = store.ReserveKey(ctx, scope(), "second", reservation("b", now().Add(24*time.Hour)))
	must(t)(reserved, err)
	// The first key would be taken at this time, if it were still there.
	_, reserved, err = store.ReserveKey(ctx, scope(), "first", reservation("c", now()))
	must(t)(reserved, err)
}

func TestAKeyThatIsReservedAgainLivesUntilItsNewExpiry(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), open(t, filepath.Join(t.TempDir(), "billing.db"))
	_, reserved, err := store.ReserveKey(ctx, scope(), "key", reservation("a", now()))
	must(t)(reserved, err)
	if err := store.FinishKey(ctx, scope(), "key", "a", nil); err != nil {
		t.Fatal(err)
	}
	_, reserved, err = store.ReserveKey(ctx, scope(), "key", reservation("b", now().Add(24*time.Hour-time.Second)))
	must(t)(reserved, err)
	later := now().Add(24 * time.Hour)
	_, reserved, err = store.ReserveKey(ctx, scope(), "other", reservation("c", later))
	must(t)(reserved, err)
	existing, reserved, err := store.ReserveKey(ctx, scope(), "key", reservation("d", later))
	if reserved || existing.Holder != "b" || err != nil {
		t.Fatalf("reserved %t beside %+v: %v", reserved, existing, err)
	}
}

func TestNobodyElseCanReadTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "billing.db")
	open(t, path)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file is %v: %v", info, err)
	}
}

func TestIDsLongerThanKeysOfTheFileDoNotMeet(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), open(t, filepath.Join(t.TempDir(), "billing.db"))
	long := "sub_" + strings.Repeat("x", bbolt.MaxKeySize)
	for _, id := range []string{long + "1", long + "2"} {
		must(t)(store.Save(ctx, subscription.Write{Old: unknown(id), New: bought(id), At: now()}))
	}
	subs, err := store.Subscriptions(ctx, owner())
	if err != nil || len(subs) != 2 || subs[0].ID == subs[1].ID {
		t.Fatalf("the owner has %d subscriptions: %v", len(subs), err)
	}
}

// open opens a store that is closed at the end of the test.
func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	store, err := boltstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// must returns a check that a write has been done.
func must(t *testing.T) func(done bool, err error) {
	t.Helper()
	return func(done bool, err error) {
		t.Helper()
		if err != nil || !done {
			t.Fatalf("done %t: %v", done, err)
		}
	}
}

// everything returns what the store has of the object, the owner and the scope, by a name for each.
func everything(t *testing.T, store *boltstore.Store, id string) map[string]any {
	t.Helper()
	ctx := t.Context()
	loaded, err1 := store.Load(ctx, scope(), id, []string{"evt_1"})
	state, err2 := store.LoadOwner(ctx, owner())
	user, err3 := store.CustomerOwner(ctx, scope(), "cus_1")
	subs, err4 := store.OpenSubscriptions(ctx, scope(), now().Add(time.Second), "", 10)
	cursor, err5 := store.ReconcileCursor(ctx, scope())
	key, _, err6 := store.ReserveKey(ctx, scope(), "key", reservation("other", now()))
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"object": loaded.Object, "recorded": loaded.Recorded, "subscriptions": state.Subscriptions, "intent": state.Customer,
		"customer": user, "open": subs, "cursor": cursor, "key": key,
	}
}

func scope() project.Scope { return project.Scope{ProjectID: "shop", Mode: project.ModeLive} }

func owner() subscription.Owner { return subscription.Owner{Scope: scope(), ID: "ann"} }

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func unknown(id string) subscription.Object { return subscription.Object{Scope: scope(), ID: id} }

func bought(id string) subscription.Object {
	o := unknown(id)
	o.Subscription = &subscription.Subscription{
		ID: id, Owner: owner(), CustomerID: "cus_1", Status: subscription.StatusActive, CreatedAt: now(),
		Items: []subscription.Item{{ID: "si_1", PriceID: "price_1", ProductID: "prod_1", Quantity: 1}},
	}
	return o
}

func reservation(holder string, at time.Time) subscription.Reservation {
	return subscription.Reservation{
		Holder: holder, Fingerprint: "same", At: at, LockedUntil: at.Add(time.Minute), ExpiresAt: at.Add(24 * time.Hour),
	}
}
