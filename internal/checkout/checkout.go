package checkout

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/api"
	"github.com/paymount/paymount/internal/catalog"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// Config is what a Checkout works with. Every field is required.
type Config struct {
	Endpoint  *api.Config
	Store     subscription.SubscriptionStore
	Stripe    Stripe
	Catalog   *catalog.Catalog
	Refetcher Refetcher
	Origins   *checkout.Origins
	// MaxQuantity is the largest quantity that is sold at once.
	MaxQuantity int64
	// GuardSubscriptionsOnly lets users with a subscription make one-time payments.
	GuardSubscriptionsOnly bool
	// ForbidOverride ignores allow_existing_subscription.
	ForbidOverride bool
	// Options are set on every session; Customize, when not nil, changes each one.
	Options   checkout.Options
	Customize checkout.Customize
	Now       func() time.Time
	Logger    *slog.Logger
}

// Refetcher is package refetch's.
type Refetcher interface {
	Refetch(ctx context.Context, t refetch.Target, events ...string) error
}

// Checkout makes checkout sessions. It is safe for concurrent use.
type Checkout struct {
	config Config
	line   *line
	looks  *looks
}

// New returns a Checkout.
func New(config Config) *Checkout {
	return &Checkout{
		config: config, line: newLine(), looks: newLooks(config.Now),
	}
}

// timeout bounds the work on one session: several calls to Stripe in the worst case.
const timeout = 45 * time.Second

type response struct {
	SessionID    string `json:"session_id"`
	CheckoutURL  string `json:"checkout_url"`
	ClientSecret string `json:"client_secret,omitempty"`
}

// Create returns the handler of POST /checkout-session.
func (c *Checkout) Create() http.Handler {
	return api.Handler(c.config.Endpoint, api.Endpoint[request, response]{
		Method: http.MethodPost, Name: "checkout-session", Timeout: timeout,
		Parse: c.parse, Serve: c.create,
	})
}

func (c *Checkout) create(ctx context.Context, call customer.Buyer, in request) (response, error) {
	price, err := c.config.Catalog.Check(ctx, call, "price_id", in.priceID, in.mode)
	if err != nil {
		return response{}, err
	}
	in.description = price.Name
	if price.Metered {
		if in.quantityGiven {
			return response{}, httperr.Invalid(httperr.BodyField("quantity", "A metered price takes no quantity", "metered_price"))
		}
		in.quantity = 0
	}
	in.allowExisting = in.allowExisting && !c.config.ForbidOverride
	session, err := c.session(ctx, call, in)
	if err != nil {
		return response{}, err
	}
	return response{SessionID: session.ID, CheckoutURL: session.URL, ClientSecret: session.ClientSecret}, nil
}

// errAgain says that another request, or Stripe, was faster: look at the state anew.
var errAgain = errors.New("checkout: again")

// maxTurns bounds how often a request looks at the state anew, and turnDelay is how long it waits before.
const (
	maxTurns  = 12
	turnDelay = 50 * time.Millisecond
	// maxBusy is for how long a request waits for the one whose turn it is. Then it goes on beside it.
	maxBusy = 5 * time.Second
)

// session finds the session that in asks for, or makes it once no other request of the user is at that.
func (c *Checkout) session(ctx context.Context, call customer.Buyer, in request) (checkout.Session, error) {
	in.made = new(bool)
	for {
		session, err := c.turns(ctx, call, in)
		if !errors.Is(err, errAlone) {
			return session, err
		}
		leave, busy := c.line.take(call.Owner)
		if leave != nil {
			return c.alone(ctx, call, in, leave)
		}
		select {
		case <-busy:
		case <-time.After(maxBusy):
			in.alone = true
		case <-ctx.Done():
			return checkout.Session{}, context.Cause(ctx)
		}
	}
}

// alone acts in the user's turn, and leaves it.
func (c *Checkout) alone(ctx context.Context, call customer.Buyer, in request, leave func()) (checkout.Session, error) {
	defer leave()
	in.alone = true
	return c.turns(ctx, call, in)
}

// turns looks at the state, and acts on it, until it stays the same meanwhile.
func (c *Checkout) turns(ctx context.Context, call customer.Buyer, in request) (checkout.Session, error) {
	for turn := range maxTurns {
		session, err := c.turn(ctx, call, in)
		if !errors.Is(err, errAgain) && !stripe.Is(err, stripe.KeyInUse) {
			return session, err
		}
		if err := c.pause(ctx, time.Duration(turn)*turnDelay); err != nil {
			return checkout.Session{}, err
		}
	}
	return checkout.Session{}, httperr.Unavailable(
		"Too many requests for this user at once. Try again shortly.", time.Second, errAgain)
}

func (c *Checkout) turn(ctx context.Context, call customer.Buyer, in request) (checkout.Session, error) {
	// The intent is read before the guard looks. A session that it knows to have ended has left its subscription in the
	// store, where the guard sees it; one that is paid after this is looked at again, at Stripe. The other way round, a
	// session could be paid in between, and another one be sold.
	intent, err := c.config.Store.Intent(ctx, call.Owner, subscription.IntentCheckout)
	if err != nil {
		return checkout.Session{}, err
	}
	standing, err := c.guard(ctx, call, in)
	if err != nil {
		return checkout.Session{}, err
	}
	customerID, err := c.customer(ctx, call, in)
	if err != nil {
		return checkout.Session{}, err
	}
	params, err := c.params(ctx, call, in, customerID, standing.newcomer)
	if err != nil {
		return checkout.Session{}, err
	}
	if in.mode == checkout.ModePayment {
		// A person may pay for several things at once: there is no one session to keep.
		session, err := c.config.Stripe.CreateSession(ctx, call.Credentials, params, newAttempt())
		return session, c.refused(ctx, call, params, err)
	}
	in.unpaid = standing.unpaid
	return c.oneSession(ctx, call, in, intent, params)
}

// params says what the session is to be made with: what the client asks for and what the host adds.
func (c *Checkout) params(
	ctx context.Context, call customer.Buyer, in request, customerID string, newcomer bool,
) (checkout.SessionParams, error) {
	p := checkout.SessionParams{
		Mode: in.mode, PriceID: in.priceID, Quantity: in.quantity, SuccessURL: in.successURL, CancelURL: in.cancelURL,
		Metadata: own(in.metadata, call.Owner), Options: c.config.Options,
	}
	p.PaymentMethodTypes = slices.Clone(p.PaymentMethodTypes) // the hook may change it, for this session only
	if in.mode == checkout.ModePayment {
		p.Description = in.description
	}
	if c.config.Customize != nil {
		if err := c.config.Customize(ctx, call.Identity, &p); err != nil {
			return p, err
		}
		p.Metadata = own(p.Metadata, call.Owner)
	}
	p.CustomerID, p.UserID = customerID, call.Owner.UserID
	if !newcomer || p.Mode == checkout.ModePayment {
		p.TrialDays = 0
	}
	return p, nil
}

// refused turns the failure of a session's creation into what the client is told, or into errAgain once the customer that
// is gone at Stripe has been let go.
func (c *Checkout) refused(ctx context.Context, call customer.Buyer, params checkout.SessionParams, err error) error {
	var e *stripe.Error
	if !errors.As(err, &e) || e.Kind != stripe.Refused && e.Kind != stripe.Missing {
		return err
	}
	if e.Code == stripe.CodeOtherCurrency {
		return httperr.Invalid(httperr.BodyField("price_id", "The customer can't be charged in the price's currency", "price_currency"))
	}
	switch e.Param {
	case "customer":
		if e.Kind != stripe.Missing {
			return err // it is there, and something about it is not as Stripe wants it
		}
		if err := c.customerUnknown(ctx, call.Owner.Scope, params.CustomerID); err != nil {
			return err
		}
		return errAgain
	case "line_items[0][price]", "line_items[][price]", "line_items":
		c.config.Catalog.ForgetPrice(call.Owner.Scope, params.PriceID)
		return httperr.Invalid(httperr.BodyField("price_id", "The price can't be sold", "price_not_sellable"))
	}
	return err
}

// pause waits, as long as the context lets it.
func (c *Checkout) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return context.Cause(ctx) // when both are ready it is left to chance which one is taken
}

// newAttempt returns a fresh idempotency key: 130 random bits.
func newAttempt() string { return "pm_" + rand.Text() }
