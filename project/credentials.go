package project

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Mode is one of Stripe's two separate worlds of data (https://docs.stripe.com/test-mode).
type Mode string

// The two modes.
const (
	ModeTest Mode = "test"
	ModeLive Mode = "live"
)

// Valid reports whether m is one of the two modes.
func (m Mode) Valid() bool { return m == ModeTest || m == ModeLive }

// Credentials are what one project needs to work with Stripe in one mode.
//
// However they are printed, logged or encoded as text, the keys in them do not show. Only where fmt asks no method is that
// out of reach: in an unexported field of a struct that is printed itself, and after a wrong use of %w or %p.
type Credentials struct {
	// SecretKey is the secret or restricted API key: sk_test_…, sk_live_…, rk_test_… or rk_live_….
	SecretKey string
	// WebhookSecrets are the signing secrets (whsec_…) of the project's webhook endpoints. Any of them may have signed,
	// so that a secret can be rotated. Without one, no webhook is accepted.
	WebhookSecrets []string
	// Prices, when not empty, lists the only price ids that may be sold. Without a list, a client can buy any active price of
	// the Stripe account, which live mode warns of in the log.
	Prices []string
}

// ErrNotConfigured says that a project is unknown, or has no Stripe credentials for the mode.
var ErrNotConfigured = errors.New("project: Stripe is not configured for this project and mode")

// CredentialResolver finds the Stripe credentials of a project in a mode.
//
// ResolveCredentials returns ErrNotConfigured (wrapped or not) for an unknown project and for one without credentials
// in that mode; any other error means that they can't be told now. It is called on every request, so it should answer
// from memory, and must be safe for concurrent use. The caller does not change the slices that it gets.
type CredentialResolver interface {
	ResolveCredentials(ctx context.Context, projectID string, mode Mode) (Credentials, error)
}

// Validate reports all that is wrong: a key that does not fit mode, a signing secret that is none (whsec_…), an empty price id.
// The error names no key.
func (c Credentials) Validate(mode Mode) error {
	if !mode.Valid() {
		return fmt.Errorf("project: unknown mode %q", string(mode))
	}
	errs := []error{c.validateKey(mode)}
	for _, secret := range c.WebhookSecrets {
		switch rest, ok := strings.CutPrefix(secret, secretPrefix); {
		case secret == "":
			errs = append(errs, errors.New("project: a webhook signing secret is empty"))
		case !ok || rest == "":
			errs = append(errs, errors.New("project: a webhook signing secret is none: want the prefix whsec"))
		}
	}
	if slices.Contains(c.Prices, "") {
		errs = append(errs, errors.New("project: a price id is empty"))
	}
	return errors.Join(errs...)
}

// secretPrefix is how Stripe's signing secrets begin (https://docs.stripe.com/webhooks#verify-official-libraries).
const secretPrefix = "whsec_"

func (c Credentials) validateKey(mode Mode) error {
	var reason string
	switch other, known := KeyMode(c.SecretKey); {
	case known && other == mode:
		return nil
	case known:
		reason = fmt.Sprintf("one of %s mode", other)
	case c.SecretKey == "":
		reason = "empty"
	case strings.HasPrefix(c.SecretKey, "pk_"):
		reason = "a publishable key"
	default:
		reason = "none of Stripe's"
	}
	return fmt.Errorf("project: the secret key is not a key of %[1]s mode, it is %[2]s: want the prefix sk_%[1]s_ or rk_%[1]s_",
		mode, reason)
}

func (c Credentials) fits(mode Mode) bool {
	for _, kind := range []string{"sk_", "rk_"} {
		prefix := kind + string(mode) + "_"
		if strings.HasPrefix(c.SecretKey, prefix) && len(c.SecretKey) > len(prefix) {
			return true
		}
	}
	return false
}

// KeyMode returns the mode that a Stripe secret key is for, by its prefix. It reports false for anything else.
func KeyMode(secretKey string) (Mode, bool) {
	c := Credentials{SecretKey: secretKey}
	for _, mode := range []Mode{ModeTest, ModeLive} {
		if c.fits(mode) {
			return mode, true
		}
	}
	return "", false
}

// Sells reports whether the project may sell the price.
func (c Credentials) Sells(priceID string) bool {
	return len(c.Prices) == 0 || slices.Contains(c.Prices, priceID)
}

// String describes c without its keys.
func (c Credentials) String() string {
	mode, _ := KeyMode(c.SecretKey)
	return fmt.Sprintf("Credentials(mode=%s, webhook_secrets=%d, prices=%d)", mode, len(c.WebhookSecrets), len(c.Prices))
}

// GoString is String, for %#v.
func (c Credentials) GoString() string { return c.String() }

// Format writes String for every verb: verbs that fmt does not hand to String would print the fields.
func (c Credentials) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(c.String())) }

// LogValue is String, for slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, so that JSON and other encoders show no key.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
