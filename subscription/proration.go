package subscription

// Proration says how a change within a period is charged
// (https://docs.stripe.com/billing/subscriptions/prorations#control-proration-behavior).
type Proration string

// The proration behaviours.
const (
	CreateProrations Proration = "create_prorations"
	ProrationNone    Proration = "none"
	AlwaysInvoice    Proration = "always_invoice"
)

// Valid reports whether p is one of the behaviours.
func (p Proration) Valid() bool {
	return p == CreateProrations || p == ProrationNone || p == AlwaysInvoice
}
