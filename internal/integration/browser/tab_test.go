package browser_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const (
	// patience is how long a test waits for what is bound to happen.
	patience = 20 * time.Second
	// limit is how long all that happens in one tab may take.
	limit = 90 * time.Second
)

// tab is a tab of the browser, with storage of its own. Its methods do what a person can do, and fail the test when that is
// not possible in time.
type tab struct {
	t       *testing.T
	browser context.Context //nolint:containedctx // the browser's life
	ctx     context.Context //nolint:containedctx // the tab's life
	url     string          // of the server
	watch   *watch
	want    []string // the refusals that are expected
}

// newTab opens an empty tab. At the end of the test it looks at what the tab has asked for and what its console shows.
func newTab(browser context.Context, t *testing.T, server string) *tab {
	t.Helper()
	p := &tab{t: t, browser: browser, url: server, watch: &watch{}}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.watch.event))
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithTimeout(ctx, limit) // not before the tab is there, or it would end with this context
	t.Cleanup(func() {
		cancel()
		closeTab()
		p.audit()
	})
	return p
}

// eventually tries until there is no error.
func (p *tab) eventually(try func(ctx context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("%v\nthe page shows: %s", last, p.text("body"))
		}
	}
}

// open opens a path of the server.
func (p *tab) open(path string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(p.url+path)); err != nil {
		p.t.Fatal(err)
	}
}

// find returns the one element that has the role and name for assistive technology.
func find(ctx context.Context, role, name string) (cdp.BackendNodeID, error) {
	document, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil {
		return 0, err
	}
	found, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		ObjectID: document.Result.ObjectID, Role: role, AccessibleName: name,
	})
	if err != nil {
		return 0, err
	}
	nodes := slices.DeleteFunc(found.Nodes, func(n *accessibility.Node) bool { return n.Ignored })
	if len(nodes) != 1 {
		return 0, fmt.Errorf("there are %d elements %s %q, want one", len(nodes), role, name)
	}
	return nodes[0].BackendDOMNodeID, nil
}

// has waits for an element.
func (p *tab) has(role, name string) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) error {
		_, err := find(ctx, role, name)
		return err
	})
}

// click clicks into the middle of an element.
func (p *tab) click(role, name string) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) error {
		node, err := find(ctx, role, name)
		if err != nil {
			return err
		}
		if _, err = chromedp.Call(ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: node}); err != nil {
			return err
		}
		shape, err := chromedp.Call(ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: node})
		if err != nil {
			return err
		}
		if len(shape.Quads) == 0 {
			return fmt.Errorf("%s %q has no shape", role, name)
		}
		corners := shape.Quads[0]
		return chromedp.Do(ctx, chromedp.MouseClickXY((corners[0]+corners[4])/2, (corners[1]+corners[5])/2))
	})
}

// fill types a text into an input, in place of what was there.
func (p *tab) fill(label, text string) {
	p.t.Helper()
	p.click("textbox", label)
	err := chromedp.Do(p.ctx, chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	if _, typeErr := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil || typeErr != nil {
		p.t.Fatal(errors.Join(err, typeErr))
	}
}

// press presses keys, one after the other.
func (p *tab) press(keys string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(keys)); err != nil {
		p.t.Fatal(err)
	}
}

// text returns what an element shows now.
func (p *tab) text(selector string) string {
	p.t.Helper()
	text, err := visibleText(p.ctx, selector)
	if err != nil {
		return err.Error()
	}
	return text
}

func visibleText(ctx context.Context, selector string) (string, error) {
	return chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(
		`(() => { const e = document.querySelector(%q); return e?.checkVisibility() ? e.innerText : ''; })()`, selector)))
}

// sees waits until an element shows all of the texts.
func (p *tab) sees(selector string, texts ...string) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) error { return shows(ctx, selector, texts) })
}

// learns is sees for what the server hears of by a webhook: it opens the page anew until it shows the texts.
func (p *tab) learns(selector string, texts ...string) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) error {
		if err := chromedp.Do(ctx, chromedp.Navigate(p.url)); err != nil {
			return err
		}
		if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.ID("account"))); err != nil {
			return err
		}
		return shows(ctx, selector, texts)
	})
}

func shows(ctx context.Context, selector string, texts []string) error {
	shown, err := visibleText(ctx, selector)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			return fmt.Errorf("%s shows %q, want %q in it", selector, shown, text)
		}
	}
	return nil
}

// at waits until the address bar shows a path of the server.
func (p *tab) at(path string) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) error {
		location, err := chromedp.Run(ctx, chromedp.Location())
		if err != nil {
			return err
		}
		if location != p.url+path {
			return fmt.Errorf("the tab is at %s, want %s", location, p.url+path)
		}
		return nil
	})
}
