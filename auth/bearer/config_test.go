package bearer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/auth/bearer"
)

const jwksURL = "https://idp.example/jwks"

func TestNewRefusesAMistake(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cfg  bearer.Config
		want string
	}{
		"no keys":               {bearer.Config{}, "exactly one of"},
		"two kinds of keys":     {bearer.Config{HS256Secret: secret(32), JWKSURL: jwksURL}, "exactly one of"},
		"short secret":          {bearer.Config{HS256Secret: secret(31)}, "at least 32 bytes"},
		"secret for HS384":      {bearer.Config{HS256Secret: secret(47), Algorithms: []string{"HS384"}}, "at least 48 bytes"},
		"secret for HS512":      {bearer.Config{HS256Secret: secret(63), Algorithms: []string{"HS256", "HS512"}}, "at least 64 bytes"},
		"relative URL":          {bearer.Config{JWKSURL: "/jwks"}, "JWKSURL"},
		"URL without a host":    {bearer.Config{JWKSURL: "https:///jwks"}, "JWKSURL"},
		"URL of another scheme": {bearer.Config{JWKSURL: "file:///etc/jwks"}, "JWKSURL"},
		"not a URL":             {bearer.Config{JWKSURL: "https://idp.example/%zz"}, "JWKSURL"},
		"HS256 with a JWK Set":  {bearer.Config{JWKSURL: jwksURL, Algorithms: []string{"RS256", "HS256"}}, `"HS256" is not one`},
		"none with a JWK Set":   {bearer.Config{JWKSURL: jwksURL, Algorithms: []string{"none"}}, `"none" is not one for a JWK Set`},
		"RS256 with a secret":   {bearer.Config{HS256Secret: secret(64), Algorithms: []string{"RS256"}}, `"RS256" is not one`},
		"none with a secret":    {bearer.Config{HS256Secret: secret(64), Algorithms: []string{"none"}}, `"none" is not one`},
		"unknown algorithm":     {bearer.Config{JWKSURL: jwksURL, Algorithms: []string{"rs256"}}, `"rs256"`},
		"long leeway":           {bearer.Config{JWKSURL: jwksURL, Leeway: time.Minute + 1}, "Leeway"},
		"negative leeway":       {bearer.Config{JWKSURL: jwksURL, Leeway: -1}, "Leeway"},
		"short key age":         {bearer.Config{JWKSURL: jwksURL, MaxKeyAge: 19 * time.Minute}, "MaxKeyAge"},
		"negative key age":      {bearer.Config{JWKSURL: jwksURL, MaxKeyAge: -1}, "MaxKeyAge"},
		"two kinds of projects": {bearer.Config{JWKSURL: jwksURL, Project: "p", ProjectClaim: "c"}, "not both"},
		"an option of no claim": {bearer.Config{JWKSURL: jwksURL, OwnerOptional: true}, "OwnerOptional"},
		"quote in the realm":    {bearer.Config{JWKSURL: jwksURL, Realm: `a"b`}, "Realm"},
		"newline in the realm":  {bearer.Config{JWKSURL: jwksURL, Realm: "a\nb"}, "Realm"},
		"realm not ASCII":       {bearer.Config{JWKSURL: jwksURL, Realm: "zürich"}, "Realm"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := bearer.New(t.Context(), tt.cfg)
			if err == nil || a != nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %q", a, err, tt.want)
			}
		})
	}
}

func TestNewReportsEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := bearer.New(t.Context(), bearer.Config{
		JWKSURL: "idp.example/key?token=hidden", Leeway: time.Hour, MaxKeyAge: time.Second, Realm: `"`, Project: "p", ProjectClaim: "c",
		Algorithms: []string{"HS256", "none"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"JWKSURL", "Leeway", "MaxKeyAge", "Realm", "ProjectClaim", `"HS256"`, `"none"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %s: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("the error shows the URL: %v", err)
	}
}

func TestNewAcceptsTheLimits(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]bearer.Config{
		"only a secret":       {HS256Secret: secret(32)},
		"every HMAC":          {HS256Secret: secret(64), Algorithms: []string{"HS256", "HS384", "HS512"}},
		"largest leeway":      {HS256Secret: secret(32), Leeway: time.Minute},
		"no cache":            {HS256Secret: secret(32), CacheSize: -1},
		"realm with a space":  {HS256Secret: secret(32), Realm: "Acme billing ~ (live)"},
		"smallest key age":    {HS256Secret: secret(32), MaxKeyAge: 20 * time.Minute},
		"fixed project":       {HS256Secret: secret(32), Project: "p"},
		"one of the families": {JWKSURL: "http://127.0.0.1:1/jwks", Algorithms: []string{"ES256", "EdDSA"}},
	} {
		if _, err := bearer.New(t.Context(), cfg); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewCopiesTheConfiguration(t *testing.T) {
	t.Parallel()
	cfg := secretConfig()
	cfg.Algorithms = []string{"HS256"}
	a := newAuthenticator(t.Context(), t, cfg)
	clear(cfg.HS256Secret)
	cfg.Algorithms[0] = "HS512"
	wantAccepted(t, a, secretToken(t, claimsOf(nil), nil))
}
