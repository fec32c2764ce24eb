package stripeevent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far the signature's time may be from now, both ways
// (https://docs.stripe.com/webhooks#replay-attacks).
const tolerance = 300 * time.Second

// ErrSignature says that a payload is not signed by Stripe for us, or at another time.
var ErrSignature = errors.New("stripeevent: the signature does not verify")

// Verify checks the Stripe-Signature header of payload (https://docs.stripe.com/webhooks#verify-manually): one of the
// secrets must have signed it, at a time near now. An empty secret never verifies. Its only error is ErrSignature.
func Verify(payload []byte, header string, secrets []string, now time.Time) error {
	at, signatures := parseSignature(header)
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return ErrSignature
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(at))
		mac.Write([]byte{'.'})
		mac.Write(payload)
		want := mac.Sum(nil)
		for _, signature := range signatures {
			if hmac.Equal(signature, want) {
				return nil
			}
		}
	}
	return ErrSignature
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
