package checkout

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// keyLife is for how long an attempt may be repeated: Stripe keeps idempotency keys for 24 hours
// (https://docs.stripe.com/api/idempotent_requests).
const keyLife = 23 * time.Hour

const (
	// customerLife is for how long the call for a customer is repeated. It is shorter than keyLife, for it bounds the time in
	// which a customer is looked for whose id has been lost.
	customerLife = 2 * time.Hour
	// clockSkew is how far our clock may be from Stripe's: with more, no webhook verifies.
	clockSkew = 5 * time.Minute
)

// customerIntent is the content of a customer's intent.
type customerIntent struct {
	Params    stripe.CustomerParams `json:"params"`
	CreatedAt time.Time             `json:"created_at"`
	// Over says that the attempt must not be repeated; the user has no customer.
	Over bool `json:"over,omitempty"`
	// Suspect says that the attempt may have created a customer all the same.
	Suspect bool `json:"suspect,omitempty"`
	// BadEmail says that Stripe did not accept the user's address.
	BadEmail bool `json:"bad_email,omitempty"`
	// Former are customers of the user that Stripe did not know. With the key of another account it knows none of ours, so they
	// are looked for once more before another one is made.
	Former []string `json:"former,omitempty"`
}

// customer returns the user's Stripe customer, which it makes when there is none yet. It returns errAgain when another
// request was faster, and errAlone when in must have its turn first.
func (c *Checkout) customer(ctx context.Context, call customer.Buyer, in request) (string, error) {
	intent, err := c.config.Store.Intent(ctx, call.Owner, subscription.IntentCustomer)
	if err != nil || intent.ObjectID != "" {
		return intent.ObjectID, err
	}
	if !in.alone {
		return "", errAlone
	}
	content, err := read[customerIntent](intent)
	if err != nil {
		return "", err
	}
	if *in.made {
		// Something takes away what is made: it is no use to go on.
		return "", httperr.Unavailable("The customer can't be made right now. Try again shortly.", time.Second, errAgain)
	}
	if intent.Attempt == "" || content.Over || c.config.Now().Sub(content.CreatedAt) > customerLife {
		intent, content, err = c.beginCustomer(ctx, call, intent, content)
		if err != nil || intent.ObjectID != "" {
			*in.made = err == nil
			return intent.ObjectID, err
		}
	}
	id, err := c.config.Stripe.CreateCustomer(ctx, call.Credentials, content.Params, intent.Attempt)
	if err != nil {
		return "", c.customerFailed(ctx, call, intent, content, err)
	}
	*in.made = true
	intent.ObjectID = id
	err = c.swap(ctx, call.Owner, subscription.IntentCustomer, &intent, content)
	if errors.Is(err, errAgain) {
		return "", c.surplusCustomer(ctx, call, id)
	}
	return id, err
}

// surplusCustomer ends a customer that has been made too late: another request has given up the attempt meanwhile, and found
// nothing left of it. One that the store knows has been written down by a request that repeated the call. It returns errAgain.
func (c *Checkout) surplusCustomer(ctx context.Context, call customer.Buyer, id string) error {
	_, err := c.config.Store.CustomerOwner(ctx, call.Owner.Scope, id)
	if errors.Is(err, subscription.ErrNotFound) {
		err = c.config.Stripe.DeleteCustomer(ctx, call.Credentials, id)
	}
	if err != nil && !stripe.Is(err, stripe.Missing) {
		return err
	}
	return errAgain
}

// beginCustomer begins a new attempt in place of the one that is over. When Stripe knows a former customer of the user again,
// or that attempt may have left one behind, the customer is taken instead.
func (c *Checkout) beginCustomer(
	ctx context.Context, call customer.Buyer, before subscription.Intent, was customerIntent,
) (subscription.Intent, customerIntent, error) {
	next := subscription.Intent{Version: before.Version, Attempt: newAttempt()}
	content := customerIntent{
		Params:    stripe.CustomerParams{Email: call.Identity.Email, Metadata: own(nil, call.Owner)},
		CreatedAt: c.config.Now().UTC(),
	}
	if was.BadEmail {
		content.Params.Email = ""
	}
	var err error
	if next.ObjectID, content.Former, err = c.formerCustomer(ctx, call, was.Former); err != nil {
		return next, content, err
	}
	if next.ObjectID == "" && before.Attempt != "" && (was.Suspect || !was.Over) {
		// The last call may have begun when its time was nearly over.
		from, until := was.CreatedAt.Add(-clockSkew), was.CreatedAt.Add(customerLife+2*clockSkew)
		id, err := c.config.Stripe.FindCustomer(ctx, call.Credentials, was.Params, from, until)
		if err != nil {
			return next, content, err
		}
		next.ObjectID = id
	}
	err = c.swap(ctx, call.Owner, subscription.IntentCustomer, &next, content)
	return next, content, err
}

// formerCustomer returns the latest of the user's former customers that Stripe knows, once nothing is left open of it; an empty
// id where there is none. It returns those too that Stripe still does not know.
func (c *Checkout) formerCustomer(
	ctx context.Context, call customer.Buyer, former []string,
) (id string, unknown []string, err error) {
	for _, f := range slices.Backward(former) {
		found, err := c.config.Stripe.Customer(ctx, call.Credentials, f)
		switch {
		case stripe.Is(err, stripe.Missing):
			unknown = append(unknown, f)
		case err != nil:
			return "", nil, err
		case !found.Deleted:
			if err := c.endLeftovers(ctx, call, f); err != nil {
				return "", nil, err
			}
			id = cmp.Or(id, f)
		}
	}
	slices.Reverse(unknown)
	return id, unknown, nil
}

// customerFailed ends an attempt that Stripe has answered, for the next request to begin another one. When it was the
// email address that Stripe did not accept, it returns errAgain: the next attempt goes without.
func (c *Checkout) customerFailed(
	ctx context.Context, call customer.Buyer, intent subscription.Intent, content customerIntent, err error,
) error {
	if !stripe.Answered(err) {
		return err
	}
	var e *stripe.Error
	content.BadEmail = errors.As(err, &e) && e.Param == "email" && content.Params.Email != ""
	content.Over, content.Suspect = true, stripe.MayHaveActed(err)
	if swapErr := c.swap(ctx, call.Owner, subscription.IntentCustomer, &intent, content); swapErr != nil {
		return errors.Join(err, swapErr)
	}
	if content.BadEmail {
		return errAgain
	}
	return err
}

// CustomerDeleted lets go of a customer that has been deleted at Stripe: the user's next checkout makes a new one. It does
// nothing when the user has another one by now.
func (c *Checkout) CustomerDeleted(ctx context.Context, scope project.Scope, customerID string) error {
	return c.letGo(ctx, scope, customerID, nil)
}

// customerUnknown lets go of a customer that Stripe does not know, as CustomerDeleted does. The next checkout looks for it once
// more: it is there again if the key was one of another account.
func (c *Checkout) customerUnknown(ctx context.Context, scope project.Scope, customerID string) error {
	return c.letGo(ctx, scope, customerID, []string{customerID})
}

// maxFormer is how many former customers of a user are remembered: each is a call before another one is made.
const maxFormer = 5

func (c *Checkout) letGo(ctx context.Context, scope project.Scope, customerID string, former []string) error {
	user, err := c.config.Store.CustomerOwner(ctx, scope, customerID)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	owner := subscription.Owner{Scope: scope, UserID: user}
	intent, err := c.config.Store.Intent(ctx, owner, subscription.IntentCustomer)
	if err != nil || intent.ObjectID != customerID {
		return err
	}
	was, err := read[customerIntent](intent)
	if err != nil {
		return err
	}
	former = append(was.Former, former...)
	former = former[max(0, len(former)-maxFormer):]
	over := subscription.Intent{Version: intent.Version, Attempt: newAttempt()}
	err = c.swap(ctx, owner, subscription.IntentCustomer, &over, customerIntent{Over: true, Former: former})
	if errors.Is(err, errAgain) {
		return nil // somebody else has let go of it
	}
	return err
}

// swap writes an intent in place of the one that has its version, and raises that. It returns errAgain when another one has
// been written since.
func (c *Checkout) swap(
	ctx context.Context, owner subscription.Owner, kind subscription.IntentKind, next *subscription.Intent, content any,
) error {
	var err error
	if next.Data, err = json.Marshal(content); err != nil {
		return fmt.Errorf("checkout: intent: %w", err)
	}
	swapped, err := c.config.Store.SwapIntent(ctx, owner, kind, next.Version, *next)
	if err != nil {
		return err
	}
	if !swapped {
		return errAgain
	}
	next.Version++
	return nil
}

// read returns an intent's content; a zero one for no intent.
func read[T any](intent subscription.Intent) (T, error) {
	var content T
	if len(intent.Data) == 0 {
		return content, nil
	}
	if err := json.Unmarshal(intent.Data, &content); err != nil {
		return content, fmt.Errorf("checkout: intent: %w", err)
	}
	return content, nil
}
