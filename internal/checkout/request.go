package checkout

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/subscription"
)

// Stripe's limits on metadata (https://docs.stripe.com/metadata).
const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

func mistake(field, message, kind string) subscription.FieldError {
	return subscription.FieldError{Field: field, Message: message, Kind: kind}
}

func withDefaults(r checkout.Request) checkout.Request {
	if r.Mode == "" {
		r.Mode = checkout.ModeSubscription
	}
	return r
}

// Check returns all that is wrong with a request, whatever the state of things and whoever sends it. It asks nobody.
func (c *Checkout) Check(r checkout.Request) []subscription.FieldError {
	return c.check(r, ownKeys(customer.Buyer{}))
}

// check is Check for a request whose metadata is to have keys of ours.
func (c *Checkout) check(r checkout.Request, ours []string) []subscription.FieldError {
	r = withDefaults(r)
	mistakes := c.checkLines(r.Lines)
	mistakes = append(mistakes, c.config.Redirects.Check("success_url", r.SuccessURL)...)
	mistakes = append(mistakes, c.config.Redirects.Check("cancel_url", r.CancelURL)...)
	if r.Mode != checkout.ModeSubscription && r.Mode != checkout.ModePayment {
		mistakes = append(mistakes, mistake("mode", "Input should be one of: subscription, payment", "string_pattern_mismatch"))
	}
	return append(mistakes, checkMetadata(r.Metadata, ours)...)
}

func (c *Checkout) checkLines(lines []checkout.Line) []subscription.FieldError {
	switch {
	case len(lines) == 0:
		return []subscription.FieldError{missing("price_id")}
	case len(lines) > 1:
		return []subscription.FieldError{mistake("items", "List should have at most 1 item", "too_long")}
	}
	var mistakes []subscription.FieldError
	line := lines[0]
	if line.PriceID == "" {
		mistakes = append(mistakes, missing("price_id"))
	}
	limit := func(words string, n int64, kind string) {
		mistakes = append(mistakes, mistake("quantity", "Input should be "+words+" than or equal to "+strconv.FormatInt(n, 10), kind))
	}
	switch {
	case line.Quantity < 0:
		limit("greater", 1, "greater_than_equal")
	case line.Quantity > c.config.MaxQuantity:
		limit("less", c.config.MaxQuantity, "less_than_equal")
	}
	return mistakes
}

func missing(field string) subscription.FieldError {
	return mistake(field, "Field required", "missing")
}

// ownKeys are the metadata keys that are set for a buyer, whatever the request has there.
func ownKeys(buyer customer.Buyer) []string { return slices.Collect(maps.Keys(buyer.Metadata(nil))) }

func checkMetadata(metadata map[string]string, ours []string) []subscription.FieldError {
	var mistakes []subscription.FieldError
	fail := func(kind, format string, args ...any) {
		mistakes = append(mistakes, mistake("metadata", fmt.Sprintf(format, args...), kind))
	}
	total := len(ours)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		value := metadata[key]
		switch {
		case key == "" || strings.ContainsAny(key, "[]"):
			fail("invalid_key", "The key %q should not be empty or hold brackets", key)
		case strings.Contains(key+value, "\x00"):
			fail("invalid_text", "The key %q and its value should not hold the character NUL", key)
		case !utf8.ValidString(key + value):
			fail("invalid_text", "The key %q and its value should be UTF-8", key)
		case utf8.RuneCountInString(key) > maxMetadataKey:
			fail("string_too_long", "The key %q should have at most %d characters", key, maxMetadataKey)
		case utf8.RuneCountInString(value) > maxMetadataValue:
			fail("string_too_long", "The value of %q should have at most %d characters", key, maxMetadataValue)
		}
		if !slices.Contains(ours, key) {
			total++
		}
	}
	if total > maxMetadata {
		fail("too_long", "There should be at most %d keys, with the %d that are set here", maxMetadata, len(ours))
	}
	return mistakes
}
