package browser_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch collects what a tab asks for and what its console shows.
type watch struct {
	mu       sync.Mutex
	hosts    []string // that were asked for anything, each once
	refusals []string // answers that the browser calls failures, as "402 /pro"
	problems []string // all else that the console shows
}

// event takes an event of the tab.
func (w *watch) event(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			w.problems = append(w.problems, "a request for "+e.Request.URL)
		} else if u.Host != "" && !slices.Contains(w.hosts, u.Host) {
			w.hosts = append(w.hosts, u.Host)
		}
	case *network.EventResponseReceived:
		if u, err := url.Parse(e.Response.URL); err == nil && e.Response.Status >= 400 {
			path := regexp.MustCompile(`cs_test_\w+`).ReplaceAllString(u.Path, "{id}")
			w.refusals = append(w.refusals, fmt.Sprintf("%d %s", e.Response.Status, path))
		}
	case *runtime.EventExceptionThrown:
		w.problems = append(w.problems, "an exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		w.problems = append(w.problems, "a message: "+string(e.Type))
	case *log.EventEntryAdded:
		refused := e.Entry.Source == log.EntrySourceNetwork && strings.Contains(e.Entry.Text, "the server responded with a status")
		if !refused { // it is among the refusals
			w.problems = append(w.problems, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	}
}

// refused says that the server is expected to answer with an error, such as "402 /pro".
func (p *tab) refused(answer string) { p.want = append(p.want, answer) }

// audit reports every surprise: another host than the server and the checkout page beside it, an error on the console, or a
// failed request that is not expected.
func (p *tab) audit() {
	p.t.Helper()
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	if own := strings.TrimPrefix(p.url, "http://"); !slices.Contains(p.watch.hosts, own) {
		p.t.Errorf("the page asks %q, and not %s", p.watch.hosts, own)
	}
	for _, host := range p.watch.hosts {
		if !strings.HasPrefix(host, "127.0.0.1:") {
			p.t.Errorf("the page asks %s for something", host)
		}
	}
	if len(p.watch.hosts) > 2 {
		p.t.Errorf("the page asks more servers than its own and the checkout: %q", p.watch.hosts)
	}
	if !slices.Equal(p.watch.refusals, p.want) {
		p.t.Errorf("the server refuses %q, want %q", p.watch.refusals, p.want)
	}
	for _, problem := range p.watch.problems {
		p.t.Errorf("the console shows %s", problem)
	}
}
