package bearer_test

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
)

func TestTheOwnerIsWhomTheClaimNames(t *testing.T) {
	t.Parallel()
	teams := bearer.Config{OwnerClaim: "org_id"}
	optional := bearer.Config{OwnerClaim: "org_id", OwnerOptional: true}
	tests := map[string]struct {
		cfg     bearer.Config
		changes jwt.MapClaims
		owner   string // empty where the token is refused
	}{
		"no claim configured":              {bearer.Config{}, jwt.MapClaims{"org_id": "team_7"}, "alice"},
		"named":                            {teams, jwt.MapClaims{"org_id": "team_7"}, "team_7"},
		"named, optional":                  {optional, jwt.MapClaims{"org_id": "team_7"}, "team_7"},
		"missing":                          {teams, nil, ""},
		"missing, optional":                {optional, nil, "alice"},
		"null":                             {teams, jwt.MapClaims{"org_id": jsonNull{}}, ""},
		"null, optional":                   {optional, jwt.MapClaims{"org_id": jsonNull{}}, "alice"},
		"empty":                            {teams, jwt.MapClaims{"org_id": ""}, ""},
		"empty, optional":                  {optional, jwt.MapClaims{"org_id": ""}, ""},
		"a number":                         {teams, jwt.MapClaims{"org_id": 7}, ""},
		"a number, optional":               {optional, jwt.MapClaims{"org_id": 7}, ""},
		"a list, optional":                 {optional, jwt.MapClaims{"org_id": []string{"team_7"}}, ""},
		"the user's own id as that of who": {teams, jwt.MapClaims{"org_id": "alice"}, "alice"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := secretConfig()
			cfg.OwnerClaim, cfg.OwnerOptional = tt.cfg.OwnerClaim, tt.cfg.OwnerOptional
			a := newAuthenticator(t.Context(), t, cfg)
			token := secretToken(t, claimsOf(tt.changes), nil)
			if tt.owner == "" {
				wantError(t, a, token, auth.ErrInvalidCredentials)
				return
			}
			for _, state := range []string{"cold", "warm"} {
				got, err := authenticate(t.Context(), a, token)
				if err != nil || got.Owner() != tt.owner || got.UserID != "alice" {
					t.Errorf("%s: got %+v, %v; want alice for %s", state, got, err, tt.owner)
				}
			}
		})
	}
}

func TestScopesAreThoseOfEitherClaim(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes jwt.MapClaims
		want    bool
	}{
		"none":                     {nil, false},
		"scope":                    {jwt.MapClaims{"scope": "openid billing"}, true},
		"scp, a string":            {jwt.MapClaims{"scp": "billing openid"}, true},
		"scp, a list":              {jwt.MapClaims{"scp": []string{"openid", "billing"}}, true},
		"scope, a list":            {jwt.MapClaims{"scope": []string{"billing"}}, true},
		"in the second":            {jwt.MapClaims{"scope": "openid", "scp": "billing"}, true},
		"a longer name":            {jwt.MapClaims{"scope": "billing2 xbilling"}, false},
		"another case":             {jwt.MapClaims{"scope": "Billing"}, false},
		"a name among other types": {jwt.MapClaims{"scp": []any{1, nil, "billing"}}, true},
		"an object":                {jwt.MapClaims{"scope": map[string]any{"billing": true}}, false},
		"a number":                 {jwt.MapClaims{"scope": 1}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthenticator(t.Context(), t, secretConfig())
			got, err := authenticate(t.Context(), a, secretToken(t, claimsOf(tt.changes), nil))
			if err != nil || got.HasScope("billing") != tt.want {
				t.Errorf("got %+v, %v; want billing: %t", got, err, tt.want)
			}
		})
	}
}
