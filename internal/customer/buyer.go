package customer

import (
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Buyer is for whom a use case acts, and with which Stripe account.
type Buyer struct {
	Owner       subscription.Owner
	Credentials project.Credentials
	// Identity is who acts; zero where it is the app itself.
	Identity auth.Identity
}

// Actor returns the id of the user who acts for somebody else; empty where the owner acts, or the app itself.
func (b Buyer) Actor() string {
	if b.Identity.UserID == b.Owner.ID {
		return ""
	}
	return b.Identity.UserID
}

// Metadata returns metadata with what says whose the things are that b makes at Stripe, and who made them.
func (b Buyer) Metadata(metadata map[string]string) map[string]string {
	return stripe.OwnedBy(b.Owner, b.Actor(), metadata)
}
