package browser_test

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func useKeyboard(p *tab) {
	p.open("/")
	p.tabTo("textbox", "Or with any email address")
	p.press("keys@example.com" + kb.Enter)
	p.sees("#plan", "No plan")
	p.tabTo("button", "Choose Starter")
	p.press(kb.Enter)
	p.has("heading", "Subscribe")
	p.tabTo("textbox", "Card number")
	p.press(goodCard + kb.Enter)
	p.sees("#news", "Thank you. Starter is active and renews on ")

	p.tabTo("button", "Cancel…")
	p.press(kb.Enter)
	p.has("dialog", "Cancel your plan?")
	p.press(kb.Escape)
	p.focused("button", "Cancel…")
	p.press(kb.Enter)
	p.has("dialog", "Cancel your plan?")
	p.tabTo("button", "Cancel my plan")
	p.press(kb.Enter)
	p.sees("#news", "Starter ends on ")
	p.focused("heading", "Your billing")
	p.tabTo("button", "Keep my plan")
	p.press(kb.Enter)
	p.sees("#news", "Starter goes on as before.")
}

// tabTo moves the focus to an element with the Tab key. It wants to see where the focus is on the way.
func (p *tab) tabTo(role, name string) {
	p.t.Helper()
	p.has(role, name)
	for range 50 {
		p.press(kb.Tab)
		node, err := find(p.ctx, role, name)
		if err != nil {
			p.t.Fatal(err)
		}
		focus, err := focus(p.ctx)
		if err != nil {
			p.t.Fatal(err)
		}
		if focus == 0 {
			continue // the page ends here, and begins again
		}
		p.wantOutline()
		if focus == node {
			return
		}
	}
	p.t.Fatalf("the Tab key does not lead to %s %q", role, name)
}

// focused waits until an element has the focus.
func (p *tab) focused(role, name string) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) error {
		want, err := find(ctx, role, name)
		if err != nil {
			return err
		}
		got, err := focus(ctx)
		if err == nil && got != want {
			return fmt.Errorf("the focus is not on %s %q", role, name)
		}
		return err
	})
}

// focus returns the element that has the focus, or 0.
func focus(ctx context.Context) (cdp.BackendNodeID, error) {
	active, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.activeElement"})
	if err != nil {
		return 0, err
	}
	node, err := chromedp.Call(ctx, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: active.Result.ObjectID})
	if err != nil {
		return 0, err
	}
	if node.Node.NodeName == "BODY" {
		return 0, nil
	}
	return node.Node.BackendNodeID, nil
}

func (p *tab) wantOutline() {
	p.t.Helper()
	const hidden = `getComputedStyle(document.activeElement).outlineStyle === 'none' ? document.activeElement.outerHTML : ''`
	element, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](hidden))
	if err != nil {
		p.t.Fatal(err)
	}
	if element != "" {
		p.t.Errorf("the focus cannot be seen on %s", element)
	}
}
