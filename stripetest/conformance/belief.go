package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Belief is a statement about Stripe's behaviour and the scenario that shows it.
type Belief struct {
	ID        string // "sessions/open-can-expire"; it never changes its meaning
	Statement string
	Sources   []Source // none: the belief is unverified
	Breaks    string   // what goes wrong in an application that relies on it when it is not so
	Rank      Rank     // how bad that is
	Needs     []Need   // what the scenario asks for beyond the API of customers, subscriptions and invoices

	check func(*probe)
}

// Source is where a belief comes from.
type Source struct {
	Where string // a URL; or a file of stripe-go v76.25.0; or "OpenAPI", which is Stripe's description of API 2023-10-16
	Says  string // its words, or what it shows
}

// Rank is how bad it would be if a belief were wrong.
type Rank int

// The ranks, the worst last.
const (
	Cosmetic Rank = iota // a message or a view is wrong
	Access               // somebody has to wait, or is let in or kept out for a while
	Money                // somebody pays twice, too much or nothing
)

// Need is something that not every Stripe can do.
type Need string

// The needs.
const (
	NeedPage     Need = "page"     // somebody pays on the hosted page: [Config].Pay
	NeedVersions Need = "versions" // answers in other API versions than 2023-10-16
	NeedDiscount Need = "discount" // coupons and promotion codes
	NeedSchedule Need = "schedule" // subscription schedules
	NeedClock    Need = "clock"    // a test clock of the API, not only time that passes
)

// Verified reports whether the belief has a source.
func (b Belief) Verified() bool { return len(b.Sources) > 0 }

// Beliefs returns all beliefs, in the order in which they are tried. The caller may change what it gets.
func Beliefs() []Belief {
	return slices.Concat(
		apiBeliefs(), idempotencyBeliefs(), listBeliefs(), customerBeliefs(), priceBeliefs(), sessionBeliefs(), pageBeliefs(),
		creationBeliefs(), incompleteBeliefs(), updateBeliefs(), paymentBeliefs(), prorationBeliefs(), cancelBeliefs(),
		invoiceBeliefs(), refundBeliefs(), clockBeliefs(), eventBeliefs(), otherBeliefs(),
	)
}

// Unverified returns the beliefs without a source, the worst first.
func Unverified() []Belief {
	all := slices.DeleteFunc(Beliefs(), Belief.Verified)
	slices.SortStableFunc(all, func(a, b Belief) int { return int(b.Rank) - int(a.Rank) })
	return all
}

// String is the name of a rank.
func (r Rank) String() string {
	return [...]string{"cosmetic", "access", "money"}[min(max(r, Cosmetic), Money)]
}

// from is one source of a belief.
func from(where, says string) []Source { return []Source{{where, says}} }

// openAPI is what Stripe's OpenAPI description says in some place.
func openAPI(says string) []Source { return from("OpenAPI", says) }

// unsupported names the needs that a configuration does not meet.
func unsupported(needs []Need, cfg *Config) string {
	var missing []string
	for _, need := range needs {
		if slices.Contains(cfg.Lacks, need) || need == NeedPage && cfg.Pay == nil || need == NeedClock && cfg.AdvanceTo != nil {
			missing = append(missing, string(need))
		}
	}
	if missing == nil {
		return ""
	}
	return fmt.Sprintf("needs %s", strings.Join(missing, ", "))
}
