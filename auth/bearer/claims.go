package bearer

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
)

// maxNumericDate is the end of the year 9999 in Unix seconds. Beyond it the conversions to time.Time overflow.
const maxNumericDate = 253_402_300_799

// claimRules tell what a token says about its user, once its claims are in order.
type claimRules struct {
	registered    *jwt.Validator // exp, nbf, iat, iss and aud (RFC 7519 section 4.1)
	leeway        time.Duration
	projectClaim  string
	project       string
	ownerClaim    string
	ownerOptional bool
	emailClaim    string
}

func newClaimRules(cfg Config, options []jwt.ParserOption) claimRules {
	return claimRules{
		registered: jwt.NewValidator(options...), leeway: cfg.Leeway,
		projectClaim: cfg.ProjectClaim, project: cfg.Project, ownerClaim: cfg.OwnerClaim, ownerOptional: cfg.OwnerOptional,
		emailClaim: cfg.EmailClaim,
	}
}

// apply checks the claims and takes the identity out of them. It says nothing about the signature.
func (c claimRules) apply(claims jwt.MapClaims) (verified, error) {
	for _, name := range []string{"exp", "nbf", "iat"} {
		if seconds, ok := claims[name].(float64); ok && math.Abs(seconds) > maxNumericDate {
			return verified{}, fmt.Errorf("claim %s is out of range", name)
		}
	}
	if err := c.registered.Validate(claims); err != nil {
		return verified{}, err
	}
	if kind, ok := claims["type"]; ok && kind != "access" {
		return verified{}, errors.New("claim type is not access")
	}
	id := auth.Identity{ProjectID: c.project, Email: c.email(claims), Scope: scope(claims)}
	var err error
	if id.UserID, err = requiredString(claims, "sub"); err != nil {
		return verified{}, err
	}
	if c.project == "" {
		if id.ProjectID, err = requiredString(claims, c.projectClaim); err != nil {
			return verified{}, err
		}
	}
	if id.OwnerID, err = c.owner(claims); err != nil {
		return verified{}, err
	}
	expiry, err := claims.GetExpirationTime()
	if err != nil {
		return verified{}, err
	}
	return verified{id, expiry.Add(c.leeway)}, nil
}

func requiredString(claims jwt.MapClaims, name string) (string, error) {
	value, ok := claims[name].(string)
	if !ok || value == "" {
		return "", fmt.Errorf("claim %s is not a non-empty string", name)
	}
	return value, nil
}

// owner returns who pays, by the token; empty where that is the user.
func (c claimRules) owner(claims jwt.MapClaims) (string, error) {
	if c.ownerClaim == "" {
		return "", nil
	}
	if value := claims[c.ownerClaim]; value == nil && c.ownerOptional {
		return "", nil
	}
	return requiredString(claims, c.ownerClaim)
}

// scope returns the names of what the token is good for: those of the claim scope, a string (RFC 8693 section 4.2), and of scp,
// which other providers send instead, a string or a list.
func scope(claims jwt.MapClaims) string {
	var names []string
	for _, claim := range []string{"scope", "scp"} {
		switch value := claims[claim].(type) {
		case string:
			names = append(names, value)
		case []any:
			for _, name := range value {
				if name, ok := name.(string); ok {
					names = append(names, name)
				}
			}
		}
	}
	return strings.Join(names, " ")
}

// email returns the address that the token tells, unless it says that the address is not verified. Some providers send
// that flag as a string.
func (c claimRules) email(claims jwt.MapClaims) string {
	if flag, ok := claims["email_verified"]; ok && flag != true && flag != "true" {
		return ""
	}
	address, _ := claims[c.emailClaim].(string)
	return address
}
