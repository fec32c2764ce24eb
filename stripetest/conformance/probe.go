package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// probe is one belief on its way through its scenario. The first call that fails, or the first expectation that is not met,
// ends it: what comes after is not carried out any more, so that a scenario reads without a branch after each step.
type probe struct {
	ctx      context.Context //nolint:containedctx // the life of one belief
	run      *run
	began    time.Time
	requests []string

	failed         string // why the scenario did not come to its question
	expected, seen string // of the expectation that was not met
	clock          string // the test clock of its customers
}

func (p *probe) over() bool { return p.failed != "" || p.expected != "" }

func (p *probe) result(b Belief) Result {
	out := Result{ID: b.ID, Statement: b.Statement, Outcome: Held, Requests: p.requests}
	switch {
	case p.failed != "":
		out.Outcome, out.Seen = Untried, scrub(p.failed, p.run.cfg.Key)
	case p.expected != "":
		out.Outcome, out.Expected, out.Seen = Refuted, p.expected, scrub(p.seen, p.run.cfg.Key)
	}
	return out
}

// failf ends the scenario without an answer to its question.
func (p *probe) failf(format string, args ...any) {
	if !p.over() {
		p.failed = fmt.Sprintf(format, args...)
	}
}

// form makes parameters of names and values. A later value of the same name wins, except of lists such as expand[].
func form(pairs []string) url.Values {
	out := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if strings.HasSuffix(pairs[i], "[]") {
			out.Add(pairs[i], pairs[i+1])
		} else {
			out.Set(pairs[i], pairs[i+1])
		}
	}
	return out
}

// send makes a call and takes any answer.
func (p *probe) send(method, path string, pairs []string, headers http.Header) answer {
	if p.over() {
		return answer{call: method + " " + path}
	}
	a, err := p.run.client.call(p.ctx, method, path, form(pairs), headers)
	if err != nil {
		p.failf("%v", err)
		return answer{call: method + " " + path}
	}
	if id := a.header.Get("Request-Id"); id != "" {
		p.requests = append(p.requests, id)
	}
	p.discover(method, path, a)
	return a
}

func (p *probe) get(path string, pairs ...string) answer {
	return p.send(http.MethodGet, path, pairs, nil)
}

func (p *probe) post(path string, pairs ...string) answer {
	return p.send(http.MethodPost, path, pairs, nil)
}

func (p *probe) remove(path string, pairs ...string) answer {
	return p.send(http.MethodDelete, path, pairs, nil)
}

// need ends the scenario unless a call of its preparation was accepted.
func (p *probe) need(a answer) answer {
	if !p.over() && a.status != http.StatusOK {
		p.failf("%s: %s", a.call, a.failure())
	}
	return a
}

// read and make are calls of the preparation.
func (p *probe) read(path string, pairs ...string) answer { return p.need(p.get(path, pairs...)) }
func (p *probe) make(path string, pairs ...string) answer { return p.need(p.post(path, pairs...)) }

// discover notes how to remove what a call has made.
func (p *probe) discover(method, path string, a answer) {
	if method != http.MethodPost || a.status != http.StatusOK || a.id() == "" {
		return
	}
	switch path {
	case "/v1/customers", "/v1/test_helpers/test_clocks", "/v1/coupons":
		p.run.leave(http.MethodDelete, path+"/"+a.id())
	case "/v1/products", "/v1/prices", "/v1/promotion_codes":
		p.run.leave(http.MethodPost, path+"/"+a.id()+"?active=false")
	case "/v1/checkout/sessions":
		p.run.leave(http.MethodPost, path+"/"+a.id()+"/expire")
	}
}

// expect ends the scenario with a refutation unless ok.
func (p *probe) expect(ok bool, expected, seen string) {
	if !p.over() && !ok {
		p.expected, p.seen = expected, seen
	}
}

// want expects a value at a path of an answer. Everything is compared as text.
func (p *probe) want(a answer, path string, value any) {
	seen := a.text(path)
	if a.status != 0 && a.status != http.StatusOK {
		seen = a.failure()
	}
	p.expect(seen == show(value), fmt.Sprintf("%s: %s is %s", a.call, path, show(value)), seen)
}

// wantSome expects a value that is there.
func (p *probe) wantSome(a answer, path string) {
	p.expect(a.at(path) != nil && a.text(path) != "", fmt.Sprintf("%s: %s has a value", a.call, path), a.text(path))
}

// accepted expects a 200.
func (p *probe) accepted(a answer) {
	p.expect(a.status == http.StatusOK, a.call+" is accepted", a.failure())
}

// refused expects a refusal with a status and, as names and values, what else matters of the error.
func (p *probe) refused(a answer, status int, pairs ...string) {
	ok, expected := a.status == status, []string{fmt.Sprintf("%s is refused with %d", a.call, status)}
	for i := 0; i+1 < len(pairs); i += 2 {
		ok = ok && a.text("error."+pairs[i]) == pairs[i+1]
		expected = append(expected, fmt.Sprintf("%s %q", pairs[i], pairs[i+1]))
	}
	p.expect(ok, strings.Join(expected, ", "), a.failure())
}

// events waits until there are events of these types about a customer or one of its objects, and returns all that there are,
// oldest first. That there are none in the end is a refutation.
func (p *probe) events(customer string, types ...string) []answer {
	for try := 0; ; try++ {
		found := p.recent(customer, min(try+1, 4))
		missing := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return eventOf(found, t).body != nil })
		if p.over() || len(missing) == 0 {
			return found
		}
		if try == 15 {
			p.expect(false, "events "+strings.Join(types, ", "), "no "+strings.Join(missing, ", "))
			return found
		}
		if err := sleep(p.ctx, time.Duration(try)*p.run.cfg.Patience); err != nil {
			p.failf("%v", err)
		}
	}
}

// recent are the events about a customer among the newest pages of the account's events, oldest first.
func (p *probe) recent(customer string, pages int) []answer {
	var out []answer
	after := []string{"limit", "100"}
	for range pages {
		page := p.read("/v1/events", after...)
		for _, event := range page.list("data") {
			if event.ref("data.object.id") == customer || event.ref("data.object.customer") == customer {
				out = append([]answer{event}, out...)
			}
		}
		ids := page.ids()
		if page.text("has_more") != "true" || len(ids) == 0 {
			break
		}
		after = []string{"limit", "100", "starting_after", ids[len(ids)-1]}
	}
	return out
}

// eventOf is the last event of a type; its body is nil when there is none.
func eventOf(events []answer, kind string) answer {
	for _, event := range slices.Backward(events) {
		if event.text("type") == kind {
			return event
		}
	}
	return answer{call: "event " + kind}
}
