// Package pagetest tests sections of the portal over HTTP: a Portal around them
// with a visitor of the test's choice, and a Management that answers as the
// management API does.
package pagetest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
)

// Visitors for tests.
var (
	Guest     = page.Guest()
	Developer = page.Visitor{User: "ann", Name: "Ann Lee", Email: "ann@example.com", Session: "s1", Groups: []string{"developers"}}
	Admin     = page.Visitor{
		User: "1", Name: "Administrator", Email: "admin@example.com", Session: "s2",
		Groups: []string{"administrators", "developers"}, Admin: true,
	}
)

// tokenPath gives the token that forms need.
const tokenPath = "/pagetest-token"

// Portal is a site in a test, used as one visitor after the other.
type Portal struct {
	Site    *page.Site
	Visitor page.Visitor
	// Unsure makes the session one that cannot be checked.
	Unsure bool
	// Header is sent with each request.
	Header  http.Header
	t       testing.TB
	cookies map[string]string
}

// New makes a portal of sections. What o leaves out is made up; its Sessions are
// the test's own.
func New(t testing.TB, o page.Options, sections ...*page.Section) *Portal {
	t.Helper()
	p := &Portal{t: t, Visitor: Guest, Header: http.Header{}, cookies: map[string]string{}}
	if o.URL == nil {
		o.URL = &url.URL{Scheme: "https", Host: "portal.example.com"}
	}
	if o.Sessions == nil {
		o.Sessions = p
	}
	own := &page.Section{Name: "pagetest", Routes: []page.Route{{Pattern: "GET " + tokenPath, Run: func(x *page.Exchange) error {
		token, err := x.Token()
		if err != nil {
			return err
		}
		_, err = io.WriteString(x.W, token)
		return err
	}}}}
	o.Sections = append(append(o.Sections, sections...), own)
	site, err := page.New(o)
	if err != nil {
		t.Fatalf("making the portal: %v", err)
	}
	p.Site = site
	return p
}

// Find implements page.Sessions.
func (p *Portal) Find(http.ResponseWriter, *http.Request) page.Found {
	f := page.Found{Visitor: p.Visitor, Unsure: p.Unsure}
	if p.Visitor.SignedIn() {
		f.Secret = []byte("secret of " + p.Visitor.Session)
	}
	return f
}

// As makes v the visitor and returns the portal.
func (p *Portal) As(v page.Visitor) *Portal {
	p.Visitor = v
	return p
}

// Answer is what the portal answered, with the body as it was before compression.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Location is where the answer leads.
func (a *Answer) Location() string { return a.Header.Get("Location") }

// Get asks for a page.
func (p *Portal) Get(path string) *Answer {
	p.t.Helper()
	return p.Do(http.MethodGet, path, nil)
}

// Post sends a form, with the token that it needs.
func (p *Portal) Post(path string, form url.Values) *Answer {
	p.t.Helper()
	sent := url.Values{"csrf": {p.Token()}}
	maps.Copy(sent, form)
	return p.Do(http.MethodPost, path, sent)
}

// Token is a token for the visitor's forms.
func (p *Portal) Token() string {
	p.t.Helper()
	return p.Do(http.MethodGet, tokenPath, nil).Body
}

// Do sends a request, with a form where that is not nil and with nothing added.
// Cookies are kept from one request to the next.
func (p *Portal) Do(method, path string, form url.Values) *Answer {
	p.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(p.t.Context(), method, p.Site.URL(path), body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.Send(r)
}

// Send sends any request.
func (p *Portal) Send(r *http.Request) *Answer {
	p.t.Helper()
	maps.Copy(r.Header, p.Header)
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // It is a request's.
	}
	w := httptest.NewRecorder()
	p.Site.ServeHTTP(w, r)
	result := w.Result()
	defer result.Body.Close()
	for _, c := range result.Cookies() {
		if p.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(p.cookies, c.Name)
		}
	}
	return &Answer{result.StatusCode, result.Header, p.text(result)}
}

func (p *Portal) text(result *http.Response) string {
	p.t.Helper()
	text, err := io.ReadAll(result.Body)
	if err == nil && len(text) > 0 && result.Header.Get("Content-Encoding") == "gzip" {
		var zipped *gzip.Reader
		if zipped, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(zipped)
		}
	}
	if err != nil {
		p.t.Fatalf("reading an answer: %v", err)
	}
	return string(text)
}

// Want fails the test unless the answer has the status and each of the texts.
func (a *Answer) Want(t testing.TB, status int, texts ...string) *Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d; location %q; body:\n%s", a.Status, status, a.Location(), a.Body)
	}
	for _, text := range texts {
		if !strings.Contains(a.Body, text) && !strings.Contains(Readable(a.Body), text) {
			t.Errorf("the page does not have %q:\n%s", text, a.Body)
		}
	}
	return a
}

// unbroken takes away what only says where lines may end. It is never written.
var unbroken = strings.NewReplacer("<wbr>", "", "\u00a0", " ")

// Readable is a page without the marks that only say where its lines may end.
func Readable(body string) string { return unbroken.Replace(body) }

// WantNone fails the test if the answer has one of the texts.
func (a *Answer) WantNone(t testing.TB, texts ...string) *Answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.Body, text) || strings.Contains(Readable(a.Body), text) {
			t.Errorf("the page has %q:\n%s", text, a.Body)
		}
	}
	return a
}

// Cookie is the value of a cookie that the portal has set, "" without one.
func (p *Portal) Cookie(name string) string { return p.cookies[name] }

// SetCookie makes the browser have a cookie.
func (p *Portal) SetCookie(name, value string) { p.cookies[name] = value }

// Context is the test's.
func (p *Portal) Context() context.Context { return p.t.Context() }
