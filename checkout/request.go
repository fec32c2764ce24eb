package checkout

// Mode says what a checkout session sells.
type Mode string

// The modes of a checkout session (https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-mode).
const (
	ModeSubscription Mode = "subscription"
	ModePayment      Mode = "payment"
)

// Request is what an owner asks for: the body of POST /checkout-session.
type Request struct {
	// Mode is ModeSubscription or ModePayment. Default: ModeSubscription.
	Mode Mode
	// Lines are what is bought: exactly one, for now.
	Lines []Line
	// SuccessURL is where people go when they have paid, CancelURL where they go when they turn back: absolute URLs of an origin
	// in Config.RedirectOrigins. Stripe puts the session's id in the place of {CHECKOUT_SESSION_ID} in SuccessURL.
	SuccessURL, CancelURL string
	// Metadata is put on the session, and on the subscription or payment that it makes: up to 48 keys of 40 characters, with
	// values of 500 characters. The keys user_id and project_id are set by the service, whatever is given here.
	Metadata map[string]string
	// AllowExistingSubscription sells to an owner who has a subscription already. Config.ForbidSecondSubscription ignores it.
	AllowExistingSubscription bool
}

// Line is one thing that is bought.
type Line struct {
	// PriceID is the id of a Stripe price: price_….
	PriceID string
	// Quantity is at least 1. Zero means that none is given, which is one; a metered price takes none.
	Quantity int64
}
