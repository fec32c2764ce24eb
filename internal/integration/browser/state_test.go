package browser_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	wide, narrow = 1280, 360
	height       = 900
)

// state looks at the page as it is now: everything in it has a name, and it fits a narrow screen. It takes pictures of it too
// where these are wanted.
func (p *tab) state(name string) {
	p.t.Helper()
	p.wantNames(name)
	p.wantSound(name)
	p.viewport(narrow, height)
	if width := p.number("document.documentElement.scrollWidth"); width > narrow {
		p.t.Errorf("%s: the page is %d pixels wide on a screen of %d", name, width, narrow)
	}
	if folder := os.Getenv("PAYMOUNT_SCREENSHOTS"); folder != "" {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			p.t.Fatal(err)
		}
		p.picture(folder, name+"-narrow", narrow, "light")
		p.picture(folder, name, wide, "dark")
		p.picture(folder, name, wide, "light")
	}
	p.viewport(wide, height)
}

// wantNames wants a name for assistive technology on everything that one can use or look at.
func (p *tab) wantNames(state string) {
	p.t.Helper()
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		p.t.Fatal(err)
	}
	named := []string{"button", "checkbox", "combobox", "dialog", "heading", "image", "link", "radio", "region", "switch", "textbox"}
	controls := 0
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role := strings.Trim(string(node.Role.Value), `"`)
		if !slices.Contains(named, role) {
			continue
		}
		controls++
		if node.Name == nil || strings.Trim(string(node.Name.Value), `" `) == "" {
			p.t.Errorf("%s: a %s has no name", state, role)
		}
	}
	if controls == 0 {
		p.t.Errorf("%s: there is nothing to use", state)
	}
}

// soundness returns what is wrong with the document, as a list.
const soundness = `(() => {
	const found = [], ids = new Set(), all = (selector) => [...document.querySelectorAll(selector)];
	if (!document.documentElement.lang) found.push('no language');
	if (!document.title) found.push('no title');
	if (all('main').length !== 1) found.push('not one main');
	if (all('h1').filter((h) => h.checkVisibility()).length !== 1) found.push('not one h1');
	for (const { id } of all('[id]')) ids.has(id) ? found.push('twice: #' + id) : ids.add(id);
	for (const name of ['for', 'aria-labelledby', 'aria-describedby']) {
		for (const e of all('[' + name + ']')) {
			for (const id of e.getAttribute(name).split(' ')) ids.has(id) || found.push(name + ' of nothing: #' + id);
		}
	}
	for (const e of all('input:not([type=hidden])')) e.labels.length || found.push('no label: ' + e.name);
	for (const e of all('body > :not(header, main, dialog, .skip)')) found.push('in no landmark: ' + e.outerHTML);
	for (const e of all('img:not([alt])')) found.push('no alt: ' + e.src);
	for (const e of all('[tabindex]')) e.tabIndex > 0 && found.push('tabindex ' + e.tabIndex);
	return found;
})()`

func (p *tab) wantSound(state string) {
	p.t.Helper()
	found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](soundness))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, fault := range found {
		p.t.Errorf("%s: %s", state, fault)
	}
}

func (p *tab) number(expression string) int64 {
	p.t.Helper()
	number, err := chromedp.Run(p.ctx, chromedp.Evaluate[int64](expression))
	if err != nil {
		p.t.Fatal(err)
	}
	return number
}

func (p *tab) viewport(width, height int64) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height)); err != nil {
		p.t.Fatal(err)
	}
}

// picture writes all of the page, at a width and in a colour scheme, as folder/name.png.
func (p *tab) picture(folder, name string, width int64, scheme string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		p.t.Fatal(err)
	}
	p.viewport(width, height)
	p.viewport(width, max(height, p.number("document.documentElement.scrollHeight"))) // dialogs are in the middle of the screen
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+"-"+scheme+".png"), shot, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
