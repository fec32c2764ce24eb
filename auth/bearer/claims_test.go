package bearer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
)

func TestIdentityIsWhatTheClaimsSay(t *testing.T) {
	t.Parallel()
	id := func(user, project, email string) auth.Identity {
		return auth.Identity{UserID: user, ProjectID: project, Email: email}
	}
	custom := bearer.Config{ProjectClaim: "https://acme.example/tenant", EmailClaim: "mail"}
	fixed := bearer.Config{Project: "only"}
	const address = "a@example.com"
	verified := func(flag any) jwt.MapClaims { return jwt.MapClaims{"email": address, "email_verified": flag} }
	tests := map[string]struct {
		cfg     bearer.Config
		changes jwt.MapClaims
		want    auth.Identity
	}{
		"least":                   {changes: nil, want: id("alice", "p1", "")},
		"access token":            {changes: jwt.MapClaims{"type": "access"}, want: id("alice", "p1", "")},
		"address":                 {changes: jwt.MapClaims{"email": address}, want: id("alice", "p1", address)},
		"verified address":        {changes: verified(true), want: id("alice", "p1", address)},
		"verified as text":        {changes: verified("true"), want: id("alice", "p1", address)},
		"unverified address":      {changes: verified(false), want: id("alice", "p1", "")},
		"unverified as text":      {changes: verified("false"), want: id("alice", "p1", "")},
		"verified null":           {changes: verified(jsonNull{}), want: id("alice", "p1", "")},
		"address of another type": {changes: jwt.MapClaims{"email": []string{address}}, want: id("alice", "p1", "")},
		"other names": {
			custom,
			jwt.MapClaims{"project_id": nil, custom.ProjectClaim: "p9", "email": "no", "mail": address},
			id("alice", "p9", address),
		},
		"fixed project":              {fixed, jwt.MapClaims{"project_id": nil}, id("alice", "only", "")},
		"fixed project over a claim": {fixed, nil, id("alice", "only", "")},
		"any user id":                {changes: jwt.MapClaims{"sub": "auth0|é 1"}, want: id("auth0|é 1", "p1", "")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := secretConfig()
			cfg.ProjectClaim, cfg.EmailClaim, cfg.Project = tt.cfg.ProjectClaim, tt.cfg.EmailClaim, tt.cfg.Project
			a := newAuthenticator(t.Context(), t, cfg)
			token := secretToken(t, claimsOf(tt.changes), nil)
			for _, state := range []string{"cold", "warm"} {
				got, err := authenticate(t.Context(), a, token)
				if err != nil || got != tt.want {
					t.Errorf("%s: got %+v, %v; want %+v", state, got, err, tt.want)
				}
			}
		})
	}
}

func TestClaimsOfAnOddTypeAreRefused(t *testing.T) {
	t.Parallel()
	cfg := secretConfig()
	cfg.Issuer, cfg.Audience = "https://idp.example", "billing"
	a := newAuthenticator(t.Context(), t, cfg)
	good := `"sub":"alice","project_id":"p1","exp":1e9,"iss":"https://idp.example","aud":"billing"`
	wantAccepted(t, a, hs256(`{"alg":"HS256"}`, "{"+good+"}"))
	odd := []string{`null`, `""`, `1`, `-1`, `0`, `true`, `[]`, `{}`, `[""]`, `[null]`, `{"a":1}`, `"other"`, `["other"]`}
	accepted := map[string]string{ // the odd values that are good ones for the claim, or as good as none
		"sub": `"other"`, "project_id": `"other"`, "exp": ``, "iss": ``, "aud": ``, "type": ``, "nbf": `1 -1 0`, "iat": `1 -1 0`,
	}
	for claim, allowed := range accepted {
		for _, value := range odd {
			if strings.Contains(" "+allowed+" ", " "+value+" ") {
				continue
			}
			token := hs256(`{"alg":"HS256"}`, "{"+good+`,"`+claim+`":`+value+"}") // the last of two members counts
			if _, err := authenticate(t.Context(), a, token); !errors.Is(err, auth.ErrInvalidCredentials) {
				t.Errorf("%s = %s: %v, want ErrInvalidCredentials", claim, value, err)
			}
		}
	}
	for _, payload := range []string{``, `null`, `[]`, `"x"`, `1`, `{`, `{}`, "{" + good + "}{}", "\xff"} {
		if _, err := authenticate(t.Context(), a, hs256(`{"alg":"HS256"}`, payload)); !errors.Is(err, auth.ErrInvalidCredentials) {
			t.Errorf("payload %q: %v, want ErrInvalidCredentials", payload, err)
		}
	}
	for _, header := range []string{
		``, `null`, `[]`, `{}`, `{"alg":null}`, `{"alg":["HS256"]}`, `{"alg":"hs256"}`, `{"alg":"HS256"`,
	} {
		if _, err := authenticate(t.Context(), a, hs256(header, "{"+good+"}")); !errors.Is(err, auth.ErrInvalidCredentials) {
			t.Errorf("header %q: %v, want ErrInvalidCredentials", header, err)
		}
	}
}

func TestIssuerAndAudienceAreCheckedWhenSet(t *testing.T) {
	t.Parallel()
	const issuer, audience = "https://idp.example", "billing"
	tests := map[string]struct {
		cfg     bearer.Config
		changes jwt.MapClaims
		ok      bool
	}{
		"neither set, neither sent":    {bearer.Config{}, nil, true},
		"neither set, others sent":     {bearer.Config{}, jwt.MapClaims{"iss": "x", "aud": "y"}, true},
		"issuer":                       {bearer.Config{Issuer: issuer}, jwt.MapClaims{"iss": issuer}, true},
		"issuer missing":               {bearer.Config{Issuer: issuer}, nil, false},
		"issuer with a slash more":     {bearer.Config{Issuer: issuer}, jwt.MapClaims{"iss": issuer + "/"}, false},
		"issuer in another case":       {bearer.Config{Issuer: issuer}, jwt.MapClaims{"iss": strings.ToUpper(issuer)}, false},
		"audience":                     {bearer.Config{Audience: audience}, jwt.MapClaims{"aud": audience}, true},
		"audience in a list":           {bearer.Config{Audience: audience}, jwt.MapClaims{"aud": []string{"x", audience}}, true},
		"audience missing":             {bearer.Config{Audience: audience}, nil, false},
		"another audience":             {bearer.Config{Audience: audience}, jwt.MapClaims{"aud": "billing2"}, false},
		"audience missing in a list":   {bearer.Config{Audience: audience}, jwt.MapClaims{"aud": []string{"x", "y"}}, false},
		"audience in a list of others": {bearer.Config{Audience: audience}, jwt.MapClaims{"aud": []any{audience, 1}}, false},
		"one right of two": {
			bearer.Config{Issuer: issuer, Audience: audience}, jwt.MapClaims{"iss": issuer, "aud": "x"}, false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := secretConfig()
			cfg.Issuer, cfg.Audience = tt.cfg.Issuer, tt.cfg.Audience
			a := newAuthenticator(t.Context(), t, cfg)
			token := secretToken(t, claimsOf(tt.changes), nil)
			if tt.ok {
				wantAccepted(t, a, token)
			} else {
				wantError(t, a, token, auth.ErrInvalidCredentials)
			}
		})
	}
}

func TestTimesAreCheckedWithTheLeeway(t *testing.T) {
	t.Parallel()
	seconds := func(offset int) float64 { return float64(start().Unix() + int64(offset)) }
	tests := map[string]struct {
		leeway  time.Duration
		changes jwt.MapClaims
		ok      bool
	}{
		"expires in a second":               {0, jwt.MapClaims{"exp": seconds(1)}, true},
		"expired within the default leeway": {0, jwt.MapClaims{"exp": seconds(-29)}, true},
		"expired by the default leeway":     {0, jwt.MapClaims{"exp": seconds(-30)}, false},
		"expired within 60 seconds":         {time.Minute, jwt.MapClaims{"exp": seconds(-59)}, true},
		"expired by 60 seconds":             {time.Minute, jwt.MapClaims{"exp": seconds(-60)}, false},
		"expired without leeway":            {1, jwt.MapClaims{"exp": seconds(-1)}, false},
		"fraction of a second":              {0, jwt.MapClaims{"exp": seconds(1) + 0.5}, true},
		"the year 9999":                     {0, jwt.MapClaims{"exp": 253_402_300_799}, true},
		"beyond the year 9999":              {0, jwt.MapClaims{"exp": 253_402_300_800}, false},
		"beyond an int64":                   {0, jwt.MapClaims{"exp": 1e300}, false},
		"far below zero":                    {0, jwt.MapClaims{"exp": -1e300}, false},
		"valid from now":                    {0, jwt.MapClaims{"nbf": seconds(0)}, true},
		"valid from within the leeway":      {0, jwt.MapClaims{"nbf": seconds(30)}, true},
		"valid from after the leeway":       {0, jwt.MapClaims{"nbf": seconds(31)}, false},
		"valid from beyond an int64":        {0, jwt.MapClaims{"nbf": 1e300}, false},
		"issued now":                        {0, jwt.MapClaims{"iat": seconds(0)}, true},
		"issued within the leeway":          {0, jwt.MapClaims{"iat": seconds(30)}, true},
		"issued in the future":              {0, jwt.MapClaims{"iat": seconds(31)}, false},
		"issued beyond an int64":            {0, jwt.MapClaims{"iat": 1e300}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := secretConfig()
			cfg.Leeway = tt.leeway
			a := newAuthenticator(t.Context(), t, cfg)
			token := secretToken(t, claimsOf(tt.changes), nil)
			if tt.ok {
				wantAccepted(t, a, token)
			} else {
				wantError(t, a, token, auth.ErrInvalidCredentials)
			}
		})
	}
	a := newAuthenticator(t.Context(), t, secretConfig())
	for _, number := range []string{"NaN", "Infinity", "-Infinity", "1e999", "-1e999", "0x10"} {
		token := hs256(`{"alg":"HS256"}`, `{"sub":"alice","project_id":"p1","exp":`+number+`}`)
		wantError(t, a, token, auth.ErrInvalidCredentials)
	}
}

func TestARememberedTokenExpires(t *testing.T) {
	t.Parallel()
	now := &clock{now: start()}
	cfg := secretConfig()
	cfg.Now, cfg.Leeway = now.Now, 10*time.Second
	a := newAuthenticator(t.Context(), t, cfg)
	token := secretToken(t, claimsOf(jwt.MapClaims{"exp": start().Add(time.Minute).Unix()}), nil)
	wantAccepted(t, a, token)
	now.Set(start().Add(70*time.Second - 1))
	wantAccepted(t, a, token)
	now.Set(start().Add(70 * time.Second))
	wantError(t, a, token, auth.ErrInvalidCredentials)
}
