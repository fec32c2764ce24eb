package main

import (
	"cmp"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	defaultAddr    = "127.0.0.1:8080"
	defaultSQLite  = "paymount.db"
	defaultProject = "default"
	// minSecret is the least size of an HS256 secret in bytes (RFC 7518 section 3.2).
	minSecret = 32
	// defaultInterval is how often the store is reconciled, and minInterval the shortest that a person can mean.
	defaultInterval, minInterval = 15 * time.Minute, time.Second
	defaultGrace                 = 168 * time.Hour
)

// settings is the configuration of a server, checked.
type settings struct {
	addr                 string
	database             location
	credentials          project.CredentialResolver
	project, stripeBase  string
	jwksURL, hs256Secret string
	issuer, audience     string
	ownerClaim           string // that names who pays; empty for the user
	manageScope          string // that every POST of an end user needs; empty for none
	origins              []string
	mode                 project.Mode   // that the gate counts, from the start to the end
	modeChosen           bool           // by PAYMOUNT_MODE
	modes                []project.Mode // that are served; empty for both
	reconcileEvery       time.Duration  // 0 for never
	pastDueGrace         time.Duration  // negative for none
	trialDays            int64
	prorations           []subscription.Proration // nil for the package's own choice
	now                  func() time.Time         // nil for the machine's clock
	// warnings are sentences about what is allowed but probably not meant.
	warnings []string
}

// demoSettings is what can be set of a demo, checked.
type demoSettings struct {
	addr     string
	database location
	warnings []string
}

// location says where the state is kept.
type location struct{ kind, path string }

const (
	kindMemory   = "memory"
	kindSQLite   = "sqlite"
	kindPostgres = "postgres"
	// kindTemporary is a SQLite file that is removed in the end.
	kindTemporary = "temporary"
)

// parseServe reads the settings of serve. Its error is all mistakes at once. The logger is for the credentials file, which is
// read again whenever it changes.
func parseServe(v values, getenv func(string) string, logger *slog.Logger) (settings, error) {
	r := &reader{values: v}
	for _, name := range laterVariables() {
		if strings.TrimSpace(getenv(name)) != "" {
			r.fail(name, "is set, and this version does not know what it asks for")
		}
	}
	s := settings{
		addr: r.addr(), database: r.database(location{kindSQLite, defaultSQLite}),
		project: cmp.Or(v["PAYMOUNT_PROJECT"], defaultProject), stripeBase: r.url("STRIPE_API_BASE"),
		jwksURL: r.url("PAYMOUNT_JWKS_URL"), hs256Secret: r.secret(), issuer: v["PAYMOUNT_ISSUER"], audience: v["PAYMOUNT_AUDIENCE"],
		ownerClaim: v["PAYMOUNT_OWNER_CLAIM"], manageScope: r.scope("PAYMOUNT_MANAGE_SCOPE"),
		origins: r.origins(), mode: r.mode(), trialDays: r.days("PAYMOUNT_TRIAL_DAYS"),
		reconcileEvery: r.interval("PAYMOUNT_RECONCILE_INTERVAL", defaultInterval),
		prorations:     r.prorations(),
		pastDueGrace:   r.interval("PAYMOUNT_PAST_DUE_GRACE", defaultGrace),
	}
	if s.pastDueGrace == 0 {
		s.pastDueGrace = -1
	}
	r.keys(&s, logger)
	s.warnings = r.warnings
	return s, r.err()
}

// parseDemo reads the settings of demo. A database that only a real server has is left alone: the demo makes one of its own.
func parseDemo(v values) (demoSettings, error) {
	r := &reader{values: v}
	s := demoSettings{addr: r.addr(), database: r.database(location{kind: kindTemporary})}
	if host, _, err := net.SplitHostPort(s.addr); err == nil && !loopback(host) {
		r.fail("PAYMOUNT_ADDR", "is not a loopback address: anybody could sign in to the demo as anybody")
	}
	switch s.database.kind {
	case kindPostgres:
		s.database = location{kind: kindTemporary}
		r.warn("PAYMOUNT_DATABASE_URL", "is left alone: the demo keeps its state in a file of its own")
	case kindSQLite:
		r.warn("PAYMOUNT_DATABASE_URL", "keeps what the demo's Stripe forgets at its end")
	}
	s.warnings = r.warnings
	return s, r.err()
}

// serves reports whether requests of a mode are served.
func (s settings) serves(mode project.Mode) bool {
	return len(s.modes) == 0 || slices.Contains(s.modes, mode)
}

// plainHTTP reports whether what is sent to the URL leaves this machine unencrypted.
func plainHTTP(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && !loopback(u.Hostname())
}

// loopback reports whether only this machine can reach the host.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
