package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// markFocusable numbers what a keyboard has to reach: what is shown and can be
// used, of radio buttons one of a group.
const markFocusable = `(() => {
	const groups = new Set(); let n = 0;
	for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')) {
		if (e.disabled || e.type === "hidden" || e.tabIndex < 0 || !e.checkVisibility({checkVisibilityCSS: true})) continue;
		if (e.type === "radio") {
			const all = [...document.getElementsByName(e.name)], one = all.find(r => r.checked) || e;
			if (e !== one || groups.has(e.name)) continue;
			groups.add(e.name);
		}
		e.dataset.reach = n++;
	}
	return n;
})()`

// focused is the number of what has the focus, and whether that can be seen.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) return [-1, 1];
	const s = getComputedStyle(e), l = e.labels && e.labels[0] ? getComputedStyle(e.labels[0]) : s;
	const seen = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none" || l.outlineStyle !== "none" && parseFloat(l.outlineWidth) > 0;
	return [e.dataset.reach === undefined ? -2 : Number(e.dataset.reach), seen ? 1 : 0];
})()`

// keyboardPages are those on which most can be done.
var keyboardPages = []string{"/", "/apis", "/apis/petstore", "/apis/petstore/operations/addpet", "/console/petstore/addpet", "/products/starter", "/signin", "/signup"}

// TestKeyboard goes through pages with the tabulator: everything is reached, what
// has the focus shows it, and nothing keeps it.
func TestKeyboard(tt *testing.T) {
	p := startPortal(tt)
	t := newTab(tt)
	reached := 0
	for _, path := range keyboardPages {
		t.open(p.url + path)
		want := evaluate[int](t, markFocusable)
		seen := map[int]bool{}
		for range want + 10 {
			t.do(chromedp.KeyEvent(kb.Tab))
			at := evaluate[[]int](t, focused)
			if at[0] >= 0 {
				seen[at[0]] = true
			}
			if at[1] == 0 {
				tt.Errorf("%s: the focus cannot be seen on %s", path, evaluate[string](t, `document.activeElement.outerHTML.slice(0, 200)`))
			}
		}
		for n := range want {
			if !seen[n] {
				tt.Errorf("%s: the keyboard does not reach %s", path,
					evaluate[string](t, fmt.Sprintf(`document.querySelector('[data-reach="%d"]').outerHTML.slice(0, 200)`, n)))
			}
		}
		reached += len(seen)
	}
	fmt.Printf("portal: the keyboard reaches all %d places on %d pages\n", reached, len(keyboardPages))
}

// TestKeyboard_SkipLink leads past the navigation.
func TestKeyboard_SkipLink(tt *testing.T) {
	p := startPortal(tt)
	t := newTab(tt)
	t.open(p.url + "/apis")
	t.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	t.until("the focus in the main part", `location.hash === "#main"`)
}
