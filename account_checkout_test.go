package paymount_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// request is a valid request of Go code, with a change.
func (b *bundle) request(change func(*checkout.Request)) checkout.Request {
	r := checkout.Request{
		Lines:      []checkout.Line{{PriceID: b.monthly.ID}},
		SuccessURL: origin + "/done?s={CHECKOUT_SESSION_ID}", CancelURL: origin + "/plans",
	}
	change(&r)
	return r
}

func asIs(*checkout.Request) {}

func TestGoCodeSellsWhatClientsBuy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.service.For(ownerOf(user), auth.Identity{UserID: user, ProjectID: projectID, Email: "person@example.com"})
	session, err := account.Checkout(t.Context(), b.request(asIs))
	b.must(err)
	want(t, "status", session.Status, checkout.StatusOpen)
	want(t, "a URL", session.URL != "", true)
	want(t, "a client's session", b.mustCheckout(), session.ID)
	want(t, "email of the customer", b.stripe.Customers()[0].Email, "person@example.com")
	open, err := account.CheckoutSession(t.Context(), session.ID, 0)
	b.must(err)
	want(t, "still open", open.Status == checkout.StatusOpen && open.Subscription == nil, true)

	b.stripe.Hold() // no webhook helps
	b.must(b.stripe.Complete(session.ID))
	done, err := account.CheckoutSession(t.Context(), session.ID, time.Second)
	b.must(err)
	want(t, "done", done.Status, checkout.StatusComplete)
	want(t, "subscription", done.Subscription.Status, subscription.StatusActive)
	_, err = account.Checkout(t.Context(), b.request(asIs))
	wantError(t, "a second one", err, subscription.ErrExists)
	more, err := account.Checkout(t.Context(), b.request(func(r *checkout.Request) { r.AllowExistingSubscription = true }))
	b.must(err)
	want(t, "a second one that is allowed", more.Status, checkout.StatusOpen)
	once, err := account.Checkout(t.Context(), b.request(func(r *checkout.Request) {
		r.Mode, r.Lines, r.AllowExistingSubscription = checkout.ModePayment, []checkout.Line{{PriceID: b.once.ID, Quantity: 3}}, true
	}))
	b.must(err)
	want(t, "amount of a one-time payment", once.AmountTotal, 1500)

	_, err = b.service.For(ownerOf("somebody")).CheckoutSession(t.Context(), session.ID, 0)
	wantError(t, "somebody else's", err, subscription.ErrNone)
	_, err = b.service.For(ownerOf("")).Checkout(t.Context(), b.request(asIs))
	wantError(t, "nobody", err, subscription.ErrInvalid)
}

// told lists mistakes as clients are told of them.
func told(fields []subscription.FieldError) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Field+": "+f.Message+" ("+f.Kind+")")
	}
	return strings.Join(out, "\n")
}

// told lists the wrong fields of a 422 in the same way.
func (a answer) told() string {
	var fields []subscription.FieldError
	list, _ := a.body["detail"].([]any)
	for _, entry := range list {
		m, _ := entry.(map[string]any)
		loc, _ := m["loc"].([]any)
		fields = append(fields, subscription.FieldError{
			Field: fmt.Sprint(loc[len(loc)-1]), Message: fmt.Sprint(m["msg"]), Kind: fmt.Sprint(m["type"]),
		})
	}
	return told(fields)
}

func TestGoCodeIsToldOfTheSameMistakesAsAClient(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) { c.MaxQuantity = 9 })
	metered := b.stripe.AddPrice(stripetest.PriceSpec{Product: "Calls", Amount: 3, Interval: "month", Metered: true})
	tooMany := map[string]string{"bad[key]": "x", "nul": "\x00", "long": strings.Repeat("x", 501), strings.Repeat("k", 41): "x"}
	for i := range 45 {
		tooMany[fmt.Sprint("key", i)] = "value"
	}
	for name, test := range map[string]struct {
		request func(*checkout.Request)
		body    map[string]any
	}{
		"no price":      {func(r *checkout.Request) { r.Lines = nil }, map[string]any{"price_id": nil}},
		"no price id":   {func(r *checkout.Request) { r.Lines[0].PriceID = "" }, map[string]any{"price_id": nil}},
		"no price's id": {func(r *checkout.Request) { r.Lines[0].PriceID = "pro" }, map[string]any{"price_id": "pro"}},
		"a price of the other kind": {
			func(r *checkout.Request) { r.Mode = checkout.ModePayment }, map[string]any{"mode": "payment"},
		},
		"an unknown price": {
			func(r *checkout.Request) { r.Lines[0].PriceID = "price_none" }, map[string]any{"price_id": "price_none"},
		},
		"a negative quantity":  {func(r *checkout.Request) { r.Lines[0].Quantity = -1 }, map[string]any{"quantity": -1}},
		"too large a quantity": {func(r *checkout.Request) { r.Lines[0].Quantity = 10 }, map[string]any{"quantity": 10}},
		"a metered quantity": {
			func(r *checkout.Request) { r.Lines[0] = checkout.Line{PriceID: metered.ID, Quantity: 1} },
			map[string]any{"price_id": metered.ID, "quantity": 1},
		},
		"an unknown mode":   {func(r *checkout.Request) { r.Mode = "gift" }, map[string]any{"mode": "gift"}},
		"too many metadata": {func(r *checkout.Request) { r.Metadata = tooMany }, map[string]any{"metadata": tooMany}},
		"everything": {
			func(r *checkout.Request) {
				*r = checkout.Request{
					Lines: []checkout.Line{{Quantity: 10}}, SuccessURL: "https://evil.example/", Mode: "gift", Metadata: tooMany,
				}
			},
			map[string]any{
				"price_id": nil, "quantity": 10, "success_url": "https://evil.example/", "cancel_url": nil, "mode": "gift",
				"metadata": tooMany,
			},
		},
	} {
		b.stripe.ResetCalls()
		_, err := b.service.For(ownerOf(user)).Checkout(t.Context(), b.request(test.request))
		wantError(t, name, err, subscription.ErrInvalid)
		var invalid *subscription.Error
		errors.As(err, &invalid)
		byLine := func(lines string) string {
			sorted := strings.Split(lines, "\n")
			slices.SortStableFunc(sorted, cmp.Compare)
			return strings.Join(sorted, "\n")
		}
		if got, client := byLine(told(invalid.Fields)), byLine(b.checkout(test.body).told()); got != client || got == "" {
			t.Errorf("%s: Go code is told\n%s\nand a client\n%s", name, got, client)
		}
	}
	want(t, "sessions", len(b.stripe.Sessions()), 0)
}

func TestOnlyOneLineIsSold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	two := b.request(func(r *checkout.Request) { r.Lines = append(r.Lines, checkout.Line{PriceID: b.team.ID}) })
	_, err := b.service.For(ownerOf(user)).Checkout(t.Context(), two)
	var invalid *subscription.Error
	if !errors.As(err, &invalid) || told(invalid.Fields) != "items: List should have at most 1 item (too_long)" {
		t.Error(err)
	}
	want(t, "calls to Stripe", len(b.stripe.Calls()), 0)
}

func TestTextThatNoStoreKeepsIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, change := range map[string]func(*checkout.Request){
		"a URL":    func(r *checkout.Request) { r.SuccessURL += "\xff" },
		"a key":    func(r *checkout.Request) { r.Metadata = map[string]string{"\xff": ""} },
		"a value":  func(r *checkout.Request) { r.Metadata = map[string]string{"key": "\xff"} },
		"a price":  func(r *checkout.Request) { r.Lines[0].PriceID += "\xff" },
		"its mode": func(r *checkout.Request) { r.Mode = "\xff" },
	} {
		_, err := b.service.For(ownerOf(user)).Checkout(t.Context(), b.request(change))
		wantError(t, name, err, subscription.ErrInvalid)
	}
}

func TestAHooksRefusalIsWhatGoCodeGets(t *testing.T) {
	t.Parallel()
	refusals := map[string]error{
		"httperr":      httperr.New(http.StatusForbidden, "blocked", "No."),
		"subscription": fmt.Errorf("the host: %w", subscription.ErrConflict),
		"other":        errors.New("the host's database is away"),
	}
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.CustomizeCheckout = func(_ context.Context, id auth.Identity, _ *checkout.SessionParams) error { return refusals[id.UserID] }
	})
	statuses := map[string]int{"httperr": 403, "subscription": 409, "other": 503}
	for _, who := range slices.Sorted(maps.Keys(refusals)) {
		_, err := b.service.For(ownerOf(user), auth.Identity{UserID: who}).Checkout(t.Context(), b.request(asIs))
		wantError(t, who, err, refusals[who])
		want(t, who+": over HTTP", b.as(who, http.MethodPost, "/billing/checkout-session", b.order()).status, statuses[who])
	}
	want(t, "sessions", len(b.stripe.Sessions()), 0)
}
