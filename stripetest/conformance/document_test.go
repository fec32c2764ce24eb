package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount/stripetest/conformance"
)

var update = flag.Bool("update", false, "rewrite docs/beliefs.md") //nolint:gochecknoglobals // a flag of the test binary

// promise is a guarantee of docs/guarantees.md and what it believes of Stripe.
type promise struct {
	says    string   // how its row begins
	beliefs []string // ids, or groups of them; none when it does not rest on Stripe
}

func promises() []promise {
	return []promise{
		{"One customer and one open subscription session", []string{
			"idempotency", "sessions/open-can-expire", "sessions/expired-cannot-expire", "sessions/open-list", "sessions/life",
			"sessions/nothing-before", "page/complete-cannot-expire", "page/incomplete-can-expire", "page/retry-is-one-subscription",
			"incomplete", "invoices/void", "invoices/void-cannot-be-paid", "customers/deleted-is-marked", "customers/deleted-cannot-buy",
			"api/missing-object-of-parameter", "creation/lists", "lists",
		}},
		{"The store equals Stripe", []string{
			"api/missing-object", "api/empty-id", "lists", "cancel/can-be-retrieved", "customers/deletion-cancels",
			"customers/deletion-keeps-history", "creation/items-by-page", "creation/metadata-of-invoice", "creation/metadata-of-payment",
			"page/metadata", "page/payment-metadata", "invoices/links", "refunds", "clock", "versions/invoice-payments", "events/snapshot",
		}},
		{"Nothing acknowledged is lost", nil},
		{"A webhook that never comes", []string{"page/complete", "events", "sessions/line-items", "creation/active", "lists"}},
		{"The host hears each change", []string{"events", "clock"}},
		{"The gate follows the mode", []string{
			"creation/trial", "clock/declined", "clock/trial-ends", "clock/ends-at-period-end", "clock/draft-for-an-hour",
			"cancel/at-period-end",
			"updates/pause-keeps-status", "refunds/subscription-goes-on",
		}},
		{"Payloads of API versions", []string{"versions", "flexible", "events/previous"}},
		{"Outgoing calls are valid", []string{
			"api", "prices", "updates", "payments", "prorations", "cancel", "schedules", "promotions", "sessions",
			"customers/second-currency",
		}},
		{"The fake Stripe behaves", []string{
			"api", "idempotency", "lists", "customers", "prices", "sessions", "page", "creation", "incomplete", "updates", "payments",
			"prorations", "cancel", "invoices", "refunds", "clock", "events",
		}},
		{"A store of yours is as good as ours", nil},
		{"It stays fast as it grows", nil},
		{"No token tricks", nil},
	}
}

// document is docs/beliefs.md.
func document() string {
	var b strings.Builder
	all, unverified := conformance.Beliefs(), conformance.Unverified()
	fmt.Fprintf(&b, `# What we believe of Stripe

Each belief is a statement, its source, and a scenario that shows it, in the package
[stripetest/conformance](../stripetest/conformance). The fake takes them in `+"`make test`"+`; anybody can put them to the
real Stripe with a key of test mode:

    STRIPE_TEST_KEY=sk_test_… make stripe

There are %d beliefs, %d with a source and %d without. This page is written by
`+"`go test ./stripetest/conformance -run Document -update`"+`, and a test keeps it equal to the code.

## Unverified, the worst first
What would break if they were wrong stands beside them; the first word says how bad that is.

| belief | statement | if not |
| --- | --- | --- |
`, len(all), len(all)-len(unverified), len(unverified))
	for _, belief := range unverified {
		fmt.Fprintf(&b, "| %s: `%s` | %s | %s |\n", belief.Rank, belief.ID, belief.Statement, belief.Breaks)
	}
	b.WriteString("\n## What each promise rests on\nThe promises are those of [guarantees.md](guarantees.md). " +
		"A group stands for all of its beliefs.\n\n| promise | beliefs |\n| --- | --- |\n")
	for _, promise := range promises() {
		beliefs := "none about Stripe"
		if len(promise.beliefs) > 0 {
			beliefs = "`" + strings.Join(promise.beliefs, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| %s … | %s |\n", promise.says, beliefs)
	}
	group := ""
	for _, belief := range all {
		if name, _, _ := strings.Cut(belief.ID, "/"); name != group {
			group = name
			fmt.Fprintf(&b, "\n## %s\n| belief | statement | source |\n| --- | --- | --- |\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", belief.ID, belief.Statement, sources(belief))
	}
	return b.String()
}

func sources(belief conformance.Belief) string {
	var out []string
	for _, source := range belief.Sources {
		where := source.Where
		if strings.HasPrefix(where, "https://") {
			where = "<" + where + ">"
		}
		out = append(out, where+": “"+strings.ReplaceAll(source.Says, "|", `\|`)+"”")
	}
	if out == nil {
		return "**unverified**"
	}
	return strings.Join(out, " ")
}

func TestTheDocumentListsTheBeliefs(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "beliefs.md")
	if *update {
		if err := os.WriteFile(path, []byte(document()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != document() {
		t.Error("docs/beliefs.md is not what the code says: go test ./stripetest/conformance -run Document -update")
	}
}

func TestEveryPromiseNamesWhatItBelieves(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "guarantees.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "## The promises")
	table, _, _ := strings.Cut(rest, "\n\n**")
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise") || strings.HasPrefix(line, "| ---") {
			continue
		}
		if !slices.ContainsFunc(promises(), func(p promise) bool { return strings.HasPrefix(line, "| "+p.says) }) {
			t.Errorf("no beliefs are named for the promise %.60s…", line)
		}
	}
	for _, promise := range promises() {
		if !strings.Contains(table, "| "+promise.says) {
			t.Errorf("docs/guarantees.md has no promise %q", promise.says)
		}
		for _, name := range promise.beliefs {
			if !slices.ContainsFunc(conformance.Beliefs(), func(b conformance.Belief) bool {
				return b.ID == name || strings.HasPrefix(b.ID, name+"/")
			}) {
				t.Errorf("there is no belief %s, on which %q rests", name, promise.says)
			}
		}
	}
}
