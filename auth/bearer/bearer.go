package bearer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
)

// maxTokenSize is the size in bytes beyond which a token is not even looked at. Header lines of servers and proxies are
// commonly limited to 8 or 16 KiB.
const maxTokenSize = 16 << 10

// errKey marks a refusal that other keys could change: the token's key is unknown, or its signature does not fit.
var errKey = errors.New("no key verifies the token")

// Authenticator verifies the JWT of a request. It is safe for concurrent use.
type Authenticator struct {
	keys   keySource
	cache  *tokenCache
	parser *jwt.Parser
	claims claimRules
	now    func() time.Time
	realm  string
}

var (
	_ auth.Authenticator = (*Authenticator)(nil)
	_ auth.Challenger    = (*Authenticator)(nil)
)

// New returns an Authenticator, or every mistake in cfg at once.
//
// With a JWKSURL it starts to load the keys in the background and does not wait: an identity provider that is down is no
// error here. Once ctx is done the keys are not loaded any more; those at hand work until Config.MaxKeyAge.
func New(ctx context.Context, cfg Config) (*Authenticator, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	cache, err := newTokenCache(cfg.CacheSize)
	if err != nil {
		return nil, fmt.Errorf("auth/bearer: token cache: %w", err)
	}
	options := parserOptions(cfg)
	a := &Authenticator{
		// The claims are validated by verify, before it looks for the key: the parser need not do it once more.
		cache: cache, parser: jwt.NewParser(append(options, jwt.WithoutClaimsValidation())...),
		claims: newClaimRules(cfg, options), now: cfg.Now, realm: cfg.Realm,
	}
	if cfg.JWKSURL != "" {
		a.keys = startRemoteKeys(ctx, cfg)
	} else {
		a.keys = fixedKeys{secretKeySet(cfg.HS256Secret)}
	}
	return a, nil
}

func parserOptions(cfg Config) []jwt.ParserOption {
	options := []jwt.ParserOption{
		jwt.WithValidMethods(cfg.Algorithms), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(cfg.Leeway), jwt.WithTimeFunc(cfg.Now), jwt.WithStrictDecoding(),
	}
	if cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(cfg.Issuer))
	}
	if cfg.Audience != "" {
		options = append(options, jwt.WithAudience(cfg.Audience))
	}
	return options
}

// Authenticate implements auth.Authenticator. Its errors wrap auth.ErrNoCredentials without a bearer token (a request
// with another scheme has none either, RFC 6750 section 3.1), auth.ErrInvalidCredentials for a token that is refused,
// and auth.ErrUnavailable while there are no keys to check it with; they say why, for a log, and never show the token.
//
// It waits for nothing but a load of the keys, which takes at most 5 seconds: the first one, or one that the token itself
// makes necessary because no key verifies it.
func (a *Authenticator) Authenticate(r *http.Request) (auth.Identity, error) {
	token, err := bearerToken(r.Header)
	if err != nil {
		return auth.Identity{}, err
	}
	now := a.now()
	set, err := a.keys.inForce(r.Context(), now)
	if err != nil {
		return auth.Identity{}, fmt.Errorf("%w: %w", auth.ErrUnavailable, err)
	}
	key := digestOf(token)
	if id, ok := a.cache.get(key, set, now); ok {
		return id, nil
	}
	v, err := a.verify(token, set)
	if errors.Is(err, errKey) {
		set, v, err = a.verifyRotated(r.Context(), token, set, err)
	}
	if err != nil {
		return auth.Identity{}, err
	}
	a.cache.put(key, set, v)
	return v.identity, nil
}

// bearerToken takes the token from the Authorization header (RFC 6750 section 2.1).
func bearerToken(header http.Header) (string, error) {
	values := header["Authorization"]
	if len(values) > 1 {
		return "", refused(errors.New("more than one Authorization header"))
	}
	if len(values) == 0 {
		return "", fmt.Errorf("%w: no Authorization header", auth.ErrNoCredentials)
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", fmt.Errorf("%w: the scheme is not Bearer", auth.ErrNoCredentials)
	}
	if token = strings.Trim(token, " "); len(token) > maxTokenSize {
		return "", refused(errors.New("token is too large"))
	}
	return token, nil
}

func refused(reason error) error { return fmt.Errorf("%w: %w", auth.ErrInvalidCredentials, reason) }

// verify checks the token with the keys of set. Everything that costs little is checked before the key is looked up,
// so that a token which is bad in any case makes neither a signature nor a load of the keys necessary.
func (a *Authenticator) verify(token string, set *keySet) (verified, error) {
	var v verified
	reachedKey := false
	claims := jwt.MapClaims{}
	_, err := a.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if _, ok := t.Header["crit"]; ok {
			return nil, errors.New("the crit header asks for an unknown extension")
		}
		var err error
		if v, err = a.claims.apply(claims); err != nil {
			return nil, err
		}
		reachedKey = true
		return set.find(t)
	})
	switch {
	case err == nil:
		return v, nil
	case reachedKey:
		return verified{}, refused(fmt.Errorf("%w: %w", errKey, err))
	case errors.Is(err, jwt.ErrTokenMalformed):
		return verified{}, refused(jwt.ErrTokenMalformed) // without its details, which quote the token
	default:
		return verified{}, refused(err)
	}
}

// verifyRotated has the keys looked up once more and verifies the token with what is new in them. It returns the refusal
// that old met with when nothing is. A token with an unknown key is not refused while that look-up fails: nobody knows.
func (a *Authenticator) verifyRotated(ctx context.Context, token string, old *keySet, refusal error) (*keySet, verified, error) {
	unknown := errors.Is(refusal, errUnknownKey)
	lookErr := a.keys.look(ctx, unknown)
	set, err := a.keys.inForce(ctx, a.now())
	switch {
	case err == nil && set != old:
		v, err := a.verify(token, set)
		return set, v, err
	case lookErr != nil && unknown:
		return old, verified{}, fmt.Errorf("%w: %w", auth.ErrUnavailable, lookErr)
	default:
		return old, verified{}, refusal
	}
}

// Challenge implements auth.Challenger as RFC 6750 section 3 has it: without an error code when err says that the
// request had no credentials, else with invalid_token.
func (a *Authenticator) Challenge(err error) string {
	challenge := `Bearer realm="` + a.realm + `"`
	if errors.Is(err, auth.ErrNoCredentials) {
		return challenge
	}
	return challenge + `, error="invalid_token"`
}
