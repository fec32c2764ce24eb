package simulation

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func inMemory(*testing.T) subscription.SubscriptionStore { return memstore.New() }

// TestNoWorldBreaksAPromise runs some hundred worlds. PAYMOUNT_SEEDS says how many and PAYMOUNT_SEED where they begin;
// PAYMOUNT_SOAK goes on for a duration, such as 8h.
func TestNoWorldBreaksAPromise(t *testing.T) {
	t.Parallel()
	config := Config{Store: inMemory, Seeds: 300}
	if text := os.Getenv("PAYMOUNT_SEEDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		config.Seeds = n
	}
	if text := os.Getenv("PAYMOUNT_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		config.First = n
	}
	if text := os.Getenv("PAYMOUNT_SOAK"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		config.Duration = d
	}
	Run(t, config)
}

func TestASeedGoesTheSameWayAgain(t *testing.T) {
	t.Parallel()
	config := Config{Store: inMemory}.withDefaults()
	diverged := 0
	const seeds = 20
	for seed := range uint64(seeds) {
		once, again := run(t, config, seed, nil), run(t, config, seed, nil)
		if once.hash != again.hash {
			diverged++
			t.Log(once.compare(seed, again))
		}
	}
	if diverged > seeds/10 { // what a reconciliation does at once, Go orders
		t.Errorf("%d of %d seeds diverged", diverged, seeds)
	}
}

func TestWideWorldsMeetWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	config := Config{Store: inMemory}.withDefaults()
	const seeds = 50
	var traces []string
	for seed := range uint64(seeds) {
		traces = append(traces, strings.Join(run(t, config, seed, nil).trace, "\n"))
	}
	for _, words := range []string{
		"dashboard: delete the test data of", "dashboard: the metadata of", "dashboard: make subscription",
		"has the key of another account", "has its own key again", `price_id":"metered"`, `price_id":"euro"`,
	} {
		n := len(keep(traces, func(trace string) bool { return strings.Contains(trace, words) }))
		t.Logf("%2d of %d worlds: %s", n, seeds, words)
		if n < seeds/10 {
			t.Errorf("too seldom: %s", words)
		}
	}
}

func TestAFailureIsExplainedByFewSteps(t *testing.T) { //nolint:tparallel // the subtests are the worlds' own
	t.Parallel()
	config := Config{Store: lateWins, Seeds: 1000}
	found := search(t, config)
	if found == nil {
		t.Fatal("the broken store was not found out")
	}
	text := found.explain(t, config)
	t.Log(text)
	if steps := strings.Count(text, "\nSTEP"); steps == 0 || steps > 30 {
		t.Errorf("%d steps", steps)
	}
	for _, want := range []string{found.violation.promise, "replay: simulation.Config{First: "} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}
