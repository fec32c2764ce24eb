package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// outcome is what came of an attack.
type outcome struct {
	path         string
	answered     int // with 200
	shed         int // with 503 and Retry-After
	wrong        int // anything else
	firstWrong   string
	sent         float64 // requests a second
	p50, p99     time.Duration
	server, ours float64 // processors in use on average
	memory, peak int64
}

const (
	// closedLoop is how many callers find out what is sustained: each sends its next request once it has its answer.
	closedLoop = 64
	// mostWorkers bounds the generator, which begins requests at a fixed rate whether there are answers or not.
	mostWorkers   = 4000
	answerTimeout = 30 * time.Second
)

// sustained returns how many requests a second are answered when each of some callers waits for its answer.
func sustained(ctx context.Context, s *server, p path, length time.Duration) (float64, error) {
	attacker := vegeta.NewAttacker(vegeta.Workers(closedLoop), vegeta.MaxWorkers(closedLoop), vegeta.Timeout(answerTimeout))
	o, err := count(ctx, s, p, attacker, vegeta.Rate{}, length)
	if err == nil {
		err = o.verdict(false)
	}
	return float64(o.answered) / length.Seconds(), err
}

// attack sends requests at a fixed rate, per second.
func attack(ctx context.Context, s *server, p path, rate int, length time.Duration) (outcome, error) {
	attacker := vegeta.NewAttacker(vegeta.MaxWorkers(mostWorkers), vegeta.Timeout(answerTimeout))
	return count(ctx, s, p, attacker, vegeta.Rate{Freq: max(rate, 1), Per: time.Second}, length)
}

func count(
	ctx context.Context, s *server, p path, attacker *vegeta.Attacker, rate vegeta.Rate, length time.Duration,
) (outcome, error) {
	o := outcome{path: p.name}
	serverBefore, err := usageOf(s.cmd.Process.Pid)
	if err != nil {
		return o, fmt.Errorf("the server is gone: %w", err)
	}
	oursBefore, err := usageOf(os.Getpid())
	if err != nil {
		return o, err
	}
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	var metrics vegeta.Metrics
	begun := time.Now()
	for result := range attacker.Attack(p.next, rate, length, p.name) {
		metrics.Add(result)
		o.add(result)
	}
	metrics.Close()
	took := time.Since(begun).Seconds()
	server, err := usageOf(s.cmd.Process.Pid)
	if err != nil {
		return o, fmt.Errorf("the server is gone: %w", err)
	}
	ours, err := usageOf(os.Getpid())
	if err != nil {
		return o, err
	}
	o.sent, o.p50, o.p99 = metrics.Rate, metrics.Latencies.P50, metrics.Latencies.P99
	o.server, o.ours = (server.cpu-serverBefore.cpu).Seconds()/took, (ours.cpu-oursBefore.cpu).Seconds()/took
	o.memory, o.peak = server.memory, server.peak
	return o, ctx.Err()
}

func (o *outcome) add(r *vegeta.Result) {
	seconds, err := strconv.Atoi(r.Headers.Get("Retry-After"))
	switch {
	case r.Code == http.StatusOK:
		o.answered++
	case r.Code == http.StatusServiceUnavailable && err == nil && seconds > 0:
		o.shed++
	default:
		o.wrong++
		if o.firstWrong == "" {
			o.firstWrong = fmt.Sprintf("status %d %s", r.Code, r.Error)
		}
	}
}

// verdict is an error when a request failed that must not: any of them, but for those that were shed under overload.
func (o *outcome) verdict(overload bool) error {
	switch {
	case o.wrong > 0:
		return fmt.Errorf("%s: %d requests failed, the first with %s", o.path, o.wrong, o.firstWrong)
	case o.shed > 0 && !overload:
		return fmt.Errorf("%s: %d requests were shed without need", o.path, o.shed)
	}
	return nil
}

func (o *outcome) row(name string) string {
	total := float64(max(o.answered+o.shed+o.wrong, 1))
	return fmt.Sprintf("| %s | %.0f | %.1f %% | %.1f %% | %s | %s | %.2f | %.2f | %d MB, at most %d MB |\n",
		name, o.sent, 100*float64(o.answered)/total, 100*float64(o.shed)/total, o.p50.Round(100*time.Microsecond),
		o.p99.Round(100*time.Microsecond), o.server, o.ours, o.memory>>20, o.peak>>20)
}
