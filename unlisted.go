package paymount

import (
	"maps"
	"slices"

	"github.com/paymount/paymount/project"
)

// shownProjects is how many projects a warning names.
const shownProjects = 10

// warnUnlisted logs which projects sell in live mode without a list of prices, as far as the resolver can be looked at. Where
// it can't, checkout warns of a project when it first sells something.
func (c *Config) warnUnlisted() {
	var all project.Static
	switch resolver := c.Credentials.(type) {
	case project.Static:
		all = resolver
	case *project.File:
		all = resolver.Current()
	}
	if !slices.Contains(c.Modes, project.ModeLive) {
		return
	}
	var unlisted []string
	for _, projectID := range slices.Sorted(maps.Keys(all)) {
		if live, ok := all[projectID][project.ModeLive]; ok && len(live.Prices) == 0 {
			unlisted = append(unlisted, projectID)
		}
	}
	if len(unlisted) > 0 {
		c.Logger.Warn("live mode sells any active price of the Stripe account: list those for sale in Credentials.Prices",
			"projects", unlisted[:min(len(unlisted), shownProjects)], "count", len(unlisted))
	}
}
