package checkout

import (
	"context"
	"maps"
	"reflect"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/intent"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// attempt is an owner's attempt to make a subscription session, as its intent has it.
type attempt struct {
	subscription.Intent

	params    stripe.SessionParams
	createdAt time.Time
	// over says that the session is not open any more, or that the attempt has failed.
	over bool
	// suspect says that the attempt may have left a session open that is not known.
	suspect bool
}

// open reports whether there may be an open session of this attempt. Only Stripe can say that it has expired: a session
// whose time is over may just as well have been paid, in a time of which no event has come.
func (a attempt) open() bool { return !a.over && !a.createdAt.IsZero() }

// madeFor reports whether the session of the attempt is known, may be open, and is the one that params ask for. The customer and
// the trial do not count, which a client does not ask for.
func (a attempt) madeFor(params checkout.SessionParams) bool {
	kept := a.params.SessionParams
	kept.TrialDays = params.TrialDays
	return a.open() && a.ObjectID != "" &&
		equal(stripe.SessionParams{SessionParams: kept}, stripe.SessionParams{SessionParams: params})
}

// equal reports whether p and q ask for the same session: any difference but that of who acts makes it another one. Empty lists
// and none are the same.
func equal(p, q stripe.SessionParams) bool {
	return reflect.DeepEqual(asked(p), asked(q))
}

// asked returns p as it is compared.
func asked(p stripe.SessionParams) stripe.SessionParams {
	p.Metadata = maps.Clone(p.Metadata)
	delete(p.Metadata, subscription.MetadataActor)
	if len(p.Lines) == 0 {
		p.Lines = nil
	}
	if len(p.Metadata) == 0 {
		p.Metadata = nil
	}
	if len(p.PaymentMethodTypes) == 0 {
		p.PaymentMethodTypes = nil
	}
	return p
}

// readAttempt returns the attempt of an intent; one that is not open for no intent.
func readAttempt(i subscription.Intent) (attempt, error) {
	r, err := intent.Read[record](i)
	return attempt{Intent: i, params: r.Params.params(), createdAt: r.CreatedAt, over: r.Over, suspect: r.Suspect}, err
}

// write writes a in place of the intent that has its version, and raises that. It reports false when another one has been
// written since.
func (c *Checkout) write(ctx context.Context, owner subscription.Owner, a *attempt) (written bool, err error) {
	return intent.Swap(ctx, c.config.Store, owner, subscription.IntentCheckout, &a.Intent, record{
		Params: recordOf(a.params), CreatedAt: a.createdAt, Over: a.over, Suspect: a.suspect,
	})
}
