package paymount

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Config is all that a Service can be told. Store, Credentials and Authenticator are required. However a Config is printed or
// logged, no key in it shows.
type Config struct { //nolint:recvcheck // printed as a value, completed in place
	// Store keeps the state.
	Store subscription.SubscriptionStore
	// IdempotencyStore keeps the answers to requests with an Idempotency-Key. Default: Store, where it is a
	// subscription.IdempotencyStore too, as the stores of this module are. With neither, the header is ignored: a client that
	// repeats a request then has it done twice, unless it is one that paymount itself does once.
	IdempotencyStore subscription.IdempotencyStore
	// Credentials finds the Stripe keys of a project.
	Credentials project.CredentialResolver
	// Authenticator says who is calling.
	Authenticator auth.Authenticator

	// Authorize says what a caller may do with the billing of the owner they act for: auth.RequireScope, or a hook of your own
	// that knows the roles in a team. Refused is 403. The gate does not ask it: who acts for an owner that pays may pass. Default:
	// every caller may do everything.
	Authorize auth.Authorize

	// DefaultProject is the project of callers whose Identity names none: for an app with one project. Default: such callers
	// get 401.
	DefaultProject string
	// RedirectOrigins lists the origins, such as "https://app.example.com", that success, cancel and return URLs may have.
	// Required; an empty list that is not nil accepts none, for a service with which nobody buys.
	RedirectOrigins []string
	// TrustedOrigins lists the origins whose pages may send POSTs that carry no Authorization header, and so may be signed in
	// by a cookie. The origin of the service itself always may. Default (nil): RedirectOrigins.
	TrustedOrigins []string
	// DefaultMode is the mode of end-user requests that do not say test_mode, one of Modes. Default: test.
	DefaultMode project.Mode
	// Modes lists the modes that are served; others answer 404. Default: both.
	Modes []project.Mode
	// EntitlementMode is the mode that Require counts, whatever mode a client asks for: one of Modes. Default: live.
	EntitlementMode project.Mode
	// PastDueGrace is for how long a past_due subscription still passes Require, from when its payment first failed. Default (0):
	// 7 days. Negative: not at all.
	PastDueGrace time.Duration

	// MaxQuantity is the largest quantity of one checkout. Default: 999999, which is what Stripe takes.
	MaxQuantity int64
	// GuardSubscriptionsOnly lets users who have a subscription make one-time payments. Default: the guard holds for both.
	GuardSubscriptionsOnly bool
	// ForbidSecondSubscription ignores allow_existing_subscription in requests. Default: clients may ask for a second one.
	ForbidSecondSubscription bool

	// Prorations lists the behaviours that clients may ask for when they change a plan, the default one first unless it is
	// create_prorations. With ProrationNone clients choose what they pay: up after a renewal and down before the next one costs
	// nothing. Default: create_prorations and always_invoice.
	Prorations []subscription.Proration

	// CreditUnusedTime lets an immediate cancellation credit what is left of the period to the customer's balance at Stripe, which
	// pays later invoices. Default: it is not given back.
	CreditUnusedTime bool

	// CheckoutOptions are set on every checkout session: trials, promotion codes, tax and the like. Default: Stripe's.
	CheckoutOptions checkout.Options
	// CustomizeCheckout changes each checkout session before it is made. Default: none does.
	CustomizeCheckout checkout.Customize

	// CustomizeUpdate changes each update of a subscription before it is made, or refuses it. Default: none does.
	CustomizeUpdate subscription.CustomizeUpdate

	// QuoteKey signs the quotes of update previews: at least 32 random bytes, the same on all replicas. Default: a key that is
	// derived from the project's Stripe secret key.
	QuoteKey []byte

	// OnChange is notified of each change of a subscription and of each one-time payment that has been paid. Default: nobody.
	OnChange subscription.OnChange
	// Owner says whose an object of Stripe is that neither its customer nor its metadata tells, such as one from before the app
	// mounted paymount. Webhooks and reconciliations ask it; with it a webhook for such an object costs one call more, for the
	// customer's address. Default: such an object is nobody's.
	Owner subscription.FindOwner

	// StripeURL is the base URL of Stripe's API, to point at a fake. Default: Stripe's own.
	StripeURL string
	// HTTPClient makes the calls to Stripe. Default: one with a timeout of 10 seconds for each try.
	HTTPClient *http.Client
	// EncodeError writes error answers. Default: httperr.Write.
	EncodeError httperr.Encoder
	// Logger takes what goes wrong on the server's side; never a key, a token or Stripe's text. Default: slog.Default.
	Logger *slog.Logger
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// String describes c without its keys.
func (c Config) String() string {
	return fmt.Sprintf("paymount.Config(default_mode=%s, modes=%s, entitlement_mode=%s, redirect_origins=%q)",
		c.DefaultMode, c.Modes, c.EntitlementMode, c.RedirectOrigins)
}

// Format writes String for every verb: verbs that fmt does not hand to String would print the fields.
func (c Config) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(c.String())) }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c *Config) defaults() {
	if c.IdempotencyStore == nil {
		c.IdempotencyStore, _ = c.Store.(subscription.IdempotencyStore)
	}
	if c.DefaultMode == "" {
		c.DefaultMode = project.ModeTest
	}
	if c.EntitlementMode == "" {
		c.EntitlementMode = project.ModeLive
	}
	if c.Modes = slices.Clone(c.Modes); len(c.Modes) == 0 {
		c.Modes = []project.Mode{project.ModeTest, project.ModeLive}
	}
	if c.MaxQuantity == 0 {
		c.MaxQuantity = maxQuantity
	}
	if c.Prorations = slices.Clone(c.Prorations); len(c.Prorations) == 0 {
		c.Prorations = []subscription.Proration{subscription.CreateProrations, subscription.AlwaysInvoice}
	}
	c.QuoteKey = bytes.Clone(c.QuoteKey)
	if c.EncodeError == nil {
		c.EncodeError = httperr.Write
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}
