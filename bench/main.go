package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"testing"
	"time"

	"github.com/paymount/paymount/bench/internal/report"
)

// bench is what the suites share.
type bench struct {
	meter

	quick    bool
	postgres string // the address of a Postgres in which schemas may be made
}

// suite measures one path, or several that belong together.
type suite struct {
	name string
	run  func(ctx context.Context, b bench) ([]row, error)
}

func suites() []suite {
	return []suite{
		{"bearer", bearerRows},
		{"checkout", checkoutRows},
		{"event", eventRows},
		{"gate", gateRows},
		{"burst", burstRows},
		{"webhook", webhookRows},
		{"my-subscription", readRows},
		{"tenants", tenantRows},
		{"growth", growthRows},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	testing.Init() // for testing.Benchmark
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("quick", false, "short turns and smaller tables: two or three minutes, for a first look")
	only := flags.String("run", "", "only the suites whose name matches this regular expression")
	document := flags.String("write", "", "also put the table into this document")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	b := bench{
		meter: meter{rounds: 9, slice: 300 * time.Millisecond}, postgres: os.Getenv("PAYMOUNT_TEST_POSTGRES_URL"), quick: *quick,
	}
	if b.quick {
		b.meter = meter{rounds: 5, slice: 50 * time.Millisecond}
	}
	if b.postgres == "" {
		return errors.New("there is no Postgres: start this with make bench, or set PAYMOUNT_TEST_POSTGRES_URL")
	}
	var rows []row
	for _, s := range suites() {
		if !wanted.MatchString(s.name) {
			continue
		}
		begun := time.Now()
		more, err := s.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", s.name, time.Since(begun).Seconds())
		rows = append(rows, more...)
	}
	text := b.conditions() + "\n" + table(rows)
	if _, err := io.WriteString(out, text); err != nil || *document == "" {
		return err
	}
	return report.Write(*document, "table", text)
}

// conditions says under which conditions the figures came to be.
func (b bench) conditions() string {
	return fmt.Sprintf("%s; %d rounds of %s a side%s.\n",
		report.Machine(), b.rounds, b.slice, map[bool]string{true: " (quick)"}[b.quick])
}
