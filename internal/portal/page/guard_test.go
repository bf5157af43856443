package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

// form is a section with one form, that counts how often it was sent.
func form(limit *page.Limit, sent *int) *page.Section {
	return &page.Section{
		Name: "forms",
		Routes: []page.Route{
			{Pattern: "POST /form", Limit: limit, MaxBody: 20_000, Run: func(x *page.Exchange) error {
				*sent++
				return x.Redirect(x.Return("/done"), "")
			}},
			{Pattern: "POST /stream", Streams: true, Run: func(x *page.Exchange) error {
				*sent++
				_, err := x.W.Write([]byte("streamed"))
				return err
			}},
			show("GET /done", "done", nil),
		},
		Templates: files("done.html", `<h1>Done</h1>`),
	}
}

func post(path, contentType, body string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://portal.example.com"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

const urlencoded = "application/x-www-form-urlencoded"

func TestBodiesAreBounded(t *testing.T) {
	sent := 0
	p := pagetest.New(t, page.Options{}, form(nil, &sent)).As(pagetest.Developer)
	token := "csrf=" + p.Token()
	long := post("/form", urlencoded, token+"&x="+strings.Repeat("y", 30_000))
	p.Send(long).Want(t, http.StatusRequestEntityTooLarge, "larger than this page takes")
	unknown := post("/form", urlencoded, token+"&x="+strings.Repeat("y", 30_000))
	unknown.ContentLength = -1
	p.Send(unknown).Want(t, http.StatusRequestEntityTooLarge)
	p.Send(post("/form", urlencoded, token+"&%zz=1")).Want(t, http.StatusBadRequest)
	p.Send(post("/form", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n"+
		strings.TrimPrefix(token, "csrf=")+"\r\n--x--\r\n")).Want(t, http.StatusSeeOther)
	if sent != 1 {
		t.Errorf("%d forms were taken, want 1", sent)
	}
}

// Large forms are in memory whole, so that few are read at one time; other pages
// are there all the same, and the places come back.
func TestLargeFormsAreFewAtATime(t *testing.T) {
	sent, begun, end := 0, make(chan bool), make(chan bool)
	section := form(nil, &sent)
	section.Routes = append(section.Routes, page.Route{Pattern: "POST /large", MaxBody: 1 << 20, Run: func(x *page.Exchange) error {
		if x.Form().Get("hold") != "" {
			begun <- true
			<-end
		}
		return x.Redirect("/done", "")
	}})
	p := pagetest.New(t, page.Options{}, section).As(pagetest.Developer)
	token := p.Token()
	var done sync.WaitGroup
	for range page.MaxLargeForms {
		r := post("/large", urlencoded, "hold=1&csrf="+token)
		done.Go(func() { p.Site.ServeHTTP(httptest.NewRecorder(), r) })
		<-begun
	}
	p.Send(post("/large", urlencoded, "csrf="+token)).Want(t, http.StatusServiceUnavailable)
	p.Send(post("/form", urlencoded, "csrf="+token)).Want(t, http.StatusSeeOther)
	close(end)
	done.Wait()
	p.Send(post("/large", urlencoded, "csrf="+token)).Want(t, http.StatusSeeOther)
}

func TestStreamsTakeTheTokenFromAHeader(t *testing.T) {
	sent := 0
	p := pagetest.New(t, page.Options{}, form(nil, &sent)).As(pagetest.Developer)
	token := p.Token()
	p.Send(post("/stream", "application/json", "{}")).Want(t, http.StatusForbidden)
	p.Send(post("/stream", urlencoded, "csrf="+token)).Want(t, http.StatusForbidden)
	p.Send(post("/stream", "application/json", "{}", "X-CSRF-Token", token)).Want(t, http.StatusOK, "streamed")
}

func TestLimitsAreForAddressesAndFields(t *testing.T) {
	sent := 0
	now := clock.NewFake(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	limit := &page.Limit{Name: "forms", Events: 3, Per: time.Minute, Field: "email"}
	p := pagetest.New(t, page.Options{Clock: now, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, form(limit, &sent))
	from := func(address, email string) *pagetest.Answer {
		p.Header.Set("X-Forwarded-For", address) // httptest's client is 192.0.2.1.
		return p.Post("/form", url.Values{"email": {email}})
	}
	for range 3 {
		from("203.0.113.9", "").Want(t, http.StatusSeeOther)
	}
	refused := from("203.0.113.9", "").Want(t, http.StatusTooManyRequests, "Try again in 20 seconds.")
	if got := refused.Header.Get("Retry-After"); got != "20" {
		t.Errorf("Retry-After is %s", got)
	}
	from("evil, 203.0.113.9", "").Want(t, http.StatusTooManyRequests)
	for i := range 3 {
		from("203.0.113.1"+string(rune('0'+i)), "Ann@example.com ").Want(t, http.StatusSeeOther)
	}
	from("203.0.113.20", "ann@example.com").Want(t, http.StatusTooManyRequests)
	from("203.0.113.20", "bob@example.com").Want(t, http.StatusSeeOther)
	from("2001:db8:1:2::1", "").Want(t, http.StatusSeeOther)
	from("2001:db8:1:2::2", "").Want(t, http.StatusSeeOther)
	from("2001:db8:1:2:ffff::3", "").Want(t, http.StatusSeeOther)
	from("2001:db8:1:2::4", "").Want(t, http.StatusTooManyRequests)
	now.Advance(20 * time.Second)
	from("203.0.113.9", "").Want(t, http.StatusSeeOther)
	from("203.0.113.9", "").Want(t, http.StatusTooManyRequests)
}

func TestForwardedForIsNotBelievedOfOthers(t *testing.T) {
	sent := 0
	limit := &page.Limit{Name: "forms", Events: 1, Per: time.Minute}
	p := pagetest.New(t, page.Options{}, form(limit, &sent))
	p.Header.Set("X-Forwarded-For", "203.0.113.1")
	p.Post("/form", nil).Want(t, http.StatusSeeOther)
	p.Header.Set("X-Forwarded-For", "203.0.113.2")
	p.Post("/form", nil).Want(t, http.StatusTooManyRequests)
}

func TestHeadersBoundWhatPagesMayDo(t *testing.T) {
	section := &page.Section{Name: "s", Templates: files("p.html", `<h1>P</h1>`), Routes: []page.Route{
		{Pattern: "GET /p", Run: func(x *page.Exchange) error {
			x.AllowConnect("https://api.example.com/path?x")
			x.AllowConnect("https://evil.example; script-src *")
			x.AllowForm("https://login.example.com")
			x.AllowForm("javascript:alert(1)")
			return x.Render(http.StatusOK, page.Page{Title: "P", Template: "p"})
		}},
	}}
	p := pagetest.New(t, page.Options{}, section)
	h := p.Get("/p").Want(t, http.StatusOK).Header
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
			"connect-src 'self' https://api.example.com; form-action 'self' https://login.example.com; frame-ancestors 'none'; base-uri 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Strict-Transport-Security":    "max-age=31536000",
		"Cache-Control":                "private, no-cache",
	}
	for name, value := range want {
		if got := h.Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	if got := p.As(pagetest.Developer).Get("/p").Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a page of a user may be kept: %q", got)
	}
	for _, path := range []string{"/nowhere", "/p"} {
		if p.Do(http.MethodPost, path, nil).Header.Get("Content-Security-Policy") == "" {
			t.Errorf("the error page of %s has no policy", path)
		}
	}
	plain := pagetest.New(t, page.Options{URL: &url.URL{Scheme: "http", Host: "127.0.0.1:8081"}}, form(nil, new(int)))
	if plain.Get("/done").Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS")
	}
}

func TestGuestsAreLedToSignInAndUsersKeptOut(t *testing.T) {
	ran := 0
	run := func(x *page.Exchange) error { ran++; return x.Redirect("/", "") }
	section := &page.Section{Name: "s", Routes: []page.Route{
		{Pattern: "GET /mine", Needs: page.SignedIn, Run: run}, {Pattern: "POST /mine", Needs: page.SignedIn, Run: run},
		{Pattern: "GET /admin", Needs: page.Administrator, Run: run},
		show("GET /signin", "p", nil),
	}, Templates: files("p.html", "<h1>Sign in</h1>")}
	p := pagetest.New(t, page.Options{}, section)
	if got := p.Get("/mine?a=1&b=2").Want(t, http.StatusSeeOther).Location(); got != "/signin?return=%2Fmine%3Fa%3D1%26b%3D2" {
		t.Errorf("led to %s", got)
	}
	p.Header.Set("Referer", "https://portal.example.com/mine?tab=2")
	if got := p.Post("/mine", nil).Want(t, http.StatusSeeOther).Location(); got != "/signin?return=%2Fmine%3Ftab%3D2" {
		t.Errorf("led to %s", got)
	}
	p.Get("/signin").Want(t, http.StatusOK, "Your session has ended, so nothing was changed.")
	p.Get("/admin").Want(t, http.StatusSeeOther)
	p.As(pagetest.Developer).Get("/admin").Want(t, http.StatusForbidden, "for administrators")
	if ran != 0 {
		t.Errorf("%d routes ran", ran)
	}
	p.As(pagetest.Admin).Get("/admin").Want(t, http.StatusSeeOther)
	p.As(pagetest.Guest).Unsure = true
	p.Get("/mine").Want(t, http.StatusServiceUnavailable, "Your session cannot be checked")
	p.Get("/signin").Want(t, http.StatusOK, "shown what guests see")
	if ran != 1 {
		t.Errorf("%d routes ran, want 1", ran)
	}
}

func TestPagesAreCompressedAndHaveTheirLength(t *testing.T) {
	section := &page.Section{Name: "s", Templates: files("p.html", `<h1>P</h1><p>{{.Data}}</p>`), Routes: []page.Route{
		show("GET /p", "p", strings.Repeat("word ", 2000)),
	}, Assets: files("a.js", strings.Repeat("export const a = 1;\n", 50), "note.exe", "x")}
	p := pagetest.New(t, page.Options{}, section)
	p.Header.Set("Accept-Encoding", "br, gzip;q=0.5")
	zipped := p.Get("/p").Want(t, http.StatusOK, "word w")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Content-Length") == "" {
		t.Errorf("not compressed: %v", zipped.Header)
	}
	head := p.Do(http.MethodHead, "/p", nil)
	if head.Status != http.StatusOK || head.Header.Get("Content-Length") != zipped.Header.Get("Content-Length") {
		t.Errorf("HEAD says %d and %q", head.Status, head.Header.Get("Content-Length"))
	}
	p.Header.Set("Accept-Encoding", "gzip;q=0")
	if got := p.Get("/p").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("compressed as %s", got)
	}
	path, err := p.Site.Asset("s/a.js")
	if err != nil {
		t.Fatal(err)
	}
	p.Header.Set("Accept-Encoding", "gzip")
	asset := p.Get(path).Want(t, http.StatusOK, "export const a")
	if asset.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || asset.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the asset's head is %v", asset.Header)
	}
	p.Header.Set("If-None-Match", asset.Header.Get("ETag"))
	p.Get(path).Want(t, http.StatusNotModified)
	p.Header.Del("If-None-Match")
	if got := p.Get("/assets/other/s/a.js").Want(t, http.StatusOK).Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("an asset of another version is kept: %s", got)
	}
	p.Get("/assets/other/s/note.exe").Want(t, http.StatusNotFound)
	p.Get("/assets/other/s/..%2f..%2fpage.go").Want(t, http.StatusNotFound)
}

func TestAPageTooManyIsRefused(t *testing.T) {
	inside, leave := make(chan struct{}, page.MaxStreams), make(chan struct{})
	section := &page.Section{Name: "s", Routes: []page.Route{{Pattern: "GET /stream", Streams: true, Run: func(x *page.Exchange) error {
		inside <- struct{}{}
		<-leave
		_, err := x.W.Write([]byte("done"))
		return err
	}}}}
	p := pagetest.New(t, page.Options{}, section)
	done := make(chan struct{}, page.MaxStreams)
	for range page.MaxStreams {
		go func() {
			p.Site.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/stream", nil))
			done <- struct{}{}
		}()
	}
	for range page.MaxStreams {
		<-inside
	}
	answer := p.Get("/stream").Want(t, http.StatusServiceUnavailable, "more to do than it can")
	if answer.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	close(leave)
	for range page.MaxStreams {
		<-done
	}
}

func TestSectionsThatContradictAreRefused(t *testing.T) {
	ok := func(*page.Exchange) error { return nil }
	tests := []struct {
		name     string
		sections []*page.Section
	}{
		{"one name", []*page.Section{{Name: "a"}, {Name: "a"}}},
		{"one pattern", []*page.Section{{Name: "a", Routes: []page.Route{{Pattern: "GET /x", Run: ok}}}, {Name: "b", Routes: []page.Route{{Pattern: "GET /x", Run: ok}}}}},
		{"no method", []*page.Section{{Name: "a", Routes: []page.Route{{Pattern: "/x", Run: ok}}}}},
		{"no function", []*page.Section{{Name: "a", Routes: []page.Route{{Pattern: "GET /x"}}}}},
		{"empty limit", []*page.Section{{Name: "a", Routes: []page.Route{{Pattern: "GET /x", Run: ok, Limit: &page.Limit{}}}}}},
		{"template", []*page.Section{{Name: "a", Templates: files("x.html", "{{")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := page.New(page.Options{URL: &url.URL{Scheme: "https", Host: "x.example"}, Sections: tt.sections}); err == nil {
				t.Error("it was taken")
			}
		})
	}
}
