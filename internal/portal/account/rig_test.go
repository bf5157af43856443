package account

import (
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/portal/account/proof"
	"github.com/sallyport/sallyport/internal/portal/mail"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
	"github.com/sallyport/sallyport/internal/portal/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// portalURL is where the portals of the tests are.
const portalURL = "https://portal.example"

// rig is a portal of accounts alone, over a management API that may be away.
type rig struct {
	*resourcestest.Server
	t        *testing.T
	away     atomic.Bool
	before   func(*http.Request) error
	change   func(*Options)
	accounts *accounts
	site     *page.Site
}

// RoundTrip calls the management API's handler.
func (r *rig) RoundTrip(q *http.Request) (*http.Response, error) {
	if r.away.Load() {
		return nil, errors.New("connection refused")
	}
	if r.before != nil {
		if err := r.before(q); err != nil {
			return nil, err
		}
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w.Result(), nil
}

func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{Server: resourcestest.New(t, nil), t: t, change: change}
	r.restart()
	return r
}

// restart makes the portal anew: it has forgotten whatever it knew.
func (r *rig) restart() {
	r.t.Helper()
	c := r.client()
	u, err := url.Parse(portalURL)
	if err != nil {
		r.t.Fatal(err)
	}
	manager := session.New(session.Options{Client: c, Secure: true, Clock: r.Clock})
	o := Options{
		Client: c, Sessions: manager, Clock: r.Clock,
		Mail: mail.New(mail.Options{Client: c, Clock: r.Clock, PortalURL: portalURL}),
	}
	if r.change != nil {
		r.change(&o)
	}
	r.accounts = newAccounts(o)
	r.accounts.even = 0 // The clock stands still.
	r.refresh()
	home := &page.Section{Name: "home", Routes: []page.Route{
		{Pattern: "GET /{$}", Run: func(x *page.Exchange) error {
			_, err := x.W.Write([]byte("home of " + x.Visitor.User))
			return err
		}},
	}}
	r.site, err = page.New(page.Options{URL: u, Client: c, Sessions: manager, Sections: []*page.Section{r.accounts.section(), home}, Clock: r.Clock,
		Closed: r.accounts.settings.SigninRequired,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(r.accounts.relying.CloseIdle)
}

// refresh lets the settings be what the service has, as Run would a moment later.
func (r *rig) refresh() {
	r.t.Helper()
	if r.away.Load() {
		return
	}
	before := r.before
	r.before = nil
	defer func() { r.before = before }()
	if err := r.accounts.settings.read(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) client() *client.Client {
	r.t.Helper()
	c, err := client.New(client.Options{Service: resourcestest.Service, Transport: r})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// user puts an active user with the password "correct horse".
func (r *rig) user(name, email string) {
	r.t.Helper()
	r.Put("users/"+name, `{"properties":{"email":"`+email+`","firstName":"Ann","lastName":"Archer","password":"correct horse"}}`)
}

// letter is a message of the outbox.
type letter struct{ to, subject, text, html, link string }

var linkIn = regexp.MustCompile(`https://portal\.example(/[^\s<>]*\?[^\s<>]*)`)

// letters are the messages for an address, in no order.
func (r *rig) letters(to string) []letter {
	r.t.Helper()
	c := r.client()
	all, err := client.All[client.Mail](r.t.Context(), c, "sallyportMail")
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortStableFunc(all, func(a, b client.Resource[client.Mail]) int {
		return a.Properties.Created.Compare(b.Properties.Created)
	})
	var found []letter
	for _, m := range all {
		bodies, err := client.Post[client.MailBodies](r.t.Context(), c, client.Path("sallyportMail", m.Name, "listSecrets"), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		l := letter{to: m.Properties.To, subject: m.Properties.Subject, text: bodies.Text, html: bodies.HTML}
		if link := linkIn.FindStringSubmatch(bodies.Text); link != nil {
			l.link = link[1]
		}
		if to == "" || l.to == to {
			found = append(found, l)
		}
	}
	return found
}

// oneLetter is the only message for an address.
func (r *rig) oneLetter(to string) letter {
	r.t.Helper()
	found := r.letters(to)
	if len(found) != 1 {
		r.t.Fatalf("%s got %d letters: %+v", to, len(found), found)
	}
	return found[0]
}

// emptyOutbox takes all messages out.
func (r *rig) emptyOutbox() {
	r.t.Helper()
	for _, name := range r.Names("sallyportMail") {
		r.Must(http.MethodDelete, "sallyportMail/"+name, nil, http.StatusOK, http.StatusNoContent)
	}
}

// browser sends requests as a browser would, from an address of its own.
type browser struct {
	r       *rig
	cookies map[string]string
	address string
	// last is the page that was got last.
	last answer
}

type answer struct {
	status   int
	body     string
	location string
	header   http.Header
}

func (r *rig) browser() *browser {
	return &browser{r: r, cookies: map[string]string{}, address: "192.0.2.10:5000"}
}

func (b *browser) send(q *http.Request) answer {
	b.r.t.Helper()
	b.r.refresh()
	q.RemoteAddr = b.address
	for name, value := range b.cookies {
		q.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.r.site.ServeHTTP(w, q)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c.Value
	}
	b.last = answer{w.Code, w.Body.String(), w.Header().Get("Location"), w.Header()}
	return b.last
}

func (b *browser) get(path string) answer {
	b.r.t.Helper()
	return b.send(httptest.NewRequestWithContext(b.r.t.Context(), http.MethodGet, portalURL+path, nil))
}

var (
	formOf = func(action string) *regexp.Regexp {
		return regexp.MustCompile(`(?s)<form method="post" action="` + regexp.QuoteMeta(action) + `".*?</form>`)
	}
	hiddenIn = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
)

// fill reads the hidden fields of a form of the last page and adds what is typed.
// The proof of work is done.
func (b *browser) fill(action string, typed ...string) url.Values {
	b.r.t.Helper()
	form := formOf(action).FindString(b.last.body)
	if form == "" {
		b.r.t.Fatalf("the page (%d) has no form for %s:\n%s", b.last.status, action, b.last.body)
	}
	values := url.Values{}
	for _, h := range hiddenIn.FindAllStringSubmatch(form, -1) {
		values.Set(h[1], html.UnescapeString(h[2]))
	}
	if challenge := values.Get("challenge"); challenge != "" {
		values.Set("solution", solve(b.r.t, challenge))
	}
	for i := 0; i+1 < len(typed); i += 2 {
		values.Set(typed[i], typed[i+1])
	}
	return values
}

func (b *browser) post(action string, values url.Values) answer {
	b.r.t.Helper()
	q := httptest.NewRequestWithContext(b.r.t.Context(), http.MethodPost, portalURL+action, strings.NewReader(values.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Origin", portalURL)
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(q)
}

// submit gets a page, fills in its form and sends it.
func (b *browser) submit(path, action string, typed ...string) answer {
	b.r.t.Helper()
	if got := b.get(path); got.status != http.StatusOK {
		b.r.t.Fatalf("GET %s: %d %s\n%s", path, got.status, got.location, got.body)
	}
	return b.post(action, b.fill(action, typed...))
}

// signIn signs in with the password of user.
func (b *browser) signIn(email string) {
	b.r.t.Helper()
	if got := b.submit("/signin", "/signin", "email", email, "password", "correct horse"); got.status != http.StatusSeeOther {
		b.r.t.Fatalf("signing in: %d\n%s", got.status, got.body)
	}
}

// who is the user that the portal takes the browser for.
func (b *browser) who() string {
	b.r.t.Helper()
	return strings.TrimPrefix(b.get("/").body, "home of ")
}

func solve(t *testing.T, challenge string) string {
	t.Helper()
	for i := range 1 << (proof.Difficulty + 6) {
		if s := strconv.Itoa(i); proof.Solves(challenge, s) {
			return s
		}
	}
	t.Fatal("no solution")
	return ""
}

// want fails the test where an answer has another status or leads elsewhere.
func (a answer) want(t *testing.T, what string, status int, location string) {
	t.Helper()
	if a.status != status || a.location != location {
		t.Fatalf("%s: %d %q, want %d %q\n%s", what, a.status, a.location, status, location, a.body)
	}
}

// says fails the test where the page lacks a text.
func (a answer) says(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(a.body, text) && !strings.Contains(pagetest.Readable(a.body), text) {
		t.Errorf("the page (%d) does not say %q:\n%s", a.status, text, a.body)
	}
}
