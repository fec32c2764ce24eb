package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	pricecatalog "github.com/paymount/paymount/internal/catalog"
	"github.com/paymount/paymount/internal/redirect"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// reader takes the values of variables and collects what is wrong with them. What it says never holds a value: some are
// keys, and others can hold a password.
type reader struct {
	values   values
	mistakes mistakes
	warnings []string
}

func (r *reader) fail(name, problem string) { r.mistakes = append(r.mistakes, name+" "+problem) }

func (r *reader) err() error {
	if len(r.mistakes) == 0 {
		return nil
	}
	return r.mistakes
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

func (r *reader) database(usual location) location {
	kind, path, _ := strings.Cut(r.values["PAYMOUNT_DATABASE_URL"], ":")
	path = strings.TrimPrefix(path, "//")
	switch {
	case !r.has("PAYMOUNT_DATABASE_URL"):
		return usual
	case kind == "memory" && path == "":
		return location{kind: kindMemory}
	case kind == "sqlite" && path != "" && path != ":memory:":
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

// scope returns the name of one scope (RFC 6749 section 3.3).
func (r *reader) scope(name string) string {
	if strings.ContainsFunc(r.values[name], func(c rune) bool { return c <= ' ' || c > '~' || c == '"' || c == '\\' }) {
		r.fail(name, "is not the name of one scope: want printable ASCII without spaces, quotes and backslashes")
	}
	return r.values[name]
}

func (r *reader) secret() string {
	secret := r.values["PAYMOUNT_HS256_SECRET"]
	if secret != "" && len(secret) < minSecret {
		r.fail("PAYMOUNT_HS256_SECRET", fmt.Sprintf("is too short to be safe: use %d random bytes or more", minSecret))
	}
	return secret
}

// list returns the entries of a comma-separated value, without blank ones.
func (r *reader) list(name string) []string {
	list := []string{} // not nil: New takes that for a choice, and none is only a warning here
	for entry := range strings.SplitSeq(r.values[name], ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			list = append(list, entry)
		}
	}
	return list
}

func (r *reader) prorations() []subscription.Proration {
	var prorations []subscription.Proration
	for _, entry := range r.list("PAYMOUNT_PRORATIONS") {
		prorations = append(prorations, subscription.Proration(entry))
	}
	if slices.ContainsFunc(prorations, func(p subscription.Proration) bool { return !p.Valid() }) ||
		r.has("PAYMOUNT_PRORATIONS") && len(prorations) == 0 {
		r.fail("PAYMOUNT_PRORATIONS", "is not a list of create_prorations, always_invoice and none")
	}
	return prorations
}

func (r *reader) origins() []string {
	origins := r.list("PAYMOUNT_REDIRECT_ORIGINS")
	if _, err := redirect.Parse(origins); err != nil {
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

func (r *reader) days(name string) int64 {
	if !r.has(name) {
		return 0
	}
	days, err := strconv.ParseInt(r.values[name], 10, 32)
	if err != nil || days < 0 {
		r.fail(name, "is not a number of days")
	}
	return days
}

func (r *reader) mode() project.Mode {
	mode := project.Mode(r.values["PAYMOUNT_MODE"])
	if mode != "" && !mode.Valid() {
		r.fail("PAYMOUNT_MODE", "is not a mode: want test or live")
	}
	return mode
}

// keys completes the settings with the keys of Stripe and of the tokens, and with what depends on them.
func (r *reader) keys(s *settings, logger *slog.Logger) {
	live := r.credentials(s, logger)
	s.modeChosen = s.mode != ""
	if plainHTTP(s.stripeBase) {
		s.modes = []project.Mode{project.ModeTest} // also for live keys that come later
		if live || s.mode == project.ModeLive {
			r.fail("STRIPE_API_BASE", "is plain http to another machine: live keys could be read on the way")
		}
	}
	switch {
	case s.mode == "" && live:
		s.mode = project.ModeLive
	case s.mode == "":
		s.mode = project.ModeTest
	case s.mode == project.ModeLive && !live:
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
	if !r.has("STRIPE_SECRET_KEY") {
		r.fail("STRIPE_SECRET_KEY", "or PAYMOUNT_CREDENTIALS is required, to work with Stripe")
		return false
	}
	mode, ok := project.KeyMode(r.values["STRIPE_SECRET_KEY"])
	if !ok {
		r.fail("STRIPE_SECRET_KEY", "is not a Stripe secret key: want sk_test_…, sk_live_…, rk_test_… or rk_live_…")
		return false
	}
	credentials := project.Credentials{SecretKey: r.values["STRIPE_SECRET_KEY"]}
	if r.has("STRIPE_WEBHOOK_SECRET") {
		credentials.WebhookSecrets = []string{r.values["STRIPE_WEBHOOK_SECRET"]}
	} else {
		r.warn("STRIPE_WEBHOOK_SECRET", "is not set: every webhook is refused")
	}
	if credentials.Validate(mode) != nil { // the key has been looked at above
		r.fail("STRIPE_WEBHOOK_SECRET", "is not a signing secret: want the prefix whsec")
	}
	s.credentials = project.Static{s.project: {mode: credentials}}
	r.warnUnlisted("STRIPE_SECRET_KEY", project.Static{s.project: {mode: credentials}})
	return mode == project.ModeLive
}

func (r *reader) credentialsFile(s *settings, logger *slog.Logger) (live bool) {
	file, err := project.OpenFile(r.values["PAYMOUNT_CREDENTIALS"], logger)
	if err != nil {
		r.fail("PAYMOUNT_CREDENTIALS", "can't be used: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		return false
	}
	content := file.Current()
	live = content.HasMode(project.ModeLive)
	if !live && !content.HasMode(project.ModeTest) {
		r.fail("PAYMOUNT_CREDENTIALS", "has no credentials in it, to work with Stripe")
	}
	if names := withoutSecret(content); len(names) > 0 {
		r.warn("PAYMOUNT_CREDENTIALS", "has no signing secret for "+strings.Join(names, ", ")+": every webhook there is refused")
	}
	r.warnUnlisted("PAYMOUNT_CREDENTIALS", content)
	s.credentials = file
	return live
}

// withoutSecret names the credentials with which no webhook can be verified.
func withoutSecret(all project.Static) []string {
	var names []string
	for projectID, modes := range all {
		for mode, c := range modes {
			if len(c.WebhookSecrets) == 0 {
				names = append(names, fmt.Sprintf("%q in %s mode", projectID, mode))
			}
		}
	}
	slices.Sort(names)
	return names
}

// warnUnlisted warns of live credentials that do not say what is for sale.
func (r *reader) warnUnlisted(name string, all project.Static) {
	if len(pricecatalog.Unlisted(all)) > 0 {
		r.warn(name, `has live credentials without "prices": clients can buy any active price of the Stripe account`)
	}
}
