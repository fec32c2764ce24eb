package paymount

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paymount/paymount/internal/redirect"
	"github.com/paymount/paymount/project"
)

const (
	maxQuantity = 999_999
	minQuoteKey = 32
)

// origins are those that the configuration names.
type origins struct {
	redirect *redirect.Origins
	cross    *http.CrossOriginProtection
}

// complete fills in the defaults, and reports everything that is wrong.
func (c *Config) complete() (origins, error) {
	missing := c.checkRequired()
	c.defaults()
	found, err := c.origins()
	return found, errors.Join(missing, c.checkModes(), c.checkValues(), c.checkCredentials(), err)
}

func (c *Config) checkRequired() error {
	var errs []error
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"Store", c.Store == nil},
		{"Credentials", c.Credentials == nil},
		{"Authenticator", c.Authenticator == nil},
		{"RedirectOrigins", c.RedirectOrigins == nil},
	} {
		if field.missing {
			errs = append(errs, fmt.Errorf("paymount: Config.%s is required", field.name))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) checkModes() error {
	var errs []error
	for _, mode := range c.Modes {
		if !mode.Valid() {
			errs = append(errs, fmt.Errorf("paymount: Config.Modes: unknown mode %q", mode))
		}
	}
	for _, field := range []struct {
		name string
		mode project.Mode
	}{{"DefaultMode", c.DefaultMode}, {"EntitlementMode", c.EntitlementMode}} {
		switch {
		case !field.mode.Valid():
			errs = append(errs, fmt.Errorf("paymount: Config.%s: unknown mode %q", field.name, field.mode))
		case !slices.Contains(c.Modes, field.mode):
			errs = append(errs, fmt.Errorf("paymount: Config.%s: %s is not one of Config.Modes", field.name, field.mode))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) checkValues() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf("paymount: "+format, args...)) }
	if !utf8.ValidString(c.DefaultProject) || strings.Contains(c.DefaultProject, "\x00") {
		fail("Config.DefaultProject: %q can't be the id of a project", c.DefaultProject)
	}
	if c.MaxQuantity < 1 {
		fail("Config.MaxQuantity: %d is less than 1", c.MaxQuantity)
	}
	if days := c.CheckoutOptions.TrialDays; days < 0 {
		fail("Config.CheckoutOptions.TrialDays: %d is less than 0", days)
	}
	for _, p := range c.Prorations {
		if !p.Valid() {
			fail("Config.Prorations: unknown behaviour %q", p)
		}
	}
	if len(c.QuoteKey) > 0 && len(c.QuoteKey) < minQuoteKey {
		fail("Config.QuoteKey: %d bytes are too few, want %d", len(c.QuoteKey), minQuoteKey)
	}
	if u, err := url.Parse(c.StripeURL); c.StripeURL != "" && (err != nil || u.Host == "") {
		fail("Config.StripeURL: %q is not an absolute URL", c.StripeURL)
	}
	return errors.Join(errs...)
}

// checkCredentials looks at credentials that can be listed. Those of other resolvers are checked whenever they are used.
func (c *Config) checkCredentials() error {
	all, ok := c.knownCredentials()
	if !ok {
		return nil
	}
	var errs []error
	if err := all.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("paymount: Config.Credentials: %w", err))
	}
	if c.EntitlementMode.Valid() && !all.HasMode(c.EntitlementMode) {
		errs = append(errs, fmt.Errorf("paymount: Config.Credentials: no project has a key of %[1]s mode, "+
			"but Require counts %[1]s subscriptions: set Config.EntitlementMode", c.EntitlementMode))
	}
	return errors.Join(errs...)
}

// knownCredentials returns all credentials, and reports false where the resolver can't be looked at.
func (c *Config) knownCredentials() (project.Static, bool) {
	switch resolver := c.Credentials.(type) {
	case project.Static:
		return resolver, true
	case *project.File:
		return resolver.Current(), true
	}
	return nil, false
}

// liveCredentials returns the credentials that are known already, if live mode is served.
func (c *Config) liveCredentials() project.Static {
	known, _ := c.knownCredentials()
	if !slices.Contains(c.Modes, project.ModeLive) {
		return nil
	}
	return known
}

func (c *Config) origins() (origins, error) {
	o := origins{cross: http.NewCrossOriginProtection()}
	var err, trustedErr error
	if o.redirect, err = redirect.Parse(c.RedirectOrigins); err != nil {
		err = fmt.Errorf("paymount: Config.RedirectOrigins: %w", err)
	}
	trusted := o.redirect
	if c.TrustedOrigins != nil {
		if trusted, trustedErr = redirect.Parse(c.TrustedOrigins); trustedErr != nil {
			trustedErr = fmt.Errorf("paymount: Config.TrustedOrigins: %w", trustedErr)
		}
	}
	for _, origin := range trusted.List() {
		trustedErr = errors.Join(trustedErr, o.cross.AddTrustedOrigin(origin))
	}
	return o, errors.Join(err, trustedErr)
}
