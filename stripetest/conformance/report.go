package conformance

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Outcome is what became of a belief in a run.
type Outcome string

// The outcomes.
const (
	Held    Outcome = "held"
	Refuted Outcome = "refuted" // what was seen is not what was expected
	Untried Outcome = "untried" // the scenario did not come to its question; Seen says why
	Skipped Outcome = "skipped" // this Stripe cannot be asked; Seen says why
)

// Result is what a run says about one belief.
type Result struct {
	ID        string   `json:"id"`
	Statement string   `json:"statement"`
	Outcome   Outcome  `json:"outcome"`
	Expected  string   `json:"expected,omitempty"`
	Seen      string   `json:"seen,omitempty"`
	Requests  []string `json:"requests,omitempty"` // their ids, in the order of the calls
}

// Report is what a run has found. It encodes to JSON and back, so that a later run can go on with it.
type Report struct {
	RunID   string   `json:"run_id"`
	Results []Result `json:"results"`
	Left    []string `json:"left,omitempty"` // the calls that would remove what is still there
}

// Count is how many beliefs had an outcome.
func (r Report) Count(outcome Outcome) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// String is the report as text that can be sent as an issue. It has the beliefs that did not hold in full, and of the others
// the number. There is no key in it.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Run %s against Stripe, API %s: %d held, %d refuted, %d untried, %d skipped.\n", r.RunID, version,
		r.Count(Held), r.Count(Refuted), r.Count(Untried), r.Count(Skipped))
	for _, result := range r.Results {
		if result.Outcome != Refuted && result.Outcome != Untried {
			continue
		}
		fmt.Fprintf(&b, "\n## %s: %s\n%s\n", result.Outcome, result.ID, result.Statement)
		if result.Expected != "" {
			fmt.Fprintf(&b, "- expected: %s\n", result.Expected)
		}
		fmt.Fprintf(&b, "- seen: %s\n- requests: %s\n", result.Seen, strings.Join(result.Requests, " "))
	}
	if len(r.Left) > 0 {
		fmt.Fprintf(&b, "\nNot removed:\n- %s\n", strings.Join(r.Left, "\n- "))
	}
	return b.String()
}

// clone shares nothing with r that a run changes.
func (r Report) clone() Report {
	r.Results, r.Left = slices.Clone(r.Results), slices.Clone(r.Left)
	return r
}

// decided is the result that an earlier run came to.
func (r Report) decided(id string) (Result, bool) {
	at := slices.IndexFunc(r.Results, func(result Result) bool {
		return result.ID == id && (result.Outcome == Held || result.Outcome == Refuted)
	})
	if at < 0 {
		return Result{}, false
	}
	return r.Results[at], true
}

// scrub takes the key, anything that looks like one, and client secrets out of a text.
func scrub(s, key string) string {
	s = strings.ReplaceAll(s, key, "[key]")
	s = regexp.MustCompile(`[a-z]{2}_(test|live)_[A-Za-z0-9*]*\*[A-Za-z0-9*]*|[srp]k_(test|live)_[A-Za-z0-9*]+`).
		ReplaceAllString(s, "[key]")
	return regexp.MustCompile(`_secret_\w+`).ReplaceAllString(s, "_secret_[…]")
}
