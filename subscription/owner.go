package subscription

import "github.com/paymount/paymount/project"

// Owner is who pays within a scope: a user, or a team of users where the app's callers say so (auth.Identity.OwnerID). Each owner
// has one customer at Stripe.
type Owner struct {
	project.Scope

	// ID is the app's own id of the user or the team. On the wire and in metadata at Stripe its name is user_id.
	ID string `json:"user_id"`
}
