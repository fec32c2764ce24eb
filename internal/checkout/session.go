package checkout

import (
	"context"
	"errors"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/intent"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// subscriptionSession returns the owner's open subscription session if it is the one that params ask for. Any other open one is
// ended first, and a new one made. The attempt is the owner's as it was before the guard looked.
func (p *purchase) subscriptionSession(
	ctx context.Context, a attempt, params stripe.SessionParams, unpaid []unpaidSubscription,
) (checkout.Session, outcome, error) {
	switch {
	case !a.open():
		return p.begin(ctx, a, params, unpaid)
	case a.ObjectID == "" && p.config.Now().Sub(a.createdAt) > intent.KeyLife: // too old to be repeated
		return only(p.close(ctx, p.buyer.Owner, a, true))
	case !equal(a.params, params):
		return only(p.end(ctx, a))
	case a.ObjectID == "":
		return p.create(ctx, a)
	}
	session, err := p.config.Stripe.Session(ctx, p.buyer.Credentials, a.ObjectID)
	if err == nil && session.Status == checkout.StatusOpen {
		return session, opened, nil
	}
	return only(p.noteEnd(ctx, a, session, err))
}

// only is the result of a step that comes to no session.
func only(result outcome, err error) (checkout.Session, outcome, error) {
	return checkout.Session{}, result, err
}

// begin writes down the intent for a new session, in place of a, and creates it.
func (p *purchase) begin(
	ctx context.Context, a attempt, params stripe.SessionParams, unpaid []unpaidSubscription,
) (checkout.Session, outcome, error) {
	if a.suspect {
		if err := p.endLeftovers(ctx, a.params.CustomerID); err != nil {
			return checkout.Session{}, 0, err
		}
		return only(p.close(ctx, p.buyer.Owner, a, false))
	}
	// They were looked at after the session had been ended that could have paid them.
	if len(unpaid) > 0 {
		return only(ended, p.cancelUnpaid(ctx, unpaid))
	}
	next := attempt{
		Intent: subscription.Intent{Version: a.Version, Attempt: intent.NewAttempt()},
		params: params, createdAt: p.config.Now().UTC(),
	}
	written, err := p.write(ctx, p.buyer.Owner, &next)
	if err != nil || !written {
		return checkout.Session{}, overtaken, err
	}
	return p.create(ctx, next)
}

// create makes, or repeats, the call of a, and keeps what came of it.
func (p *purchase) create(ctx context.Context, a attempt) (checkout.Session, outcome, error) {
	session, result, err := p.learn(ctx, &a)
	if err == nil && result != opened {
		return only(result, nil)
	}
	return p.answered(ctx, a.params, session, err)
}

// learn makes, or repeats, the call of a and keeps the session's id. An attempt that Stripe has answered with an error is
// over.
func (p *purchase) learn(ctx context.Context, a *attempt) (checkout.Session, outcome, error) {
	session, err := p.config.Stripe.CreateSession(ctx, p.buyer.Credentials, a.params, a.Attempt)
	if stripe.Answered(err) {
		// What is missing may be so because the key is one of another account, and an earlier try was made with the right one.
		suspect := stripe.MayHaveActed(err) || stripe.Is(err, stripe.Missing)
		if _, closeErr := p.close(ctx, p.buyer.Owner, *a, suspect); closeErr != nil {
			err = errors.Join(err, closeErr)
		}
	}
	if err != nil {
		return checkout.Session{}, 0, err
	}
	a.ObjectID = session.ID
	written, err := p.write(ctx, p.buyer.Owner, a)
	if err == nil && !written {
		return only(overtaken, p.endSurplus(ctx, a.ObjectID))
	}
	return session, opened, err
}

// answered turns Stripe's answer to the creation of a session into what it means for the purchase.
func (p *purchase) answered(
	ctx context.Context, params stripe.SessionParams, session checkout.Session, err error,
) (checkout.Session, outcome, error) {
	var e *stripe.Error
	if !errors.As(err, &e) || e.Kind != stripe.Refused && e.Kind != stripe.Missing {
		return session, opened, err
	}
	invalid := func(message, kind string) (checkout.Session, outcome, error) {
		return checkout.Session{}, 0, subscription.Invalid(mistake("price_id", message, kind))
	}
	if e.Code == stripe.CodeOtherCurrency {
		return invalid("The customer can't be charged in the price's currency", "price_currency")
	}
	switch e.Param {
	case "customer":
		if e.Kind == stripe.Missing {
			return only(customerGone, p.config.Customers.CustomerUnknown(ctx, p.buyer.Owner.Scope, params.CustomerID))
		} // else it is there, and something about it is not as Stripe wants it
	case "line_items[0][price]", "line_items[][price]", "line_items":
		for _, line := range params.Lines {
			p.config.Catalog.ForgetPrice(p.buyer.Owner.Scope, line.PriceID)
		}
		return invalid("The price can't be sold", "price_not_sellable")
	}
	return checkout.Session{}, 0, err
}
