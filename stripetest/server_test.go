package stripetest_test

import (
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

//nolint:paralleltest // it looks at all goroutines of the process
func TestCloseEndsEveryGoroutineAndCall(t *testing.T) {
	srv, err := stripetest.Start(stripetest.Options{RetryDelays: []time.Duration{time.Hour}})
	must(t, err)
	box := newInbox(t, 500)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL, Concurrency: 3})
	entered := make(chan struct{})
	inject(t, srv, stripetest.Fault{Delay: time.Hour, OnHit: func(stripetest.Call) { close(entered) }})
	c := newClient(t, srv)
	var wg sync.WaitGroup
	wg.Go(func() { c.post("/v1/customers") })
	<-entered
	srv.AddCustomer("a@example.com") // its delivery will wait for an hour

	began := time.Now()
	srv.Close()
	wg.Wait()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Close took %v", took)
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, owned := range []string{"stripetest.(*Server).work(", "stripetest.(*Server).serve("} {
		if strings.Contains(string(stacks), owned) {
			t.Errorf("goroutines are left:\n%s", stacks)
		}
	}
	if _, err := srv.AddWebhook(stripetest.Webhook{URL: box.URL, Secrets: []string{"s"}}); err == nil {
		t.Error("a closed server took a webhook")
	}
	if got := c.get("/v1/customers"); got.err == nil {
		t.Errorf("a closed server answered %d", got.status)
	}
	srv.Close() // again: must not hang or panic
}

func TestCloseWaitsForTheCallsThatItCutsOff(t *testing.T) {
	t.Parallel()
	srv, err := stripetest.Start(stripetest.Options{})
	must(t, err)
	entered, release, closed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	inject(t, srv, stripetest.Fault{OnHit: func(stripetest.Call) { close(entered); <-release }})
	cutOff := make(chan answer, 1)
	go func() { cutOff <- newClient(t, srv).post("/v1/customers") }()
	<-entered
	go func() { srv.Close(); close(closed) }()
	if got := <-cutOff; got.err == nil {
		t.Errorf("the call was answered with %d", got.status)
	}
	select {
	case <-closed:
		t.Error("Close returned while a call was being handled")
	default:
	}
	close(release)
	<-closed
}

func TestTheFakeLinksTheStandardLibraryOnly(t *testing.T) {
	t.Parallel()
	const format = `{{if not .Standard}}{{.ImportPath}}{{else if eq .ImportPath "testing"}}testing{{end}}`
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, ".").Output()
	must(t, err)
	if got := strings.Fields(string(out)); len(got) != 1 || !strings.HasSuffix(got[0], "/stripetest") {
		t.Errorf("depends on %v, want the standard library without testing", got)
	}
}

func TestManyBuyersAtOnceLeaveOneOfEach(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	box := newInbox(t)
	addWebhook(t, srv.Account, stripetest.Webhook{URL: box.URL, Concurrency: 4})
	price := monthly(srv)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			c := newClient(t, srv)
			got := c.post("/v1/checkout/sessions", "mode", "subscription", "success_url", "https://shop.example/ok",
				"line_items[0][price]", price.ID, "line_items[0][quantity]", "1")
			id, ok := got.at("id").(string)
			if got.status != http.StatusOK || !ok {
				t.Errorf("status %d", got.status)
				return
			}
			for range 3 { // only one of three presses of the button counts
				wg.Go(func() { _ = srv.Complete(id) })
			}
		})
	}
	wg.Wait()
	settle(t, srv)
	if n := len(srv.Subscriptions()); n != 10 {
		t.Errorf("%d subscriptions, want 10", n)
	}
	completed := map[any]int{}
	for _, d := range box.events() {
		if d.event["type"] == "checkout.session.completed" {
			completed[at(d.event, "data.object.id")]++
		}
	}
	if len(completed) != 10 {
		t.Errorf("%d sessions completed, want 10", len(completed))
	}
}
