package paymount_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

// openPrices is what the log says of selling any price.
const openPrices = "sells any active price"

// hidden is a resolver that can't be looked at.
type hidden struct{ project.Static }

func (h hidden) ResolveCredentials(ctx context.Context, projectID string, mode project.Mode) (project.Credentials, error) {
	return h.Static.ResolveCredentials(ctx, projectID, mode)
}

func selling(live, test []string) project.Static {
	return project.Static{projectID: {
		project.ModeTest: {SecretKey: stripetest.TestKey, Prices: test},
		project.ModeLive: {SecretKey: stripetest.LiveKey, Prices: live},
	}}
}

func TestNewWarnsOfSellingWhateverALiveAccountHas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials.json")
	content := `{"projects": {"` + projectID + `": {
		"test": {"secret_key": "` + stripetest.TestKey + `"}, "live": {"secret_key": "` + stripetest.LiveKey + `"}
	}}}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := project.OpenFile(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		credentials project.CredentialResolver
		modes       []project.Mode
		warns       bool
	}{
		"a map without a list":       {selling(nil, nil), nil, true},
		"a file without a list":      {file, nil, true},
		"a list in live mode":        {selling([]string{"price_1"}, nil), nil, false},
		"live mode is not served":    {selling(nil, nil), []project.Mode{project.ModeTest}, false},
		"nobody can look at it":      {hidden{selling(nil, nil)}, nil, false},
		"a list in test mode alone":  {selling(nil, []string{"price_1"}), nil, true},
		"no live mode is configured": {project.Static{projectID: {project.ModeTest: {SecretKey: stripetest.TestKey}}}, nil, false},
	} {
		b := setup(t, func(config *paymount.Config, _ *stripetest.Options) {
			config.Credentials, config.Modes = c.credentials, c.modes
		})
		if strings.Contains(b.started, openPrices) != c.warns {
			t.Errorf("%s: the log is %q", name, b.started)
		}
	}
}

func TestTheFirstLiveSaleWithoutAListIsWarnedOfOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, func(config *paymount.Config, _ *stripetest.Options) { config.Credentials = hidden{selling(nil, nil)} })
	live := b.stripe.AccountFor(stripetest.LiveKey)
	price := live.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	buy := func(user, query, price string) {
		a := b.as(user, http.MethodPost, "/billing/checkout-session"+query, b.order(map[string]any{"price_id": price}))
		if a.status != http.StatusOK {
			t.Fatalf("checkout of %s: %d %s", user, a.status, a.raw)
		}
	}
	buy("ada", "", b.monthly.ID)
	if strings.Contains(b.logs.String(), openPrices) {
		t.Errorf("test mode is warned of: %s", b.logs)
	}
	buy("ada", "?test_mode=false", price.ID)
	buy("bob", "?test_mode=false", price.ID)
	if n := strings.Count(b.logs.String(), openPrices); n != 1 {
		t.Errorf("%d warnings: %s", n, b.logs)
	}
}

func TestAProjectOfWhichNewHasWarnedIsNotWarnedOfAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, func(config *paymount.Config, _ *stripetest.Options) { config.Credentials = selling(nil, nil) })
	want(t, "warned at the start", strings.Contains(b.started, openPrices), true)
	price := b.stripe.AccountFor(stripetest.LiveKey).AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	order := b.order(map[string]any{"price_id": price.ID})
	want(t, "sale", b.as(user, http.MethodPost, "/billing/checkout-session?test_mode=false", order).status, http.StatusOK)
	want(t, "warned again", strings.Contains(b.logs.String(), openPrices), false)
}
