package catalog

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/project"
)

const (
	// unlistedSize is how many projects are remembered that were warned of.
	unlistedSize = 1000
	// shownProjects is how many projects the first warning names.
	shownProjects = 10
	warning       = "live mode sells any active price of the Stripe account: list those for sale in Credentials.Prices"
)

// Unlisted returns the projects that sell in live mode without a list of prices, in the order of their ids: whatever is active
// in the Stripe account is for sale then, also what is meant for others.
func Unlisted(all project.Static) []string {
	var ids []string
	for _, projectID := range slices.Sorted(maps.Keys(all)) {
		if live, ok := all[projectID][project.ModeLive]; ok && isUnlisted(project.ModeLive, live) {
			ids = append(ids, projectID)
		}
	}
	return ids
}

func isUnlisted(mode project.Mode, c project.Credentials) bool {
	return mode == project.ModeLive && len(c.Prices) == 0
}

// unlisted warns of selling in live mode without a list of prices: of the projects that are known at the start, and of any
// other when it first sells something.
type unlisted struct {
	logger *slog.Logger
	warned *lru.Cache[string, struct{}]
}

func newUnlisted(logger *slog.Logger, known project.Static) *unlisted {
	warned, _ := lru.New[string, struct{}](unlistedSize) // it fails for a size below 1 only
	ids := Unlisted(known)
	for _, id := range ids {
		warned.Add(id, struct{}{})
	}
	if len(ids) > 0 {
		logger.Warn(warning, "projects", ids[:min(len(ids), shownProjects)], "count", len(ids))
	}
	return &unlisted{logger, warned}
}

// sold takes note that something is being sold.
func (u *unlisted) sold(ctx context.Context, buyer customer.Buyer) {
	scope := buyer.Owner.Scope
	if !isUnlisted(scope.Mode, buyer.Credentials) {
		return
	}
	if known, _ := u.warned.ContainsOrAdd(scope.ProjectID, struct{}{}); !known {
		u.logger.WarnContext(ctx, warning, "project", scope.ProjectID)
	}
}
