package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
)

const (
	defaultAddr    = "127.0.0.1:8080"
	defaultSQLite  = "paymount.db"
	defaultProject = "default"
	// minSecret is the least size of an HS256 secret in bytes (RFC 7518 section 3.2).
	minSecret = 32
	// defaultInterval is how often the store is reconciled, and minInterval the shortest that a person can mean.
	defaultInterval, minInterval = 15 * time.Minute, time.Second
)

// settings is the configuration, checked.
type settings struct {
	addr     string
	database location
	// demo says that there are no Stripe credentials, so that the built-in fake stands in. credentials is nil then.
	demo                                   bool
	credentials                            auth.CredentialResolver
	project, stripeBase                    string
	jwksURL, hs256Secret, issuer, audience string
	origins                                []string
	mode                                   auth.Mode
	reconcileEvery                         time.Duration // 0 for never
	// pastDueGrace and now are set in demo mode alone; zero and nil stand for the service's own defaults.
	pastDueGrace time.Duration
	now          func() time.Time
	// warnings are sentences about what is allowed but probably not meant.
	warnings []string
}

// location says where the state is kept. It is zero in demo mode when nothing is set.
type location struct{ kind, path string }

const (
	kindMemory   = "memory"
	kindSQLite   = "sqlite"
	kindPostgres = "postgres"
)

// parseSettings reads the environment and the flags, which win. It returns flag.ErrHelp when help was asked for, else every
// mistake at once. The logger is for the credentials file, which is read again whenever it changes.
func parseSettings(args []string, getenv func(string) string, logger *slog.Logger) (settings, error) {
	values, err := readValues(args, getenv)
	if err != nil {
		return settings{}, err
	}
	r := &reader{values: values}
	s := settings{
		addr: r.addr(), database: r.database(), project: cmp.Or(values["PAYMOUNT_PROJECT"], defaultProject),
		stripeBase: r.url("STRIPE_API_BASE"), jwksURL: r.url("PAYMOUNT_JWKS_URL"), hs256Secret: r.secret(),
		issuer: values["PAYMOUNT_ISSUER"], audience: values["PAYMOUNT_AUDIENCE"], origins: r.origins(), mode: r.mode(),
		reconcileEvery: r.interval("PAYMOUNT_RECONCILE_INTERVAL", defaultInterval),
		demo:           !r.has("STRIPE_SECRET_KEY") && !r.has("PAYMOUNT_CREDENTIALS"),
	}
	if s.demo {
		s.mode, s.stripeBase, s.jwksURL, s.issuer, s.audience = auth.ModeTest, "", "", "", ""
		r.ignore("in demo mode", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE", "PAYMOUNT_JWKS_URL", "PAYMOUNT_ISSUER",
			"PAYMOUNT_AUDIENCE", "PAYMOUNT_MODE")
		if r.has("PAYMOUNT_DATABASE_URL") && s.database.kind != kindMemory {
			r.warn("PAYMOUNT_DATABASE_URL", "keeps what the demo's Stripe forgets at its end")
		}
	} else {
		r.configured(&s, logger)
	}
	s.warnings = r.warnings
	return s, errors.Join(r.problems...)
}

// reader takes the values of variables and collects what is wrong with them. What it says never holds a value: some are
// keys, and others can hold a password.
type reader struct {
	values   map[string]string
	problems []error
	warnings []string
}

func (r *reader) fail(name, problem string) {
	r.problems = append(r.problems, fmt.Errorf("%s %s", name, problem))
}

func (r *reader) warn(name, problem string) { r.warnings = append(r.warnings, name+" "+problem) }

func (r *reader) has(name string) bool { return r.values[name] != "" }

// ignore warns of those variables that are set although they do nothing.
func (r *reader) ignore(when string, names ...string) {
	for _, name := range names {
		if r.has(name) {
			r.warn(name, "has no effect "+when)
		}
	}
}

func (r *reader) addr() string {
	addr := cmp.Or(r.values["PAYMOUNT_ADDR"], defaultAddr)
	_, port, err := net.SplitHostPort(addr)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		r.fail("PAYMOUNT_ADDR", "is not a listen address: want HOST:PORT")
	}
	return addr
}

func (r *reader) database() location {
	kind, path, _ := strings.Cut(r.values["PAYMOUNT_DATABASE_URL"], ":")
	path = strings.TrimPrefix(path, "//")
	switch {
	case !r.has("PAYMOUNT_DATABASE_URL"):
		return location{}
	case kind == "memory" && path == "":
		return location{kind: kindMemory}
	case kind == "sqlite" && path != "":
		return location{kindSQLite, path}
	case kind == "postgres" || kind == "postgresql":
		address := r.values["PAYMOUNT_DATABASE_URL"]
		if _, err := pgx.ParseConfig(address); err == nil {
			return location{kindPostgres, address}
		}
	}
	r.fail("PAYMOUNT_DATABASE_URL", "is not a database: want sqlite:PATH, postgres://… or memory:")
	return location{}
}

func (r *reader) url(name string) string {
	u, err := url.Parse(r.values[name])
	if r.has(name) && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		r.fail(name, "is not an absolute http or https URL")
	}
	return r.values[name]
}

func (r *reader) secret() string {
	secret := r.values["PAYMOUNT_HS256_SECRET"]
	if secret != "" && len(secret) < minSecret {
		r.warn("PAYMOUNT_HS256_SECRET", fmt.Sprintf("is too short to be safe: use %d random bytes or more", minSecret))
	}
	return secret
}

func (r *reader) origins() []string {
	var origins []string
	for entry := range strings.SplitSeq(r.values["PAYMOUNT_REDIRECT_ORIGINS"], ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			origins = append(origins, entry)
		}
	}
	if _, err := checkout.ParseOrigins(origins); err != nil {
		r.fail("PAYMOUNT_REDIRECT_ORIGINS", "has an entry that is no origin: want https://HOST[:PORT], without a path")
	}
	return origins
}

func (r *reader) interval(name string, usual time.Duration) time.Duration {
	if !r.has(name) {
		return usual
	}
	d, err := time.ParseDuration(r.values[name])
	if err != nil || d != 0 && d < minInterval {
		r.fail(name, "is not a duration such as 15m, or 0")
	}
	return d
}

func (r *reader) mode() auth.Mode {
	mode := auth.Mode(r.values["PAYMOUNT_MODE"])
	if mode != "" && !mode.Valid() {
		r.fail("PAYMOUNT_MODE", "is not a mode: want test or live")
	}
	return mode
}

// configured completes the settings of a server with Stripe credentials.
func (r *reader) configured(s *settings, logger *slog.Logger) {
	s.database = cmp.Or(s.database, location{kindSQLite, defaultSQLite})
	live := r.credentials(s, logger)
	switch {
	case s.mode == "" && live:
		s.mode = auth.ModeLive
	case s.mode == "":
		s.mode = auth.ModeTest
	case s.mode == auth.ModeLive && !live:
		r.warn("PAYMOUNT_MODE", "is live and there are no live credentials: the gate opens for nobody")
	}
	switch {
	case s.jwksURL == "" && s.hs256Secret == "":
		r.fail("PAYMOUNT_JWKS_URL", "or PAYMOUNT_HS256_SECRET is required, to verify tokens with")
	case s.jwksURL != "" && s.hs256Secret != "":
		r.fail("PAYMOUNT_JWKS_URL", "and PAYMOUNT_HS256_SECRET are both set: want one of them")
	}
	if len(s.origins) == 0 {
		r.warn("PAYMOUNT_REDIRECT_ORIGINS", "is not set: every checkout is refused, for no success URL is allowed")
	}
}

// credentials finds the Stripe credentials, and reports whether any are for live mode.
func (r *reader) credentials(s *settings, logger *slog.Logger) (live bool) {
	if r.has("PAYMOUNT_CREDENTIALS") {
		if r.has("STRIPE_SECRET_KEY") {
			r.fail("PAYMOUNT_CREDENTIALS", "and STRIPE_SECRET_KEY are both set: want one of them")
			return false
		}
		r.ignore("with PAYMOUNT_CREDENTIALS", "STRIPE_WEBHOOK_SECRET", "PAYMOUNT_PROJECT")
		return r.credentialsFile(s, logger)
	}
	mode, ok := auth.KeyMode(r.values["STRIPE_SECRET_KEY"])
	if !ok {
		r.fail("STRIPE_SECRET_KEY", "is not a Stripe secret key: want sk_test_…, sk_live_…, rk_test_… or rk_live_…")
		return false
	}
	credentials := auth.Credentials{SecretKey: r.values["STRIPE_SECRET_KEY"]}
	if r.has("STRIPE_WEBHOOK_SECRET") {
		credentials.WebhookSecrets = []string{r.values["STRIPE_WEBHOOK_SECRET"]}
	} else {
		r.warn("STRIPE_WEBHOOK_SECRET", "is not set: every webhook is refused")
	}
	s.credentials = auth.Static{s.project: {mode: credentials}}
	return mode == auth.ModeLive
}

func (r *reader) credentialsFile(s *settings, logger *slog.Logger) (live bool) {
	file, err := auth.OpenFile(r.values["PAYMOUNT_CREDENTIALS"], logger)
	if err != nil {
		r.fail("PAYMOUNT_CREDENTIALS", "can't be used: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		return false
	}
	s.credentials = file
	return file.Current().HasMode(auth.ModeLive)
}
