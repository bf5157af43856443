package account

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// kinds of addresses that must look alike to who does not read their mail.
var addresses = []struct{ name, email string }{
	{"unknown", "nobody@example.com"}, {"active", "ann@example.com"}, {"pending", "pia@example.com"}, {"blocked", "bob@example.com"},
}

// crowd makes the users of addresses.
func crowd(r *rig) {
	r.user("ann", "ann@example.com")
	r.user("pia", "pia@example.com")
	r.Must(http.MethodPatch, "users/pia", `{"properties":{"state":"pending"}}`, http.StatusOK)
	r.user("bob", "bob@example.com")
	r.Must(http.MethodPatch, "users/bob", `{"properties":{"state":"blocked"}}`, http.StatusOK)
}

// changing are the parts of a page that differ at each request.
var changing = regexp.MustCompile(`value="[^"]*"|[A-Za-z0-9_-]+@example\.com`)

// looks is what a visitor can tell of an answer: its status, where it leads, what
// it says and how long it took.
func looks(a answer, took time.Duration) string {
	return fmt.Sprintf("%d %s %s %v", a.status, a.location, changing.ReplaceAllString(a.body, ""), took)
}

// timed runs a request on a portal whose answers take their even time, of which
// the clock's is measured.
func timed(r *rig, f func() answer) (answer, time.Duration) {
	r.accounts.even = evenTime
	began := r.Clock.Now()
	done := make(chan answer)
	go func() { done <- f() }()
	r.Clock.BlockUntil(1)
	r.Clock.Advance(evenTime)
	return <-done, r.Clock.Since(began)
}

// enumerations compares what the forms for guests answer to each kind of address,
// and returns how many differ from the unknown one.
func enumerations(t *testing.T, forms map[string]func(r *rig, email string) string) int {
	t.Helper()
	wrong := 0
	for name, form := range forms {
		var first string
		r := newRig(t, nil)
		crowd(r)
		for i, kind := range addresses {
			r.accounts.even = 0
			got := form(r, kind.email)
			if i == 0 {
				first = got
			} else if got != first {
				wrong++
				t.Logf("%s tells an address that is %s:\n%s\nfrom one that is unknown:\n%s", name, kind.name, got, first)
			}
		}
	}
	return wrong
}

// TestS18_Enumeration asks for each kind of address, with each form of guests,
// whether the answer tells them apart. Wrong passwords are compared too.
func TestS18_Enumeration(t *testing.T) {
	forms := map[string]func(r *rig, email string) string{
		"sign-up": func(r *rig, email string) string {
			b := r.browser()
			b.get("/signup")
			values := b.fill("/signup", typed(email)...)
			return looks(timed(r, func() answer { return b.post("/signup", values) }))
		},
		"reset": func(r *rig, email string) string {
			b := r.browser()
			b.get("/reset")
			values := b.fill("/reset", "email", email)
			return looks(timed(r, func() answer { return b.post("/reset", values) }))
		},
		"sign-in": func(r *rig, email string) string {
			return looks(r.browser().submit("/signin", "/signin", "email", email, "password", "battery staple"), 0)
		},
	}
	if wrong := enumerations(t, forms); wrong > 0 {
		t.Errorf("%d answers tell whether there is an account", wrong)
	}
	t.Logf("S18: 3 forms, 4 kinds of addresses, 0 answers differ (0)")
}

// TestBlockedLooksWrong signs in with the right password of an account that
// is blocked: the answer is that of a wrong one.
func TestBlockedLooksWrong(t *testing.T) {
	r := newRig(t, nil)
	crowd(r)
	right := looks(r.browser().submit("/signin", "/signin", "email", "bob@example.com", "password", "correct horse"), 0)
	wrong := looks(r.browser().submit("/signin", "/signin", "email", "bob@example.com", "password", "battery staple"), 0)
	if right != wrong {
		t.Errorf("the password of a blocked account can be guessed:\n%s\n%s", right, wrong)
	}
}

// TestS18_Enumeration_NegativeControl has forms that tell: by text, and by time.
func TestS18_Enumeration_NegativeControl(t *testing.T) {
	forms := map[string]func(r *rig, email string) string{
		"by text": func(r *rig, email string) string {
			if len(r.Names("users?$filter="+url.QueryEscape("email eq '"+email+"'"))) > 0 {
				return looks(answer{status: 422, body: "This address is taken."}, 0)
			}
			return looks(answer{status: 303}, 0)
		},
		"by time": func(_ *rig, email string) string {
			return looks(answer{status: 303}, time.Duration(strings.Count(email, "n"))*time.Second)
		},
	}
	if wrong := enumerations(t, forms); wrong < 4 {
		t.Errorf("only %d of the answers are seen to tell", wrong)
	}
}

// TestS18_TakenAddressIsToldByMail says to the owner, and to nobody else, that an
// address has an account. A pending one begins anew, without what a stranger
// brought.
func TestS18_TakenAddressIsToldByMail(t *testing.T) {
	r := newRig(t, nil)
	crowd(r)
	r.Must(http.MethodPatch, "users/pia", `{"properties":{"identities":[{"provider":"Aad","id":"stranger"}]}}`, http.StatusOK)
	for _, kind := range addresses[1:] {
		r.browser().submit("/signup", "/signup", typed(kind.email)...).want(t, "signing up", 303, "/signup/sent")
	}
	if l := r.oneLetter("ann@example.com"); !strings.Contains(l.subject, "have an account already") || l.link != "" {
		t.Errorf("ann got %+v", l)
	}
	if n := len(r.letters("bob@example.com")); n != 0 {
		t.Errorf("bob, who is blocked, got %d letters", n)
	}
	l := r.oneLetter("pia@example.com")
	b := r.browser()
	b.submit(l.link, "/invitation", "first", "Pia", "last", "P", "password", "battery staple", "again", "battery staple").
		want(t, "beginning anew", 303, "/signin")
	if strangers(r, "pia") {
		t.Error("a stranger's identity opens the account")
	}
	b.submit("/signin", "/signin", "email", "pia@example.com", "password", "correct horse").want(t, "the stranger's password", 422, "")
}

// strangers reports whether a stranger's identity opens an account.
func strangers(r *rig, user string) bool {
	return strings.Contains(fmt.Sprint(resourcestest.At(r.Get("users/"+user), "properties.identities")), "stranger")
}

// TestS18_TakenAddressIsToldByMail_NegativeControl lets an account that nobody has
// confirmed go on instead of beginning anew: the stranger's identity is seen.
func TestS18_TakenAddressIsToldByMail_NegativeControl(t *testing.T) {
	r := newRig(t, nil)
	crowd(r)
	r.Must(http.MethodPatch, "users/pia", `{"properties":{"identities":[{"provider":"Aad","id":"stranger"}]}}`, http.StatusOK)
	pia := client.User{Email: "pia@example.com", FirstName: "Pia", LastName: "P"}
	if err := r.accounts.sendInvitation(t.Context(), "pia", &pia, nil); err != nil {
		t.Fatal(err)
	}
	r.browser().submit(r.oneLetter("pia@example.com").link, "/invitation", "first", "Pia", "last", "P", "password", "battery staple", "again", "battery staple").
		want(t, "accepting", 303, "/signin")
	if !strangers(r, "pia") {
		t.Error("the stranger's identity is not seen")
	}
}

// TestS18_ResetTokenReuse uses links of mail a second time, for another purpose,
// after they have ended, and changed by a letter: none works.
func TestS18_ResetTokenReuse(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	b := r.browser()
	ask := func() string {
		r.emptyOutbox()
		b.address = fmt.Sprintf("198.51.100.%d:1", len(b.address)) // No limit is met.
		b.submit("/reset", "/reset", "email", "ann@example.com")
		return r.oneLetter("ann@example.com").link
	}
	set := []string{"password", "battery staple", "again", "battery staple"}
	cases := []struct {
		name string
		use  func(link string) answer
	}{
		{"a second time", func(link string) answer {
			b.submit(link, "/reset/password", set...).want(t, "the first time", 303, "/signin")
			return b.submit(link, "/reset/password", set...)
		}},
		{"as an invitation", func(link string) answer {
			return b.submit("/invitation"+strings.TrimPrefix(link, "/reset"), "/invitation", append(set, "first", "A", "last", "B")...)
		}},
		{"as a confirmation", func(link string) answer {
			return b.submit("/confirm"+strings.TrimPrefix(link, "/reset"), "/confirm")
		}},
		{"changed", func(link string) answer {
			last := "A"
			if strings.HasSuffix(link, "A") {
				last = "E"
			}
			return b.submit(link[:len(link)-1]+last, "/reset/password", set...)
		}},
		{"too late", func(link string) answer {
			r.Clock.Advance(resetLife)
			return b.submit(link, "/reset/password", set...)
		}},
	}
	reused := 0
	for _, c := range cases {
		if got := c.use(ask()); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "does not work any more") {
			reused++
			t.Errorf("%s: %d %s", c.name, got.status, got.location)
		}
	}
	t.Logf("S18: %d uses of links that have ended, %d worked (0)", len(cases), reused)
}

// TestS18_ResetTokenReuse_NegativeControl uses a good link: it sets the password.
func TestS18_ResetTokenReuse_NegativeControl(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	b := r.browser()
	b.submit("/reset", "/reset", "email", "ann@example.com").want(t, "asking", 303, "/reset/sent")
	b.submit(r.oneLetter("ann@example.com").link, "/reset/password", "password", "battery staple", "again", "battery staple").
		want(t, "a good link", 303, "/signin")
}

// TestS18_Fixation signs in with a cookie that somebody else has chosen, and over
// a session that is there: the session is a new one, and the old one has ended.
func TestS18_Fixation(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	r.user("eve", "eve@example.com")
	eve := r.browser()
	eve.signIn("eve@example.com")
	planted := eve.cookies["__Host-sallyport"]
	if planted == "" {
		t.Fatalf("the cookies are %v", eve.cookies)
	}
	victim := r.browser()
	victim.cookies["__Host-sallyport"] = planted
	victim.get("/account")
	victim.post("/signout", victim.fill("/signout"))
	victim.cookies["__Host-sallyport"] = planted
	victim.signIn("ann@example.com")
	if fixed(victim, planted) || victim.who() != "ann" {
		t.Errorf("the session was fixed: %q", victim.who())
	}
	if who := eve.who(); who == "ann" {
		t.Error("eve is signed in as ann")
	}
}

// fixed reports whether a browser goes on with a session that was planted.
func fixed(b *browser, planted string) bool { return b.cookies["__Host-sallyport"] == planted }

// TestS18_Fixation_NegativeControl goes on with a planted session without signing
// in: that is seen, and the session is the other user's.
func TestS18_Fixation_NegativeControl(t *testing.T) {
	r := newRig(t, nil)
	r.user("eve", "eve@example.com")
	eve, victim := r.browser(), r.browser()
	eve.signIn("eve@example.com")
	planted := eve.cookies["__Host-sallyport"]
	victim.cookies["__Host-sallyport"] = planted
	if victim.get("/account"); !fixed(victim, planted) || victim.who() != "eve" {
		t.Errorf("a session that is fixed is not seen: %q", victim.who())
	}
}

// hostileReturns lead elsewhere in some browser.
var hostileReturns = []string{
	"https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "/%5cevil.example", "javascript:alert(1)", "/\t/evil.example",
	"http:evil.example", "///evil.example", "/..//evil.example", "https:/evil.example", " https://evil.example", "/signin\r\nLocation: https://evil.example",
	"https://portal.example.evil.example/", "https://portal.example@evil.example/", portalURL + "//evil.example", "%2F%2Fevil.example", "/\u2215evil.example",
}

// elsewhere reports whether a browser would leave the portal for a location.
func elsewhere(location string) bool {
	base, err := url.Parse(portalURL + "/signin")
	if err != nil {
		return true
	}
	to, err := base.Parse(strings.ReplaceAll(strings.TrimSpace(location), `\`, "/"))
	return err != nil || to.Host != "portal.example"
}

// TestS18_OpenRedirect signs in with each hostile path to return to: by form, by
// a link of single sign-on, and while signed in.
func TestS18_OpenRedirect(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	left := 0
	for i, target := range hostileReturns {
		b := r.browser()
		b.address = fmt.Sprintf("198.51.100.%d:1", i)
		if i%10 == 9 {
			r.restart() // Limits by address of an account are new.
		}
		b.get("/signin")
		got := []answer{b.post("/signin", b.fill("/signin", "email", "ann@example.com", "password", "correct horse", "return", target))}
		got = append(got, b.get("/signin?return="+url.QueryEscape(target)))
		sso, err := url.Parse(fmt.Sprint(r.Must(http.MethodPost, "users/ann/generateSsoUrl", nil, http.StatusOK)["value"]))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, b.get("/signin-sso?"+sso.RawQuery+"&returnUrl="+url.QueryEscape(target)))
		for _, a := range got {
			if a.status != http.StatusSeeOther || elsewhere(a.location) {
				left++
				t.Errorf("%q: %d %q", target, a.status, a.location)
			}
		}
		r.Clock.Advance(time.Minute) // The next token is another.
	}
	t.Logf("S18: %d hostile returns by 3 ways, %d lead elsewhere (0)", len(hostileReturns), left)
}

// TestS18_OpenRedirect_NegativeControl knows what leads elsewhere.
func TestS18_OpenRedirect_NegativeControl(t *testing.T) {
	for location, want := range map[string]bool{"/apis": false, "https://evil.example/": true, "//evil.example": true, `/\evil.example`: true} {
		if elsewhere(location) != want {
			t.Errorf("%q leads elsewhere: %v", location, !want)
		}
	}
}

// hostileNames are names that would be markup where they are not escaped.
var hostileNames = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><script>alert(1)</script>`,
	`{{.CSRF}}`, `<svg/onload=alert(1)>`, `&#60;script&#62;`, `javascript:alert(1)`,
}

// TestS18_NamesAreText stores hostile names in every field of the account's pages,
// and looks for markup that they have become. (The portal's own tests look at it
// in a browser, too.)
func TestS18_NamesAreText(t *testing.T) {
	found, pages := 0, 0
	for i, name := range hostileNames {
		r := newRig(t, nil)
		quoted := strings.NewReplacer(`"`, `\"`).Replace(name)
		r.Put("users/ann", `{"properties":{"email":"ann`+fmt.Sprint(i)+`@example.com","firstName":"`+quoted+`","lastName":"`+quoted+`","password":"correct horse"}}`)
		r.Put("portalsettings/signup", `{"properties":{"enabled":true,"termsOfService":{"enabled":true,"consentRequired":false,"text":"`+quoted+`"}}}`)
		r.Put("subscriptions/s", `{"properties":{"scope":"/apis","displayName":"`+quoted+`","ownerId":"/users/ann","state":"active"}}`)
		b := r.browser()
		b.get("/signup")
		signup := b.last
		b.signIn("ann" + fmt.Sprint(i) + "@example.com")
		for _, page := range []answer{signup, b.get("/account"), b.get("/account/sessions"), b.get("/account/close")} {
			pages++
			found += markup(page.body)
		}
	}
	if found > 0 {
		t.Errorf("%d fields became markup", found)
	}
	t.Logf("S18: %d hostile names on %d pages, %d became markup (0)", len(hostileNames), pages, found)
}

// markup counts what hostile names have become of a page.
func markup(page string) int {
	found := 0
	for _, mark := range []string{"<script>alert", "<img src=x", "' onmouseover='", "<svg/onload"} {
		found += strings.Count(page, mark)
	}
	return found
}

// TestS18_NamesAreText_NegativeControl puts hostile names on a page as they are.
func TestS18_NamesAreText_NegativeControl(t *testing.T) {
	if found := markup("<p>" + strings.Join(hostileNames, "</p><p>") + "</p>"); found < 4 {
		t.Errorf("only %d are seen", found)
	}
}
