package checkout

import (
	"context"
	"log/slog"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/project"
)

// unlistedSize is how many projects are remembered that were warned of.
const unlistedSize = 1000

// unlisted warns, once for each project, of selling in live mode without a list of prices: whatever is active in the Stripe
// account is for sale then, also what is meant for others.
type unlisted struct {
	logger *slog.Logger
	warned *lru.Cache[string, struct{}]
}

func newUnlisted(logger *slog.Logger) *unlisted {
	warned, _ := lru.New[string, struct{}](unlistedSize) // it fails for a size below 1 only
	return &unlisted{logger, warned}
}

// look looks at the credentials with which something is being sold.
func (u *unlisted) look(ctx context.Context, call customer.Buyer) {
	scope := call.Owner.Scope
	if scope.Mode != project.ModeLive || len(call.Credentials.Prices) > 0 {
		return
	}
	if known, _ := u.warned.ContainsOrAdd(scope.ProjectID, struct{}{}); !known {
		u.logger.WarnContext(ctx, "live mode sells any active price of the Stripe account: list those for sale in "+
			"Credentials.Prices", "project", scope.ProjectID)
	}
}
