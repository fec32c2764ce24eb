package subscription

import "github.com/paymount/paymount/project"

// Owner is one user within a scope.
type Owner struct {
	project.Scope

	UserID string `json:"user_id"`
}
