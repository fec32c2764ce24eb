package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
	"github.com/paymount/paymount/subscription/sqlstore"
)

// TestBackfill takes in an existing account, and prints the time, the peak of the heap and the calls. It has 1000
// subscriptions, each with an invoice, unless PAYMOUNT_TEST_BACKFILL says otherwise; for figures run it without -race.
//
//nolint:paralleltest // one store after the other: they are measured
func TestBackfill(t *testing.T) {
	size := 1000
	if text := os.Getenv("PAYMOUNT_TEST_BACKFILL"); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil {
			t.Fatalf("PAYMOUNT_TEST_BACKFILL: %v", err)
		}
	}
	stores := map[string]func(t *testing.T) subscription.SubscriptionStore{
		"memory": func(*testing.T) subscription.SubscriptionStore { return memstore.New() },
	}
	for name, open := range databases() {
		stores[name] = func(t *testing.T) subscription.SubscriptionStore {
			t.Helper()
			return newStore(t, open(t), sqlstore.Config{})
		}
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) { backfill(t, open(t), name, size) })
	}
}

func backfill(t *testing.T, store subscription.SubscriptionStore, name string, size int) {
	t.Helper()
	account := newLargeAccount(t, size)
	service, err := paymount.New(paymount.Config{
		Store: store, Authenticator: auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
			return auth.Identity{}, auth.ErrNoCredentials
		}),
		Credentials: project.Static{alice().ProjectID: {project.ModeTest: {SecretKey: stripetest.TestKey}}},
		StripeURL:   account.URL, EntitlementMode: project.ModeTest, RedirectOrigins: []string{},
		Owner: func(_ context.Context, f subscription.Found) (string, error) { return "user of " + f.CustomerID, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	options := subscription.ReconcileOptions{
		CallsPerSecond: 1e6, SkipInitial: true,
	}
	halfway := errors.New("halfway")
	options.Progress = func(_ context.Context, sofar subscription.ReconcileResult) error {
		if sofar.Objects >= size/2 {
			return halfway
		}
		return nil
	}
	before, peak := heap(), watchHeap(t)
	began := time.Now()
	first, err := service.Reconcile(t.Context(), alice().Scope, options)
	if !errors.Is(err, halfway) {
		t.Fatalf("Reconcile: %v", err)
	}
	options.Progress = nil
	second, err := service.Reconcile(t.Context(), alice().Scope, options)
	if err != nil {
		t.Fatalf("Reconcile: %v", err)
	}
	took, highest := time.Since(began), peak()
	calls := first.Calls + second.Calls
	t.Logf("%s: %d subscriptions and as many invoices in %v with one interruption: %d calls, heap %.1f MB before, %.1f MB at most, "+
		"%.1f MB after; at the default rate the calls alone take %v", name, size, took.Round(time.Millisecond), calls,
		megabytes(before), megabytes(highest), megabytes(heap()), time.Duration(calls)*time.Second/10)

	if objects := first.Objects + second.Objects; objects != 2*size {
		t.Errorf("%d objects were brought in, want %d", objects, 2*size)
	}
	if most := 2*(size+99)/100 + 6; calls > most {
		t.Errorf("%d calls, want %d at most", calls, most)
	}
	if name != "memory" && highest > 200<<20 {
		t.Errorf("the heap had %.1f MB", megabytes(highest))
	}
	for _, i := range []int{0, size / 2, size - 1} {
		owner := subscription.Owner{Scope: alice().Scope, ID: "user of " + customerOf(i)}
		subs, err := store.Subscriptions(t.Context(), owner)
		if err != nil || len(subs) != 1 || subs[0].Plan().PlanName != "Pro" || subs[0].CustomerID != customerOf(i) {
			t.Errorf("subscription %d: %+v, %v", i, subs, err)
		}
		if _, total, err := store.Payments(t.Context(), owner, subscription.Page{Limit: 10}); err != nil || total != 1 {
			t.Errorf("payments of %d: %d, %v", i, total, err)
		}
	}
}

func megabytes(n uint64) float64 { return float64(n) / (1 << 20) }

// heap is the size of what is live.
func heap() uint64 {
	runtime.GC()
	return heapNow()
}

func heapNow() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap samples the heap, dead objects included, until the returned function is called, which returns the most.
func watchHeap(t *testing.T) func() uint64 {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	most := make(chan uint64)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		highest := heapNow()
		for {
			select {
			case <-tick.C:
				highest = max(highest, heapNow())
			case <-ctx.Done():
				most <- highest
				return
			}
		}
	}()
	return func() uint64 {
		stop()
		return <-most
	}
}

func customerOf(i int) string { return fmt.Sprintf("cus_%d", i) }

// largeAccount is a Stripe with many subscriptions that takes no memory for them: it prints them as they are asked for, from
// the JSON of one. stripetest would need seconds for each page of a list that long.
type largeAccount struct {
	*httptest.Server

	size                  int
	subscription, invoice []byte
	ids                   [4]string // of the one: subscription, invoice, customer, payment intent
}

func newLargeAccount(t *testing.T, size int) *largeAccount {
	t.Helper()
	stripe := stripetest.New(t)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	sub, err := stripe.AddSubscription(stripe.AddCustomer("person@example.com").ID, price.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &largeAccount{size: size}
	intent := stripe.Invoices()[0].PaymentIntent
	a.ids = [4]string{sub.ID, sub.LatestInvoice, sub.Customer, intent}
	customer := document(t, stripe, sub.Customer)
	plan, invoice, payment := document(t, stripe, sub.ID), document(t, stripe, sub.LatestInvoice), document(t, stripe, intent)
	charge, _ := payment["latest_charge"].(string)
	payment["latest_charge"] = document(t, stripe, charge)
	invoice["payment_intent"], invoice["customer"], plan["customer"] = payment, customer, customer
	a.subscription, a.invoice = encoded(t, plan), encoded(t, invoice)
	products := list([][]byte{encoded(t, document(t, stripe, price.Product))}, false)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/subscriptions", func(w http.ResponseWriter, r *http.Request) { a.page(w, r, "sub_", a.subscription) })
	mux.HandleFunc("GET /v1/invoices", func(w http.ResponseWriter, r *http.Request) { a.page(w, r, "in_", a.invoice) })
	mux.HandleFunc("GET /v1/products", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(products) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list(nil, false)) })
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

// page answers with the rows after starting_after, numbered from 0.
func (a *largeAccount) page(w http.ResponseWriter, r *http.Request, prefix string, row []byte) {
	from := 0
	if after := r.URL.Query().Get("starting_after"); after != "" {
		last, err := strconv.Atoi(strings.TrimPrefix(after, prefix))
		if err != nil {
			http.Error(w, "starting_after", http.StatusBadRequest)
			return
		}
		from = last + 1
	}
	var rows [][]byte
	for i := from; i < min(from+100, a.size); i++ {
		replace := strings.NewReplacer(a.ids[0], fmt.Sprintf("sub_%d", i), a.ids[1], fmt.Sprintf("in_%d", i),
			a.ids[2], customerOf(i), a.ids[3], fmt.Sprintf("pi_%d", i))
		rows = append(rows, []byte(replace.Replace(string(row))))
	}
	_, _ = w.Write(list(rows, from+100 < a.size))
}

func list(rows [][]byte, more bool) []byte {
	return fmt.Appendf(nil, `{"object":"list","has_more":%t,"data":[%s]}`, more, bytes.Join(rows, []byte(",")))
}

func document(t *testing.T, stripe *stripetest.Server, id string) map[string]any {
	t.Helper()
	raw, ok := stripe.JSON(id)
	if !ok {
		t.Fatalf("%q is not there", id)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
