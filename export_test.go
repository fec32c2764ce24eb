package paymount

import "github.com/paymount/paymount/internal/stripe"

// NewWithoutRetries is New for tests that make many calls fail: each is made once, without pauses.
func NewWithoutRetries(config Config) (*Service, error) {
	return newService(config, stripe.New(config.StripeURL, config.HTTPClient).WithoutRetries())
}
