package stripe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far the signature's time may be from now, both ways
// (https://docs.stripe.com/webhooks#replay-attacks).
const tolerance = 300 * time.Second

// ErrSignature says that a payload is not signed by Stripe for us, or at another time. What wraps it says why.
var ErrSignature = errors.New("stripeevent: the signature does not verify")

// Verify checks the Stripe-Signature header of payload (https://docs.stripe.com/webhooks#verify-manually): one of the
// secrets must have signed it, at a time near now. An empty secret never verifies. Its errors wrap ErrSignature.
func Verify(payload []byte, header string, secrets []string, now time.Time) error {
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(secret string) bool { return secret == "" })
	if len(secrets) == 0 {
		return fmt.Errorf("%w: no signing secret is configured", ErrSignature)
	}
	if header == "" {
		return fmt.Errorf("%w: there is no Stripe-Signature header", ErrSignature)
	}
	at, signatures := parseSignature(header)
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || len(signatures) == 0 {
		return fmt.Errorf("%w: the Stripe-Signature header is malformed", ErrSignature)
	}
	if !slices.ContainsFunc(secrets, func(secret string) bool { return signed(payload, at, signatures, secret) }) {
		return fmt.Errorf("%w: none of the %d signing secrets has signed it", ErrSignature, len(secrets))
	}
	if age := now.Sub(time.Unix(seconds, 0)); age.Abs() > tolerance {
		return fmt.Errorf("%w: it was signed %d s ago by our clock, at most %d s are accepted, either way",
			ErrSignature, int64(age.Seconds()), int64(tolerance.Seconds()))
	}
	return nil
}

// signed reports whether one of the signatures is that of the secret.
func signed(payload []byte, at string, signatures [][]byte, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(at))
	mac.Write([]byte{'.'})
	mac.Write(payload)
	want := mac.Sum(nil)
	return slices.ContainsFunc(signatures, func(signature []byte) bool { return hmac.Equal(signature, want) })
}

// parseSignature reads "t=1492774577,v1=5257a8…,v1=…"; spaces after the commas are accepted, other schemes ignored.
func parseSignature(header string) (at string, signatures [][]byte) {
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			at = value
		case "v1":
			if signature, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, signature)
			}
		}
	}
	return at, signatures
}
