package checkout

import (
	"context"

	"github.com/paymount/paymount/auth"
)

// Options are what a host can set on a checkout session beyond what its client asks for. The zero value is Stripe's
// default for everything.
type Options struct {
	// TrialDays is the length of a free trial. An owner who has had a subscription before gets none, unless it was never paid.
	// Subscription mode only.
	TrialDays int64
	// AllowPromotionCodes lets people enter a promotion code.
	AllowPromotionCodes bool
	// AutomaticTax lets Stripe compute the tax, by an address that it asks for.
	AutomaticTax bool
	// RequireBillingAddress makes the billing address required.
	RequireBillingAddress bool
	// Locale is the page's language, such as "de"; empty for the browser's.
	Locale string
	// PaymentMethodTypes lists the payment methods, such as "card"; empty for those set up in Stripe's dashboard.
	PaymentMethodTypes []string
	// Embedded makes a page for Stripe's embedded checkout instead of a hosted one: the session then has a ClientSecret and
	// no URL, and people return to the SuccessURL (https://docs.stripe.com/checkout/embedded/quickstart).
	Embedded bool
}

// SessionParams are what a checkout session is made with: the request, and what the host adds to it.
type SessionParams struct {
	Mode Mode
	// Lines have the quantities that Stripe gets: 0 for a metered price.
	Lines                 []Line
	SuccessURL, CancelURL string
	// Description is put on the payment, where people find it among their payments. Payment mode only.
	Description string
	// Metadata is put on the session, and on the subscription or payment that it makes.
	Metadata map[string]string

	Options
}

// Customize changes a session before it is made: its options, its metadata, its description. id is who acts; it is zero where
// the app itself does. The owner's id and project in the metadata, trials being only for newcomers, and the one customer of the
// owner hold all the same.
//
// An error that is, or wraps, a *subscription.Error or an *httperr.Error is the answer; any other one counts as
// subscription.ErrUnavailable. It is called once for each request, and must do the same each time: a session that
// differs from the open one takes its place. It must be safe for concurrent use.
type Customize func(ctx context.Context, id auth.Identity, session *SessionParams) error
