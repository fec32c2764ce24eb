package conformance_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/stripetest/conformance"
)

// lacks is what the fake cannot do.
func lacks() []conformance.Need {
	return []conformance.Need{
		conformance.NeedVersions, conformance.NeedDiscount, conformance.NeedSchedule,
	}
}

// against is a configuration that asks a fake, through a handler that may spoil its answers.
func against(t *testing.T, spoil func(http.Handler) http.Handler) (conformance.Config, *stripetest.Server) {
	t.Helper()
	srv := stripetest.New(t)
	url := srv.URL
	if spoil != nil {
		front := httptest.NewServer(spoil(srv))
		t.Cleanup(front.Close)
		url = front.URL
	}
	return conformance.Config{
		BaseURL: url, Key: stripetest.TestKey, Pace: -1, Patience: time.Millisecond, Lacks: lacks(),
		AdvanceTo: func(_ context.Context, to time.Time) error {
			srv.Advance(to.Sub(srv.Now()))
			return nil
		},
		Pay: func(_ context.Context, page conformance.Page) error {
			if page.Card == "4000000000000002" {
				return srv.Decline(page.SessionID)
			}
			return srv.Complete(page.SessionID, stripetest.Buyer{Card: page.Card})
		},
	}, srv
}

func TestTheFakeIsAsWeBelieveStripeToBe(t *testing.T) {
	t.Parallel()
	cfg, srv := against(t, nil)
	report, err := conformance.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if report.Count(conformance.Refuted)+report.Count(conformance.Untried)+len(report.Left) > 0 {
		t.Error(report)
	}
	t.Logf("%d beliefs, of which %d have no source: %s", len(conformance.Beliefs()), len(conformance.Unverified()),
		strings.SplitN(report.String(), "\n", 2)[0])
	for _, customer := range srv.Customers() {
		if !customer.Deleted {
			t.Errorf("customer %s is still there", customer.ID)
		}
	}
}
