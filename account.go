package paymount

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/manage"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Account is the billing of one owner, for Go code: a page that is rendered on the server, a job, the deletion of an account.
// Its methods do what the endpoints do, by the same rules.
//
// Their errors match with errors.Is the reasons of package subscription, such as subscription.ErrConflict, and
// project.ErrNotConfigured where the owner's project has no Stripe account in the owner's mode. Methods end when their context
// does, and set no limit of their own. An Account is a value without state and safe for concurrent use.
type Account struct {
	service *Service
	owner   subscription.Owner
	by      auth.Identity
}

// For returns the Account of owner, whose project, mode and ID all have to be set. by is the user who acts, where one does: it is
// what CustomizeCheckout is given, and its UserID is kept beside the owner's where it is another one. Without it the app itself
// acts.
func (s *Service) For(owner subscription.Owner, by ...auth.Identity) Account {
	a := Account{service: s, owner: owner}
	if len(by) > 0 {
		a.by = by[0]
	}
	return a
}

// String names the owner.
func (a Account) String() string {
	return "Account of " + a.owner.ID + " in " + a.owner.ProjectID + " (" + string(a.owner.Mode) + ")"
}

// Subscription returns the owner's best subscription that has not ended: see subscription.Ranked. It reports false where there
// is none.
func (a Account) Subscription(ctx context.Context) (subscription.Subscription, bool, error) {
	open, err := a.Subscriptions(ctx, false)
	if err != nil || len(open) == 0 {
		return subscription.Subscription{}, false, err
	}
	return open[0], true, nil
}

// Subscriptions returns the owner's subscriptions that have not ended, the best first, and with ended those that have, the
// newest first, after them.
func (a Account) Subscriptions(ctx context.Context, ended bool) ([]subscription.Subscription, error) {
	return do(ctx, a, a.service.manage.Subscriptions, ended)
}

// Entitled reports whether a subscription of the owner's opens a paid route, and returns the best one that does: what
// Service.Require asks, with the same requirements, and like it from memory while it can. It counts Config.EntitlementMode,
// whatever the owner's mode is, and asks nothing of the project's Stripe account.
func (a Account) Entitled(
	ctx context.Context, requirements ...subscription.Requirement,
) (subscription.Subscription, bool, error) {
	if err := a.check(); err != nil {
		return subscription.Subscription{}, false, err
	}
	s, err := a.service.gate.Entitled(ctx, a.owner.ProjectID, a.owner.ID, requirements)
	if err != nil || s == nil {
		return subscription.Subscription{}, false, stripe.Public(err)
	}
	return s.Clone(), true, nil
}

// Payments returns a page of the owner's payments, the newest first. Pages count from 1, and have 1 to 100 payments.
func (a Account) Payments(ctx context.Context, page, size int) (subscription.PaymentPage, error) {
	return do(ctx, a, a.service.manage.Payments, manage.Page{Number: page, Size: size})
}

// Portal opens a session of Stripe's customer portal and returns its URL, which is as good as a sign-in: hand it to the owner at
// once. It fails with subscription.ErrNone where the owner has no Stripe customer.
func (a Account) Portal(ctx context.Context, in subscription.Portal) (url string, err error) {
	return do(ctx, a, a.service.manage.Portal, in)
}

// Cancel ends a subscription with its period, or at once. To ask twice is fine: an owner who has cancelled all gets the one that
// ended last again. It fails with subscription.ErrPaymentInProgress while the first payment is on its way.
func (a Account) Cancel(ctx context.Context, in subscription.Cancellation) (subscription.Subscription, error) {
	return do(ctx, a, a.service.manage.Cancel, in)
}

// Resume takes a scheduled cancellation back. subscriptionID is as in subscription.Cancellation. It fails with
// subscription.ErrConflict where none is scheduled.
func (a Account) Resume(ctx context.Context, subscriptionID string) (subscription.Subscription, error) {
	return do(ctx, a, a.service.manage.Resume, subscriptionID)
}

// Update changes the price or the quantity of an item. A payment that is due at once and fails leaves everything as it was
// (subscription.ErrStripe).
func (a Account) Update(ctx context.Context, in subscription.Update) (subscription.Updated, error) {
	return do(ctx, a, a.service.manage.Update, in)
}

// Preview returns what the same Update would cost, with a quote that holds it to that amount.
func (a Account) Preview(ctx context.Context, in subscription.Update) (subscription.Preview, error) {
	return do(ctx, a, a.service.manage.Preview, in)
}

// SetQuantity sets the quantity of an item, such as the seats of a plan, to quantity, which is at least 1. subscriptionID and
// item are as in subscription.Update: both can be empty where the owner has one subscription, for the plan. It does nothing
// where the item has that quantity.
func (a Account) SetQuantity(
	ctx context.Context, subscriptionID, item string, quantity int64,
) (subscription.Updated, error) {
	return do(ctx, a, a.service.manage.SetQuantity, subscription.Update{
		SubscriptionID: subscriptionID, Item: item, Quantity: quantity,
	})
}

// SyncQuantity sets the quantity of an item to what count returns, such as the number of a team's members, which is at least 1.
// subscriptionID and item are as in SetQuantity. Call it after each change of what is counted, once that is committed, and from
// a job from time to time: for then a call that a crash has cut short is made up for.
//
// It counts, writes and counts again, until both agree. So it is exact however many calls run at once, in whatever processes: the
// last one to write has counted after its write. Calls of one process that wait for each other share the work, so ten members who
// join at once cost one or two updates, and the count of one of them, whose context then does not end with the call's. It fails
// with subscription.ErrUnavailable if the count changes all the time, and where count fails, whose error it then wraps. After any
// error call it again: a write whose answer was lost may have been made.
func (a Account) SyncQuantity(
	ctx context.Context, subscriptionID, item string, count func(ctx context.Context) (int64, error),
) (subscription.Updated, error) {
	use := func(ctx context.Context, buyer customer.Buyer, in subscription.Update) (subscription.Updated, error) {
		return a.service.manage.SyncQuantity(ctx, buyer, in, count)
	}
	return do(ctx, a, use, subscription.Update{SubscriptionID: subscriptionID, Item: item})
}

// do runs a use case for the owner of a.
func do[In, Out any](
	ctx context.Context, a Account, use func(context.Context, customer.Buyer, In) (Out, error), in In,
) (Out, error) {
	buyer, err := a.buyer(ctx)
	if err != nil {
		var none Out
		return none, err
	}
	out, err := use(ctx, buyer, in)
	var refused *httperr.Error // by a hook of the host's, in its own words
	if errors.As(err, &refused) {
		return out, err
	}
	return out, stripe.Public(err)
}

// buyer finds the owner's Stripe account.
func (a Account) buyer(ctx context.Context) (customer.Buyer, error) {
	if err := a.check(); err != nil {
		return customer.Buyer{}, err
	}
	credentials, err := a.service.config.Credentials.ResolveCredentials(ctx, a.owner.ProjectID, a.owner.Mode)
	return customer.Buyer{Owner: a.owner, Credentials: credentials, Identity: a.by}, stripe.Public(err)
}

// check refuses an owner whose id is nobody's: not every database can keep it.
func (a Account) check() error {
	if id := a.owner.ID; id != "" && !strings.Contains(id, "\x00") && utf8.ValidString(id) {
		return nil
	}
	return subscription.Invalid(subscription.FieldError{
		Field: "user_id", Message: "The owner must have an ID of UTF-8 text without NUL", Kind: "invalid_owner",
	})
}
