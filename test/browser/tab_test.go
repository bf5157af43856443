package browser

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience bounds each step in the browser; a step takes milliseconds.
const patience = 10 * time.Second

// quietNetwork is how long nothing comes when a page has loaded what it loads.
const quietNetwork = 500 * time.Millisecond

// lookAgain is how long it takes until a page is looked at again.
const lookAgain = 50 * time.Millisecond

// tab is a page in a browser of its own, with its own cookies.
type tab struct {
	tb     testing.TB
	ctx    context.Context
	opened string // What has been opened by address, for messages.
	plain  bool   // It runs no JavaScript.
	// wrong is told what no page may do.
	wrong func(format string, args ...any)
}

// newTab starts Chromium, at the width of a desktop and in light colours.
func newTab(tb testing.TB) *tab {
	tb.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		tb.Fatal("SKIPPED-REQUIRED: chromium is not installed: scripts/services.sh chromium installs it")
	}
	ctx, cancel := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.IgnoreCertErrors, chromedp.Flag("hide-scrollbars", true)))
	tb.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
			tb.Logf("closing the browser: %v", err)
		}
		cancel()
	})
	t := &tab{tb: tb, ctx: ctx, wrong: tb.Errorf}
	t.do(chromedp.EmulateViewport(1280, 900))
	t.watch()
	return t
}

// watch fails the test where a page throws, is refused something by its content
// security policy, or opens a dialog.
func (t *tab) watch() {
	t.tb.Helper()
	_, err := chromedp.Call(t.ctx, log.Enable, cdp.Empty{})
	t.must(err, "listening to the browser's log")
	err = chromedp.Listen(t.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.wrong("a script of %s threw: %s", t.opened, e.ExceptionDetails.Text)
		case *page.EventJavascriptDialogOpening:
			t.wrong("%s opened a dialog: %s", t.opened, e.Message)
			// Until it is closed nothing else happens in the page.
			go func() { _, _ = chromedp.Call(t.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) }()
		case *log.EventEntryAdded:
			if strings.Contains(e.Entry.Text, "Content Security Policy") {
				t.wrong("%s breaks its content security policy: %s", t.opened, e.Entry.Text)
			}
		}
	})
	t.must(err, "listening to the browser")
}

// must fails the test on an error, with what was being done.
func (t *tab) must(err error, doing string) {
	t.tb.Helper()
	if err != nil {
		t.tb.Fatalf("%s, at %s: %v\n%s", doing, t.opened, err, t.visible())
	}
}

// visible is the text of the page, for messages.
func (t *tab) visible() string {
	ctx, cancel := context.WithTimeout(t.ctx, time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 2000)`))
	if err != nil {
		return "(the page cannot be read: " + err.Error() + ")"
	}
	return text
}

// do runs steps, each within patience.
func (t *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	t.tb.Helper()
	for _, step := range steps {
		_, err := ask(t, step)
		t.must(err, "a step in the browser")
	}
}

// ask runs one action within patience and returns what it gives.
func ask[T any](t *tab, action chromedp.Action[T]) (T, error) {
	if chromedp.FromContext(t.ctx).Target == nil {
		return chromedp.Run(t.ctx, action) // The first step starts the browser, whose life is its context's.
	}
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// open goes to an address, which must be there, and waits for it to be loaded.
func (t *tab) open(address string) {
	t.tb.Helper()
	if status := t.status(address); status >= 400 {
		t.tb.Fatalf("%s is answered %d\n%s", address, status, t.visible())
	}
}

// status opens an address and returns the status of its answer.
func (t *tab) status(address string) int64 {
	t.tb.Helper()
	t.opened = address
	answer, err := ask(t, chromedp.NavigateResponse(address))
	t.must(err, "opening the page")
	return answer.Status
}

// fill types into the field of a form with a name.
func (t *tab) fill(name, text string) {
	t.tb.Helper()
	selector := `form [name="` + name + `"]:not([type=hidden])`
	field := chromedp.CSS(selector)
	_, err := ask(t, chromedp.WaitVisible(field))
	t.must(err, "waiting for the field "+name)
	_ = evaluate[bool](t, `document.querySelector(`+quote(selector)+`).value = "", true`)
	t.do(chromedp.SendKeys(field, text))
}

// follow clicks what has the selector and waits for the page that comes of it.
func (t *tab) follow(selector string) {
	t.tb.Helper()
	_, err := ask(t, chromedp.WaitVisible(chromedp.CSS(selector)))
	t.must(err, "waiting for "+selector)
	_, err = ask(t, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector))))
	t.must(err, "clicking "+selector)
}

// followText clicks the link or button with a text and waits for the page that
// comes of it.
func (t *tab) followText(text string) {
	t.tb.Helper()
	_, err := ask(t, chromedp.WaitEvent(page.LoadEventFired, nil, t.clickText(text)))
	t.must(err, "clicking "+text)
}

// clickText clicks the first visible link or button with a text, as a person
// would: in the page's main part where there is one there.
func (t *tab) clickText(text string) chromedp.Action[chromedp.Void] {
	path := `(//main//*[self::a or self::button or self::summary][contains(normalize-space(.), "` + text + `")] | ` +
		`//*[self::a or self::button or self::summary][contains(normalize-space(.), "` + text + `")])[last()]`
	inMain := `//main//*[self::a or self::button or self::summary][contains(normalize-space(.), "` + text + `")]`
	found, err := ask(t, chromedp.Evaluate[bool](`document.evaluate(`+quote(inMain)+`, document, null, XPathResult.BOOLEAN_TYPE, null).booleanValue`))
	if err == nil && found {
		path = inMain
	}
	return chromedp.Click(path)
}

// sees waits until the page shows a text.
func (t *tab) sees(text string) {
	t.tb.Helper()
	t.until("the text "+quote(text), `document.body.innerText.includes(`+quote(text)+`)`)
}

// until waits until a condition holds in the page. A page that is being replaced
// cannot be asked; that is waited for as well.
func (t *tab) until(what, condition string) {
	t.tb.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		var holds bool
		holds, err = ask(t, chromedp.Evaluate[bool](`document.readyState === "complete" && `+condition, chromedp.EvalAwaitPromise))
		if err == nil && holds {
			return
		}
		t.do(chromedp.Sleep(lookAgain))
	}
	t.tb.Fatalf("%s has not come at %s (%v)\n%s", what, t.opened, err, t.visible())
}

// evaluate runs a script in the page.
func evaluate[T any](t *tab, script string) T {
	t.tb.Helper()
	value, err := ask(t, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	t.must(err, "running a script")
	return value
}

// quote is a text as JavaScript, and XPath where it has no double quote, writes
// it.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

// prefers chooses between light and dark colours.
func (t *tab) prefers(scheme string) {
	t.tb.Helper()
	_, err := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	t.must(err, "choosing colours")
}

// withoutScripts turns JavaScript off.
func (t *tab) withoutScripts() {
	t.tb.Helper()
	_, err := chromedp.Call(t.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	t.must(err, "turning JavaScript off")
	t.plain = true
}

// cookies are what the browser keeps for the page.
func (t *tab) cookies() []*network.Cookie {
	t.tb.Helper()
	answer, err := chromedp.Call(t.ctx, network.GetCookies, network.GetCookiesParams{})
	t.must(err, "reading cookies")
	return answer.Cookies
}

// sizes are the widths at which pages are looked at.
var sizes = []struct {
	name          string
	width, height int64
}{{"desktop", 1280, 900}, {"phone", 390, 844}}

// sleep waits: for what would come too late to be waited for.
func sleep(d time.Duration) chromedp.Action[chromedp.Void] { return chromedp.Sleep(d) }

// viewport is the size of the window.
func viewport(width, height int64) chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(width, height)
}

// chosen says whether pictures of that name are wanted.
func chosen(name string) bool { return regexp.MustCompile(*only).MatchString(name) }

// drawAll has what is out of sight drawn as well, as it is when one gets there, from
// the page's beginning.
const drawAll = `(() => { const all = new CSSStyleSheet(); all.replaceSync("* { content-visibility: visible !important }");
	document.adoptedStyleSheets.push(all); scrollTo({top: 0, behavior: "instant"}); return true })()`

// picture keeps what the page looks like at each width and in both colours,
// where that is asked for. In the long form the state is also looked at for what
// WCAG 2.2 AA forbids; mails are no pages.
func (t *tab) picture(name string) {
	t.tb.Helper()
	if *screens == "" || !chosen(name) {
		return
	}
	_ = evaluate[bool](t, drawAll)
	for _, size := range sizes {
		for _, scheme := range []string{"light", "dark"} {
			t.do(chromedp.EmulateViewport(size.width, size.height))
			t.prefers(scheme)
			_ = evaluate[bool](t, `window.beforePicture?.(), true`)
			shot, err := ask(t, chromedp.FullScreenshot(100))
			t.must(err, "taking a picture")
			file := filepath.Join(*screens, name+"-"+size.name+"-"+scheme+".png")
			t.must(os.WriteFile(file, shot, 0o600), "keeping a picture")
			if *long && !strings.HasPrefix(name, "mail-") {
				t.accessible(name + " at " + size.name + " width, " + scheme)
			}
		}
	}
	t.do(chromedp.EmulateViewport(sizes[0].width, sizes[0].height))
	t.prefers("light")
}
