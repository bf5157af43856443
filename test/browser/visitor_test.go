package browser

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/portal/account/proof"
)

// visitor uses the portal without a browser, from an address of its own. What it
// is answered it keeps as the page that it has before it.
type visitor struct {
	tb     testing.TB
	base   string
	client *http.Client
	page   reply
}

// reply is an answer, and how long it took.
type reply struct {
	status   int
	location string
	body     string
	took     time.Duration
	err      error
}

// visitorPatience bounds an answer. The portal's own bound is shorter.
const visitorPatience = 90 * time.Second

// newVisitor is one from the loopback address with that number.
func newVisitor(tb testing.TB, base string, number int) *visitor {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	from := &net.TCPAddr{IP: net.IPv4(127, byte(1+number/60000), byte(number/250), byte(1+number%250))}
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: from}).DialContext, DisableKeepAlives: true}
	tb.Cleanup(transport.CloseIdleConnections)
	return &visitor{tb: tb, base: base, client: &http.Client{
		Jar: jar, Transport: transport, Timeout: visitorPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (v *visitor) send(method, path string, values url.Values) reply {
	began := time.Now()
	var body io.Reader
	if values != nil {
		body = strings.NewReader(values.Encode())
	}
	r, err := http.NewRequestWithContext(context.Background(), method, v.base+path, body)
	if err != nil {
		return reply{err: err}
	}
	if values != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.base)
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.page = reply{err: err, took: time.Since(began)}
		return v.page
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	v.page = reply{answer.StatusCode, answer.Header.Get("Location"), string(text), time.Since(began), err}
	return v.page
}

// get reads a page, which has to be there.
func (v *visitor) get(path string) string {
	v.tb.Helper()
	if got := v.send(http.MethodGet, path, nil); got.err != nil || got.status != http.StatusOK {
		v.tb.Fatalf("GET %s: %d %v\n%s", path, got.status, got.err, got.body)
	}
	return v.page.body
}

var (
	formTags  = regexp.MustCompile(`(?s)<form\b([^>]*)>(.*?)</form>`)
	inputTags = regexp.MustCompile(`(?s)<input\b([^>]*)>|<(textarea|select)\b([^>]*)>(.*?)</(?:textarea|select)>`)
	optionTag = regexp.MustCompile(`(?s)<option\b([^>]*)>`)
)

// attribute is that of a tag.
func attribute(tag, name string) string {
	found := regexp.MustCompile(`\b` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// form reads the form of an action from the page, with what is typed into it; nil
// where there is none. A proof of work is done.
func (v *visitor) form(action string, typed ...string) url.Values {
	v.tb.Helper()
	for _, f := range formTags.FindAllStringSubmatch(v.page.body, -1) {
		if attribute(f[1], "action") != action {
			continue
		}
		values := fields(f[2])
		for i := 0; i+1 < len(typed); i += 2 {
			values.Set(typed[i], typed[i+1])
		}
		if challenge := values.Get("challenge"); challenge != "" {
			values.Set("solution", solution(challenge))
		}
		return values
	}
	return nil
}

// fields are what a form would send as it is.
func fields(text string) url.Values {
	values := url.Values{}
	for _, tag := range inputTags.FindAllStringSubmatch(text, -1) {
		attributes := tag[1] + tag[3]
		name, value := attribute(attributes, "name"), attribute(attributes, "value")
		switch {
		case name == "":
			continue
		case tag[2] == "textarea":
			value = html.UnescapeString(strings.TrimPrefix(tag[4], "\n"))
		case tag[2] == "select":
			for i, option := range optionTag.FindAllStringSubmatch(tag[4], -1) {
				if i == 0 || strings.Contains(option[1], "selected") {
					value = attribute(option[1], "value")
				}
			}
		case attribute(attributes, "type") == "checkbox" && !strings.Contains(attributes, "checked"):
			continue
		}
		values.Add(name, value)
	}
	return values
}

func solution(challenge string) string {
	for i := 0; ; i++ {
		if s := strconv.Itoa(i); proof.Solves(challenge, s) {
			return s
		}
	}
}

// submit opens a page and sends its form, which has to lead somewhere.
func (v *visitor) submit(path, action string, typed ...string) string {
	v.tb.Helper()
	v.get(path)
	values := v.form(action, typed...)
	if values == nil {
		v.tb.Fatalf("%s has no form for %s:\n%s", path, action, v.page.body)
	}
	if got := v.send(http.MethodPost, action, values); got.err != nil || got.status != http.StatusSeeOther {
		v.tb.Fatalf("POST %s: %d %v\n%s", action, got.status, got.err, got.body)
	}
	return v.page.location
}

// member signs a new visitor up, and in.
func (p *portal) member(name string, number int) *visitor {
	p.tb.Helper()
	v := newVisitor(p.tb, p.url, number)
	mail := name + "@example.org"
	v.submit("/signup", "/signup", signUpWith(mail)...)
	v.submit(path(p.post.await(p.tb, mail, "/confirm").link(p.tb, "/confirm"), p.url), "/confirm", "password", journeyPassword)
	v.submit("/signin", "/signin", "email", mail, "password", journeyPassword)
	return v
}

func path(link, base string) string { return strings.TrimPrefix(link, base) }

func signUpWith(mail string) []string {
	return []string{"email", mail, "first", "Ada", "last", "Lovelace", "password", journeyPassword, "again", journeyPassword}
}

// subscribes makes a subscription and returns its path.
func (v *visitor) subscribes(product, name string) string {
	v.tb.Helper()
	v.submit("/subscribe/"+product, "/subscribe/"+product, "name", name, "terms", "on")
	found := regexp.MustCompile(`href="(/subscriptions/[^"/]+)">` + regexp.QuoteMeta(name)).FindStringSubmatch(v.get("/subscriptions"))
	if found == nil {
		v.tb.Fatalf("there is no subscription %s:\n%s", name, v.page.body)
	}
	return found[1]
}

// count is how often a page has a text.
func (v *visitor) count(path, text string) int {
	v.tb.Helper()
	return strings.Count(v.get(path), text)
}

// fits fails the test where a number is another.
func fits(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		tb.Errorf("%s: %v, want %v", what, got, want)
	}
}
