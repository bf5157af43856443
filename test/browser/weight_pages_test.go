package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// largePortal starts one that has GitHub's API too, with 1,223 operations.
func largePortal(tb testing.TB) *portal {
	tb.Helper()
	p := startPortal(tb)
	specification, err := os.ReadFile(filepath.Join("..", "..", ".cache", "testdata", "github.json"))
	if err != nil {
		tb.Fatalf("SKIPPED-REQUIRED: GitHub's description is not there: scripts/services.sh testdata fetches it: %v", err)
	}
	p.apply(map[string]string{
		"apis/github/apiInformation.json": mustJSON(tb, map[string]any{"properties": map[string]any{
			"displayName": "GitHub", "path": "github", "protocols": []string{"https"}, "subscriptionRequired": true,
			"serviceUrl": "https://api.github.com",
		}}),
		"apis/github/specification.json":                          string(specification),
		"products/starter/apis/github/productApiInformation.json": "{}",
	})
	return p
}

func mustJSON(tb testing.TB, value any) string {
	tb.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// apply adds files to the portal's configuration, with further flags of apply.
func (p *portal) apply(files map[string]string, flags ...string) {
	p.tb.Helper()
	dir := p.tb.TempDir()
	p.run("export", dir)
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			p.tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			p.tb.Fatal(err)
		}
	}
	p.run(append([]string{"apply", dir}, flags...)...)
	p.restart() // So that nothing has to be waited for.
}

// TestWeight weighs pages at a first visit and says how soon they paint.
func TestWeight(tt *testing.T) {
	p := largePortal(tt)
	for _, one := range []struct {
		path  string
		limit int
	}{
		{"/", maxPageBytes}, {"/apis", maxPageBytes}, {"/apis/petstore", maxPageBytes}, {"/products/starter", maxPageBytes}, {"/signup", maxPageBytes},
		{"/search?q=repo", maxPageBytes}, {"/apis/petstore/operations/addpet", maxPageBytes}, {"/console/petstore/addpet", maxPageBytes},
		{"/apis/github", maxPageBytes}, {"/apis/github/operations", maxReferenceBytes},
		{"/apis/github/operations/repos-list-for-org", maxPageBytes}, {"/apis/github/operations/pulls-create", maxPageBytes},
		{"/console/github/pulls-create", maxPageBytes},
	} {
		bytes, calls, paint := measurePage(tt, p.url+one.path, nil)
		fmt.Println(reportPage(one.path, bytes, calls, paint, one.limit))
		if bytes > one.limit {
			tt.Errorf("%s weighs %d bytes, more than %d", one.path, bytes, one.limit)
		}
		if *long && paint.median > maxFirstPaint {
			tt.Errorf("%s paints after %v, more than %d", one.path, paint, maxFirstPaint)
		}
	}
}

// longestInteraction is what the slowest of a page's interactions took, in
// milliseconds, from the input to the next frame.
const watchInteractions = `window.slowest = 0;
	new PerformanceObserver(list => { for (const e of list.getEntries()) slowest = Math.max(slowest, e.duration); })
		.observe({type: "event", durationThreshold: 16, buffered: true}); true`

// TestInteraction says how long pages take to answer keys and clicks.
func TestInteraction(tt *testing.T) {
	p := largePortal(tt)
	for _, one := range []struct {
		name, path string
		act        func(t *tab)
	}{
		{"the search field", "/apis", func(t *tab) { t.do(chromedp.SendKeys(chromedp.CSS("#top-q"), "repository")) }},
		{"the filter of 1,223 operations", "/apis/github/operations", func(t *tab) {
			t.do(chromedp.SendKeys(chromedp.CSS(`main input[type="search"]`), "pull request"))
		}},
		{"light and dark", "/apis/github/operations/pulls-create", func(t *tab) {
			t.do(chromedp.Click(chromedp.CSS("[data-theme-switch]")), chromedp.Click(chromedp.CSS("[data-theme-switch]")))
		}},
		{"the console's fields", "/console/petstore/addpet", func(t *tab) {
			t.do(chromedp.SendKeys(chromedp.CSS(`main textarea`), "a pet"))
		}},
	} {
		var all []float64
		for range visits() {
			t := newTab(tt)
			t.do(sleep(settle))
			t.open(p.url + one.path)
			t.do(sleep(quietNetwork))
			_ = evaluate[bool](t, watchInteractions)
			one.act(t)
			t.do(sleep(quietNetwork))
			all = append(all, evaluate[float64](t, `slowest`))
		}
		slowest := spreadOf(all)
		fmt.Printf("portal: %s answers within %v (%d; times are multiples of 8 ms)\n", one.name, slowest, maxInteraction)
		if *long && slowest.median > maxInteraction {
			tt.Errorf("%s answers after %v, more than %d", one.name, slowest, maxInteraction)
		}
	}
}
