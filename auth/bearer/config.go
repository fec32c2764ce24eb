package bearer

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	defaultProjectClaim = "project_id"
	defaultEmailClaim   = "email"
	defaultRealm        = "paymount"
	defaultLeeway       = 30 * time.Second
	maxLeeway           = time.Minute
	defaultCacheSize    = 10_000
	defaultMaxKeyAge    = 24 * time.Hour
	minMaxKeyAge        = 2 * refreshInterval
)

// Config says which tokens an Authenticator accepts. Exactly one of HS256Secret and JWKSURL must be set. However a Config is
// printed or logged, the secret in it does not show, nor does the URL, which can hold a password.
type Config struct {
	// HS256Secret is the secret that signs the tokens: at least as long as the hash, which is 32 bytes for HS256
	// (RFC 7518 section 3.2). A shorter one can be guessed from any token, and is refused.
	HS256Secret []byte
	// JWKSURL is the absolute http or https URL of the identity provider's JWK Set.
	JWKSURL string

	// Issuer, when set, must be the token's iss.
	Issuer string
	// Audience, when set, must be the token's aud or one of them.
	Audience string
	// ProjectClaim names the claim with the project id. Default: project_id.
	ProjectClaim string
	// Project is the project of every user, for an app with a single one. No claim is read then, so ProjectClaim must be
	// empty.
	Project string
	// OwnerClaim names the claim with the id of who pays, such as org_id where teams buy. A token without it is refused: see
	// OwnerOptional. Default: none, the user pays.
	OwnerClaim string
	// OwnerOptional accepts tokens without the OwnerClaim: their users pay for themselves. The ids of users and of owners must
	// then never be equal, or a user 7 could act for the team 7.
	OwnerOptional bool
	// EmailClaim names the claim with the user's email address. Default: email. An address is left out when the token
	// says that it is not verified (the claim email_verified, OpenID Connect Core section 5.1).
	EmailClaim string
	// Algorithms are the accepted values of the token's alg (RFC 7518 section 3.1). Default: HS256 with a secret; RS256,
	// RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA with a JWK Set. The two kinds can't be mixed.
	Algorithms []string
	// Leeway is by how much the clocks of the issuer and of this host may differ. Default: 30 seconds; at most 60.
	Leeway time.Duration

	// Realm is what the challenge calls the protected endpoints: printable ASCII without quotes and backslashes.
	// Default: paymount.
	Realm string
	// CacheSize is how many verified tokens are remembered. Default: 10,000. Negative: none.
	CacheSize int
	// MaxKeyAge is for how long keys are used after they were last seen in the JWK Set, should the identity provider be
	// down. Default: 24 hours; at least 20 minutes, which is two rounds of refreshing.
	MaxKeyAge time.Duration

	// HTTPClient loads the JWK Set. Default: a client with http.DefaultTransport. A load takes at most 5 seconds.
	HTTPClient *http.Client
	// Now is the clock. Default: time.Now. It must be safe for concurrent use.
	Now func() time.Time
	// Logger is told when the keys change, and when loading them starts to fail. Default: slog.Default.
	Logger *slog.Logger
}

// String describes c without its secret.
func (c Config) String() string {
	keys := "JWKS"
	if c.JWKSURL == "" {
		keys = "secret"
	}
	return fmt.Sprintf("bearer.Config(keys=%s, issuer=%q, audience=%q, project_claim=%q, owner_claim=%q)",
		keys, c.Issuer, c.Audience, c.ProjectClaim, c.OwnerClaim)
}

// Format writes String for every verb: verbs that fmt does not hand to String would print the fields.
func (c Config) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(c.String())) }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// complete returns a copy of c with its defaults filled in, or every mistake in it.
func (c Config) complete() (Config, error) {
	err := errors.Join(c.checkKeys(), c.checkAlgorithms(), c.checkLimits(), c.checkNames())
	if err != nil {
		return Config{}, err
	}
	c.HS256Secret = bytes.Clone(c.HS256Secret)
	c.Algorithms = slices.Clone(c.Algorithms)
	if len(c.Algorithms) == 0 {
		c.Algorithms = c.defaultAlgorithms()
	}
	setDefault(&c.ProjectClaim, defaultProjectClaim)
	setDefault(&c.EmailClaim, defaultEmailClaim)
	setDefault(&c.Realm, defaultRealm)
	setDefault(&c.Leeway, defaultLeeway)
	setDefault(&c.CacheSize, defaultCacheSize)
	setDefault(&c.MaxKeyAge, defaultMaxKeyAge)
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c Config) checkKeys() error {
	if (len(c.HS256Secret) > 0) == (c.JWKSURL != "") {
		return errors.New("auth/bearer: set exactly one of HS256Secret and JWKSURL")
	}
	if c.JWKSURL == "" {
		return nil
	}
	u, err := url.Parse(c.JWKSURL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return errors.New("auth/bearer: JWKSURL is not an absolute http or https URL") // the URL could hold a password
	}
	return nil
}

// secretSizes are the HMAC algorithms, each with the least size of its secret in bytes (RFC 7518 section 3.2).
func secretSizes() map[string]int { return map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} }

func (c Config) defaultAlgorithms() []string {
	if c.JWKSURL == "" {
		return []string{"HS256"}
	}
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

func (c Config) checkAlgorithms() error {
	algorithms := c.Algorithms
	if len(algorithms) == 0 {
		algorithms = c.defaultAlgorithms()
	}
	var errs []error
	for _, name := range algorithms {
		size, symmetric := secretSizes()[name]
		switch {
		case c.JWKSURL != "" && !slices.Contains(c.defaultAlgorithms(), name):
			errs = append(errs, fmt.Errorf("auth/bearer: algorithm %q is not one for a JWK Set", name))
		case c.JWKSURL == "" && !symmetric:
			errs = append(errs, fmt.Errorf("auth/bearer: algorithm %q is not one for a secret", name))
		case len(c.HS256Secret) > 0 && len(c.HS256Secret) < size:
			errs = append(errs, fmt.Errorf("auth/bearer: HS256Secret is too short for %s: want at least %d bytes", name, size))
		}
	}
	return errors.Join(errs...)
}

func (c Config) checkLimits() error {
	var errs []error
	if c.Leeway < 0 || c.Leeway > maxLeeway {
		errs = append(errs, fmt.Errorf("auth/bearer: Leeway is %s: want 0 to %s", c.Leeway, maxLeeway))
	}
	if c.MaxKeyAge != 0 && c.MaxKeyAge < minMaxKeyAge {
		errs = append(errs, fmt.Errorf("auth/bearer: MaxKeyAge is %s: want at least %s", c.MaxKeyAge, minMaxKeyAge))
	}
	return errors.Join(errs...)
}

func (c Config) checkNames() error {
	var errs []error
	if c.Project != "" && c.ProjectClaim != "" {
		errs = append(errs, errors.New("auth/bearer: set Project or ProjectClaim, not both"))
	}
	if c.OwnerOptional && c.OwnerClaim == "" {
		errs = append(errs, errors.New("auth/bearer: OwnerOptional is set without an OwnerClaim"))
	}
	if strings.ContainsFunc(c.Realm, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		errs = append(errs, errors.New("auth/bearer: Realm is not printable ASCII without quotes and backslashes"))
	}
	return errors.Join(errs...)
}
