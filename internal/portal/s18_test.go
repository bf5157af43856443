package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/portal/page"
)

// forged says that an answer refuses a form which is not the visitor's, or comes
// from elsewhere.
func forged(status int, body string) bool {
	return status == http.StatusForbidden &&
		(strings.Contains(body, "does not belong to your present session") || strings.Contains(body, "comes from another site"))
}

// attack is a way to send a form that the visitor did not send.
type attack struct {
	name   string
	token  func(good string) string
	header []string
}

// TestS18_ForgedForms sends each form of the portal in each way in which another
// site could make a browser send it.
func TestS18_ForgedForms(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other := map[string]string{}
	visitors := map[page.Access]*visitor{
		page.Anyone: r.sessionOf("", "a"), page.SignedIn: r.sessionOf("ann", "a"), page.Administrator: r.sessionOf("1", "a"),
	}
	others := map[page.Access]*visitor{
		page.Anyone: r.sessionOf("", "b"), page.SignedIn: r.sessionOf("ann", "b"), page.Administrator: r.sessionOf("1", "b"),
	}
	keep := func(string) string { return "" }
	cases, through := 0, 0
	for _, route := range r.portal.Routes() {
		if route.Method == http.MethodGet {
			continue
		}
		v := visitors[route.Needs]
		good := v.token()
		if other[route.Needs.String()] == "" {
			other[route.Needs.String()] = others[route.Needs].token()
		}
		same := func(token string) string { return token }
		attacks := []attack{
			{"without a token", keep, nil},
			{"with a wrong one", func(token string) string { return token[:len(token)-4] + "AAAA" }, nil},
			{"with another session's", func(string) string { return other[route.Needs.String()] }, nil},
			{"with a guest's", func(string) string { return r.sessionOf("", "c").token() }, nil},
			{"from a foreign origin", same, []string{"Origin", "https://evil.example"}},
			{"from no origin", same, []string{"Origin", "null"}},
			{"from the origin in clear text", same, []string{"Origin", "http://portal.example.com"}},
			{"from a sibling", same, []string{"Sec-Fetch-Site", "same-site"}},
			{"from another site", same, []string{"Sec-Fetch-Site", "cross-site"}},
		}
		for _, a := range attacks {
			cases++
			header := a.header
			form := url.Values{"csrf": {a.token(good)}}
			if route.Streams {
				header = append([]string{"X-CSRF-Token", a.token(good)}, a.header...)
			}
			if w := v.do(route.Method, example(route.Path), form, header...); !forged(w.Code, w.Body.String()) {
				through++
				t.Errorf("%s %s %s: %d", route.Method, route.Path, a.name, w.Code)
			}
		}
	}
	if cases < 50 {
		t.Errorf("only %d cases", cases)
	}
	t.Logf("S18: %d forged forms, %d were taken (0)", cases, through)
}

// TestS18_ForgedForms_NegativeControl sends each form as its page does: none is
// refused as forged.
func TestS18_ForgedForms_NegativeControl(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, route := range r.portal.Routes() {
		if route.Method == http.MethodGet {
			continue
		}
		user := map[page.Access]string{page.SignedIn: "ann", page.Administrator: "1"}[route.Needs]
		v := r.sessionOf(user, "n")
		good := v.token()
		w := v.do(route.Method, example(route.Path), url.Values{"csrf": {good}}, "X-CSRF-Token", good,
			"Origin", "https://portal.example.com", "Sec-Fetch-Site", "same-origin")
		if forged(w.Code, w.Body.String()) {
			t.Errorf("%s %s refuses its own form", route.Method, route.Path)
		}
	}
}

// TestS18_RestartInTheMiddleOfAForm opens a form at one process and sends it to
// the next, over the same store.
func TestS18_RestartInTheMiddleOfAForm(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, user := range []string{"", "ann", "1"} {
		v := r.sessionOf(user, "r")
		open := v.token()
		r.start()
		w := v.do(http.MethodPost, "/signout", url.Values{"csrf": {open}})
		if w.Code == http.StatusForbidden {
			t.Errorf("the form of %q was refused after a restart", user)
		}
	}
	t.Log("S18: 3 forms open during a restart, 0 were refused (0)")
}

// TestS18_RestartInTheMiddleOfAForm_NegativeControl sends a form of another
// session after a restart.
func TestS18_RestartInTheMiddleOfAForm_NegativeControl(t *testing.T) {
	r := newRig(t)
	v, other := r.sessionOf("ann", "r"), r.sessionOf("ann", "s")
	open := other.token()
	r.start()
	if w := v.do(http.MethodPost, "/signout", url.Values{"csrf": {open}}); !forged(w.Code, w.Body.String()) {
		t.Errorf("a form of another session was answered %d", w.Code)
	}
}
