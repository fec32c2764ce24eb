package checkout

// Options are what a host can set on a checkout session beyond what its client asks for. The zero value is Stripe's
// default for everything.
type Options struct {
	// TrialDays is the length of a free trial. A user who has had a subscription before gets none, unless it was never paid.
	// Subscription mode only.
	TrialDays int64 `json:"trial_days,omitempty"`
	// AllowPromotionCodes lets people enter a promotion code.
	AllowPromotionCodes bool `json:"allow_promotion_codes,omitempty"`
	// AutomaticTax lets Stripe compute the tax, by an address that it asks for.
	AutomaticTax bool `json:"automatic_tax,omitempty"`
	// RequireBillingAddress makes the billing address required.
	RequireBillingAddress bool `json:"require_billing_address,omitempty"`
	// Locale is the page's language, such as "de"; empty for the browser's.
	Locale string `json:"locale,omitempty"`
	// PaymentMethodTypes lists the payment methods, such as "card"; empty for those set up in Stripe's dashboard.
	PaymentMethodTypes []string `json:"payment_method_types,omitempty"`
	// Embedded makes a page for Stripe's embedded checkout instead of a hosted one: the answer then has a client_secret and
	// an empty checkout_url, and people return to success_url (https://docs.stripe.com/checkout/embedded/quickstart).
	Embedded bool `json:"embedded,omitempty"`
}
