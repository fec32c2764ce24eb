package subscription

import (
	"context"
	"time"

	"github.com/paymount/paymount/auth"
)

// Cancellation asks for the end of a subscription.
type Cancellation struct {
	// SubscriptionID names the subscription, by Stripe's id or by the one that clients see (Owner.UUID). Empty: the owner's
	// only subscription that has not ended; ErrSeveral if there are several.
	SubscriptionID string
	// Immediately ends it now. Otherwise it ends with its period, or now if its first payment is missing.
	Immediately bool
	// Reason is one of CancellationReasons, or empty.
	Reason string
	// Comment is what the customer says about it: up to 5000 characters, or empty.
	Comment string
}

// CancellationReasons returns the reasons that Stripe keeps
// (https://docs.stripe.com/api/subscriptions/cancel#cancel_subscription-cancellation_details-feedback).
func CancellationReasons() []string {
	return []string{
		"customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex", "too_expensive", "unused",
	}
}

// Update asks for another price or quantity of an item of a subscription: at least one of PriceID and Quantity is set.
type Update struct {
	// SubscriptionID is as in Cancellation.
	SubscriptionID string
	// Item names the item by its id (si_…) or by the id of its present price. Empty: the plan.
	Item string
	// PriceID is the new price; empty: the present one stays.
	PriceID string
	// Quantity is the new quantity; 0: the present one stays. A metered price takes none.
	Quantity int64
	// Proration says how the rest of the period is charged. Empty: CreateProrations if Config.Prorations has it, otherwise the
	// first one there.
	Proration Proration
	// Quote is the quote of a Preview of the same update. With it the update costs what was shown, or fails with ErrConflict.
	// Empty: it may cost anything.
	Quote string
}

// CustomizeUpdate is the host's hook that changes an Update before it is made or previewed, or refuses it: to bound the seats
// that clients ask for, say. id is who acts; it is zero where the app itself does. s is the subscription as it is now.
//
// An error that is, or wraps, an *Error or an *httperr.Error is the answer; any other one counts as ErrUnavailable. The hook
// must do the same each time, for a preview and for the update that carries its quote, and be safe for concurrent use.
type CustomizeUpdate func(ctx context.Context, id auth.Identity, s Subscription, update *Update) error

// Updated is a subscription after an Update.
type Updated struct {
	Subscription Subscription
	// Changed is false if the subscription already was as the update asks for.
	Changed bool
	// EffectiveAt is when the update takes effect.
	EffectiveAt time.Time
}

// Preview is what an Update would cost: the next invoice. Amounts are in the currency's smallest unit.
type Preview struct {
	AmountDue int64
	// Currency is the three-letter ISO code in lower case.
	Currency string
	Lines    []PreviewLine
	// ProrationDate is the time that the amounts were computed for.
	ProrationDate time.Time
	// Quote, when it is given to Update, guarantees AmountDue. It expires after 15 minutes.
	Quote string
}

// PreviewLine is one line of a Preview. A credit is negative.
type PreviewLine struct {
	Description string
	Amount      int64
}

// Portal asks for a session of Stripe's customer portal.
type Portal struct {
	// ReturnURL is where the portal sends the customer back to. Its origin is one of Config.RedirectOrigins.
	ReturnURL string
	// Purpose is the one thing that the customer is to do there. Empty: whatever the portal offers.
	Purpose PortalPurpose
	// SubscriptionID is as in Cancellation. It is used only with PortalCancel and PortalUpdate.
	SubscriptionID string
}

// PortalPurpose is one thing that a customer does in the portal, and then returns
// (https://docs.stripe.com/customer-management/portal-deep-links). The portal's configuration at Stripe must offer it.
type PortalPurpose string

// The purposes: another payment method; the end or another plan of one subscription.
const (
	PortalPaymentMethod PortalPurpose = "payment_method_update"
	PortalCancel        PortalPurpose = "subscription_cancel"
	PortalUpdate        PortalPurpose = "subscription_update"
)

// PaymentPage is a page of an owner's payments, the newest first.
type PaymentPage struct {
	Payments []Payment
	// Total is how many there are on all pages.
	Total int
	// Page counts from 1, and Size is how many a full page has.
	Page, Size int
}
