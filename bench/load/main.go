// Command load drives the reference server with requests, as its users and Stripe would, and reports how it does: at a rate
// that it sustains, and at twice that. `scripts/bench.sh load` starts the Postgres that it wants; the server is built and
// started here, with a stand-in for Stripe in this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/bench/internal/report"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	users := flags.Int("users", 200_000, "how many users have a subscription")
	length := flags.Duration("duration", 20*time.Second, "how long each attack is")
	latency := flags.Duration("latency", 50*time.Millisecond, "how long Stripe takes for an answer")
	document := flags.String("write", "", "also put the table into this document")
	source := flags.String("server", "cmd/paymount", "the module of the reference server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	url := os.Getenv("PAYMOUNT_TEST_POSTGRES_URL")
	if url == "" {
		return errors.New("there is no Postgres: start this with scripts/bench.sh load, or set PAYMOUNT_TEST_POSTGRES_URL")
	}
	p, err := fixture.OpenPostgres(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close(ctx)) }()
	if err := p.Fill(ctx, *users); err != nil {
		return err
	}
	s, err := startServer(ctx, *source, p.URL, *latency)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	table, failed := attackAll(ctx, s, *users, *length)
	if table == "" {
		return failed
	}
	text := fmt.Sprintf("%s; %d users, attacks of %v, Stripe takes %v.\n\n%s", report.Machine(), *users, *length, *latency, table)
	_, err = io.WriteString(out, text)
	if err = errors.Join(failed, err); err != nil || *document == "" {
		return err
	}
	return report.Write(*document, "load", text)
}

// attackAll finds out what each path sustains and returns a table of how it does below that and at twice as much. With a
// table, the error says which requests failed.
func attackAll(ctx context.Context, s *server, users int, length time.Duration) (string, error) {
	var table strings.Builder
	table.WriteString("| path | requests/s | answered 200 | shed 503 | p50 | p99 | server CPU | generator CPU | server memory |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	var errs []error
	for _, path := range paths(s.url, users) {
		capacity, err := sustained(ctx, s, path, length/2)
		if err != nil {
			return "", err
		}
		for _, share := range []float64{0.7, 2} {
			o, err := attack(ctx, s, path, int(capacity*share), length)
			if err != nil {
				return "", err
			}
			table.WriteString(o.row(fmt.Sprintf("%s, %.1f of what is sustained", path.name, share)))
			errs = append(errs, o.verdict(share > 1))
		}
	}
	return table.String(), errors.Join(errs...)
}
