package bearer

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
)

// maxNumericDate is the end of the year 9999 in Unix seconds. Beyond it the conversions to time.Time overflow.
const maxNumericDate = 253_402_300_799

// claimRules tell what a token says about its user, once its claims are in order.
type claimRules struct {
	registered   *jwt.Validator // exp, nbf, iat, iss and aud (RFC 7519 section 4.1)
	leeway       time.Duration
	projectClaim string
	project      string
	emailClaim   string
}

func newClaimRules(cfg Config, options []jwt.ParserOption) claimRules {
	return claimRules{
		registered: jwt.NewValidator(options...), leeway: cfg.Leeway,
		projectClaim: cfg.ProjectClaim, project: cfg.Project, emailClaim: cfg.EmailClaim,
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
	id := auth.Identity{ProjectID: c.project, Email: c.email(claims)}
	var err error
	if id.UserID, err = requiredString(claims, "sub"); err != nil {
		return verified{}, err
	}
	if c.project == "" {
		if id.ProjectID, err = requiredString(claims, c.projectClaim); err != nil {
			return verified{}, err
		}
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

// email returns the address that the token tells, unless it says that the address is not verified. Some providers send
// that flag as a string.
func (c claimRules) email(claims jwt.MapClaims) string {
	if flag, ok := claims["email_verified"]; ok && flag != true && flag != "true" {
		return ""
	}
	address, _ := claims[c.emailClaim].(string)
	return address
}
