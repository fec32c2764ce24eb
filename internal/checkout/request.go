package checkout

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// request is the body of POST /checkout-session.
type request struct {
	priceID, successURL, cancelURL string
	mode                           checkout.Mode
	quantity                       int64
	quantityGiven                  bool
	metadata                       map[string]string
	allowExisting                  bool
	// alone says that the request has the user's turn to make something at Stripe.
	alone bool
	// unpaid are the user's incomplete subscriptions, which are cancelled before another session is made.
	unpaid []unpaid
	// made says that the request has made a customer, or found one again: one request does that once at most.
	made *bool
	// description is what a person calls the price: its product's name.
	description string
}

func (c *Checkout) parse(f *api.Form) request {
	return request{
		priceID:       f.RequiredString("price_id"),
		successURL:    f.RedirectURL(c.config.Origins, "success_url"),
		cancelURL:     f.RedirectURL(c.config.Origins, "cancel_url"),
		mode:          checkout.Mode(f.Choice("mode", string(checkout.ModeSubscription), string(checkout.ModePayment))),
		quantity:      f.Int("quantity", 1, 1, c.config.MaxQuantity),
		quantityGiven: f.Has("quantity"),
		metadata:      metadata(f),
		allowExisting: f.Bool("allow_existing_subscription", false),
	}
}

// Stripe's limits on metadata (https://docs.stripe.com/metadata).
const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

// metadata returns the client's metadata, with numbers and booleans as strings.
func metadata(f *api.Form) map[string]string {
	out := map[string]string{}
	fail := func(kind, format string, args ...any) {
		f.Fail(httperr.BodyField("metadata", fmt.Sprintf(format, args...), kind))
	}
	total := len(reserved)
	given := f.Object("metadata")
	for _, key := range slices.Sorted(maps.Keys(given)) {
		value, ok := scalar(given[key])
		switch {
		case !ok:
			fail("string_type", "The value of %q should be a string, a number or a boolean", key)
		case key == "" || strings.ContainsAny(key, "[]"):
			fail("invalid_key", "The key %q should not be empty or hold brackets", key)
		case strings.Contains(key+value, "\x00"):
			fail("invalid_text", "The key %q and its value should not hold the character NUL", key)
		case utf8.RuneCountInString(key) > maxMetadataKey:
			fail("string_too_long", "The key %q should have at most %d characters", key, maxMetadataKey)
		case utf8.RuneCountInString(value) > maxMetadataValue:
			fail("string_too_long", "The value of %q should have at most %d characters", key, maxMetadataValue)
		}
		if !slices.Contains(reserved, key) {
			out[key] = value
			total++
		}
	}
	if total > maxMetadata {
		fail("too_long", "There should be at most %d keys, with the %d that are set here", maxMetadata, len(reserved))
	}
	return out
}

// reserved are the metadata keys that the server sets: they win over the client's.
var reserved = []string{stripe.MetadataUser, stripe.MetadataProject} //nolint:gochecknoglobals // never changed

// own returns metadata with the keys that the server sets.
func own(metadata map[string]string, owner subscription.Owner) map[string]string {
	out := map[string]string{}
	maps.Copy(out, metadata)
	out[stripe.MetadataUser], out[stripe.MetadataProject] = owner.UserID, owner.ProjectID
	return out
}

// scalar returns a JSON string as it reads, and a number or a boolean as it is written.
func scalar(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err == nil
	case '{', '[', 'n':
		return "", false
	}
	return string(raw), true
}
