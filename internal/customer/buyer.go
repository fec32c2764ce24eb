package customer

import (
	"github.com/paymount/paymount/auth"
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
