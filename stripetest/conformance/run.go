package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// beliefTime limits a scenario, and cleanTime the removal of what it made. A test clock takes its time to advance.
const (
	beliefTime = 5 * time.Minute
	cleanTime  = time.Minute
)

// ErrKey says that the key was not accepted.
var ErrKey = errors.New("conformance: the key was not accepted")

// run is one run on its way.
type run struct {
	cfg    Config
	client *client
	report Report
	shop   *shop
}

// Run tries the beliefs one after the other and reports what it has found. What it creates is removed again, also when it
// ends early. The error matches [ErrConfig] or [ErrKey], or is that of the context; beliefs that did not hold are no error. The
// report is valid in any case.
func Run(ctx context.Context, cfg Config) (Report, error) {
	if err := cfg.check(); err != nil {
		return Report{}, err
	}
	r := &run{cfg: cfg, report: Report{RunID: cfg.RunID, Left: cfg.Earlier.clone().Left}}
	r.client = &client{cfg: &r.cfg}
	r.shop = &shop{run: r, prices: map[priceSpec]string{}}
	if err := r.knock(ctx); err != nil {
		return cfg.Earlier, err
	}
	r.clean(ctx)
	for _, belief := range Beliefs() {
		if ctx.Err() != nil {
			break
		}
		if !cfg.wants(belief) {
			continue
		}
		r.report.Results = append(r.report.Results, r.try(ctx, belief))
		r.cfg.Progress(r.report.clone())
	}
	r.clean(ctx)
	r.keepEarlier()
	r.cfg.Progress(r.report.clone())
	return r.report, ctx.Err()
}

// knock finds out whether the key is one.
func (r *run) knock(ctx context.Context) error {
	a, err := r.client.call(ctx, http.MethodGet, "/v1/customers", url.Values{"limit": {"1"}}, nil)
	switch {
	case err != nil:
		return errors.New(scrub(err.Error(), r.cfg.Key))
	case a.status == http.StatusUnauthorized:
		return ErrKey
	}
	return nil
}

// try comes to a result about a belief.
func (r *run) try(ctx context.Context, b Belief) Result {
	if result, done := r.cfg.Earlier.decided(b.ID); done {
		return result
	}
	if why := unsupported(b.Needs, &r.cfg); why != "" {
		return Result{ID: b.ID, Statement: b.Statement, Outcome: Skipped, Seen: why}
	}
	limited, cancel := context.WithTimeout(ctx, beliefTime)
	defer cancel()
	kept := len(r.report.Left)
	p := &probe{ctx: limited, run: r, began: time.Now()}
	b.check(p)
	r.cleanFrom(ctx, kept)
	return p.result(b)
}

// keepEarlier adds what an earlier run has found out about beliefs that this one did not come to.
func (r *run) keepEarlier() {
	for _, result := range r.cfg.Earlier.Results {
		if _, there := r.report.find(result.ID); !there {
			r.report.Results = append(r.report.Results, result)
		}
	}
}

func (r Report) find(id string) (Result, bool) {
	for _, result := range r.Results {
		if result.ID == id {
			return result, true
		}
	}
	return Result{}, false
}

// leave remembers the call that removes an object, such as DELETE /v1/customers/cus_1 or POST /v1/prices/price_1?active=false.
func (r *run) leave(method, path string) { r.report.Left = append(r.report.Left, method+" "+path) }

// clean removes all that is left.
func (r *run) clean(ctx context.Context) {
	r.shop.close()
	r.cleanFrom(ctx, 0)
}

// cleanFrom makes the calls of report.Left from an index on, the last one first, except those of the shop while it is open. It
// goes on when the run was interrupted. What could not be removed stays on the list.
func (r *run) cleanFrom(ctx context.Context, from int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	var stay []string
	for at := len(r.report.Left) - 1; at >= from; at-- {
		call := r.report.Left[at]
		if r.shop.owns(call) || !r.remove(ctx, call) {
			stay = append([]string{call}, stay...)
		}
	}
	r.report.Left = append(r.report.Left[:from:from], stay...)
}

func (r *run) remove(ctx context.Context, call string) bool {
	var method, target string
	if _, err := fmt.Sscan(call, &method, &target); err != nil {
		return true // no call: the list is not ours
	}
	u, err := url.Parse(target)
	if err != nil {
		return true
	}
	a, err := r.client.call(ctx, method, u.Path, u.Query(), nil)
	return err == nil && (a.status == http.StatusOK || a.status == http.StatusNotFound || a.status == http.StatusBadRequest)
}

// newName is a name that no other object has.
func (r *run) newName() string { return strings.ToLower(rand.Text()[:16]) }
