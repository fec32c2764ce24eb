package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ErrConfig matches every mistake in a [Config].
var ErrConfig = errors.New("conformance: configuration")

// Config says which Stripe is asked, and how.
type Config struct {
	// BaseURL is where the API is. Default: https://api.stripe.com. Plain http is accepted on the loopback interface only.
	BaseURL string

	// Key is a key of test mode, sk_test_… or rk_test_…; any other is refused. A restricted key needs to write customers,
	// products, prices, checkout sessions, subscriptions, invoices, payment methods, refunds and test clocks, and to read
	// events, charges and payment intents.
	Key string

	// HTTPClient makes the calls. Default: one with a time limit of 30 seconds.
	HTTPClient *http.Client

	// RunID marks everything that the run creates. Default: a new one, or that of Earlier.
	RunID string

	// Only names the beliefs to try, by id, or by the part of it before the slash. Default: all.
	Only []string

	// Earlier is the report of a run that was interrupted: what it left behind is removed first, and the beliefs that it has
	// decided are not tried again.
	Earlier Report

	// Progress is called after each belief with the report so far, on the goroutine of Run. It may keep it.
	Progress func(Report)

	// Pace is the least time between two calls; negative for none. Default: 50 ms, that is 20 calls a second of the 25 that
	// Stripe allows in test mode (https://docs.stripe.com/rate-limits).
	Pace time.Duration

	// Patience is how long to wait for events that are not there yet: so long after the first look, twice as long after the
	// second, and so on, fifteen times at most. Default: 200 ms.
	Patience time.Duration

	// Lacks names what a fake cannot do. The beliefs that need it are skipped, and the report says so.
	Lacks []Need

	// AdvanceTo moves the clock of a fake. Default: Stripe's test clocks.
	AdvanceTo func(context.Context, time.Time) error

	// Pay pays on a hosted checkout page, or tries to. Default: none, and beliefs that need it are skipped.
	Pay func(context.Context, Page) error
}

// Page is a hosted checkout page that is to be paid on.
type Page struct {
	SessionID, URL string
	Card           string // the number to enter; Pay returns without an error also when this card is declined
}

// check fills in what is missing.
func (c *Config) check() error {
	if !strings.HasPrefix(c.Key, "sk_test_") && !strings.HasPrefix(c.Key, "rk_test_") {
		return fmt.Errorf("%w: the key is not one of test mode: want sk_test_… or rk_test_…", ErrConfig)
	}
	if c.BaseURL == "" {
		c.BaseURL = "https://api.stripe.com"
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" {
		return fmt.Errorf("%w: BaseURL is no absolute URL", ErrConfig)
	}
	if base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())) {
		return fmt.Errorf("%w: BaseURL must be https, or http on the loopback interface", ErrConfig)
	}
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/")
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{Timeout: 30 * time.Second}
	}
	if c.RunID == "" {
		c.RunID = c.Earlier.RunID
	}
	if c.RunID == "" {
		c.RunID = strings.ToLower(rand.Text()[:12])
	}
	if c.Pace == 0 {
		c.Pace = 50 * time.Millisecond
	}
	if c.Patience == 0 {
		c.Patience = 200 * time.Millisecond
	}
	if c.Progress == nil {
		c.Progress = func(Report) {}
	}
	return c.checkOnly()
}

func (c *Config) checkOnly() error {
	for _, name := range c.Only {
		if !slices.ContainsFunc(Beliefs(), func(b Belief) bool { return b.named(name) }) {
			return fmt.Errorf("%w: there is no belief %q", ErrConfig, name)
		}
	}
	return nil
}

// wants reports whether a belief is to be tried.
func (c *Config) wants(b Belief) bool {
	return len(c.Only) == 0 || slices.ContainsFunc(c.Only, b.named)
}

// named reports whether a name means the belief, by itself or as one of its group.
func (b Belief) named(name string) bool { return b.ID == name || strings.HasPrefix(b.ID, name+"/") }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
