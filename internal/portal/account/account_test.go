package account

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/portal/account/proof"
)

// typed is a sign-up as somebody types it.
func typed(email string) []string {
	return []string{"email", email, "first", "Ann", "last", "Archer", "password", "correct horse", "again", "correct horse"}
}

// TestSignUp signs up, confirms by mail, signs in and out.
func TestSignUp(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	b.submit("/signup", "/signup", typed("ann@example.com")...).want(t, "signing up", 303, "/signup/sent")
	b.get("/signup/sent").says(t, "Check your mail")
	b.last.says(t, "cannot send mail yet")
	l := r.oneLetter("ann@example.com")
	if !strings.HasPrefix(l.link, "/confirm?token=") {
		t.Fatalf("the link is %q in %q", l.link, l.text)
	}
	b.submit("/signin", "/signin", "email", "ann@example.com", "password", "correct horse")
	b.last.want(t, "signing in before that", 422, "")
	b.last.says(t, "not confirmed yet")
	r.emptyOutbox()

	b.get(l.link).says(t, "your account is ready") // Following the link does nothing.
	b.submit("/signin", "/signin", "email", "ann@example.com", "password", "correct horse")
	b.last.says(t, "not confirmed yet")
	// Who made the account and who reads the mail may be two.
	b.submit(l.link, "/confirm", "password", "another horse").want(t, "confirming with another password", 422, "")
	b.last.says(t, "not the one that this account was made with")
	b.submit(l.link, "/confirm", "password", "correct horse").want(t, "confirming", 303, "/signin")
	b.get("/signin").says(t, "Your address is confirmed")
	b.submit("/signin?return=/account/sessions", "/signin", "email", "ANN@example.com", "password", "correct horse").
		want(t, "signing in", 303, "/account/sessions")
	b.get("/account/sessions").says(t, "this one")
	if b.who() == "" {
		t.Error("the visitor is a guest still")
	}
	b.get("/account")
	b.post("/signout", b.fill("/signout")).want(t, "signing out", 303, "/")
	if who := b.who(); who != "" {
		t.Errorf("the visitor is %s still", who)
	}
}

// TestSignUpForm sends what nobody can sign up with.
func TestSignUpForm(t *testing.T) {
	r := newRig(t, nil)
	r.Put("portalsettings/signup", `{"properties":{"enabled":true,"termsOfService":{"enabled":true,"consentRequired":true,"text":"Be <b>kind</b>."}}}`)
	for _, c := range []struct {
		name, field, value, says string
	}{
		{"no address", "email", "", "Enter your e-mail address"},
		{"two addresses", "email", "a@example.com,b@example.com", "Enter an e-mail address"},
		{"address with a name", "email", "Ann <ann@example.com>", "Enter an e-mail address"},
		{"no name", "first", " ", "Enter your first name"},
		{"link in a name", "last", "see https://evil.example", "without addresses"},
		{"line in a name", "first", "Ann\nBcc: x", "without addresses"},
		{"long name", "last", strings.Repeat("n", 101), "no more than 100"},
		{"short password", "password", "short", "at least 8"},
		{"other password", "again", "incorrect horse", "same password twice"},
		{"long password", "password", strings.Repeat("p", 1025), "at most 1,024"},
		{"no consent", "agree", "", "Agree to the terms"},
		{"no work", "solution", "1", "was not completed"},
		{"no challenge", "challenge", "", "is not for it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := r.browser()
			b.address = "198.51.100.1:1"
			b.get("/signup").says(t, "Be &lt;b&gt;kind&lt;/b&gt;.")
			got := b.post("/signup", b.fill("/signup", append(typed("ann@example.com"), "agree", "yes", c.field, c.value)...))
			if got.status == http.StatusTooManyRequests {
				r.restart()
				b.get("/signup")
				got = b.post("/signup", b.fill("/signup", append(typed("ann@example.com"), "agree", "yes", c.field, c.value)...))
			}
			got.want(t, c.name, 422, "")
			got.says(t, c.says)
			if strings.Contains(got.body, "correct horse") {
				t.Error("the page has the password")
			}
		})
	}
	if n := len(r.letters("")); n != 0 {
		t.Errorf("%d letters were written", n)
	}
	b := r.browser()
	b.submit("/signup", "/signup", append(typed("ann@example.com"), "agree", "yes")...).want(t, "signing up", 303, "/signup/sent")
	name := r.Names("users?$filter=email%20eq%20'ann@example.com'")[0]
	if note, _ := resourcestest.At(r.Get("users/"+name), "properties.note").(string); !strings.Contains(note, "Agreed to the terms of use on 2026-01-01") {
		t.Errorf("the note is %q", note)
	}
}

// TestWithoutJavaScript signs up without work, slowly.
func TestWithoutJavaScript(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	b.submit("/signup", "/signup", append(typed("ann@example.com"), "solution", "")...)
	b.last.want(t, "at once", 422, "")
	b.last.says(t, "wait some seconds")
	values := b.fill("/signup", append(typed("ann@example.com"), "solution", "")...)
	r.Clock.Advance(proof.SlowAfter)
	b.post("/signup", values).want(t, "after a while", 303, "/signup/sent")
	r.oneLetter("ann@example.com")
}

// TestClosed shows no form where nobody can sign up, and takes none.
func TestClosed(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	b.get("/signup")
	values := b.fill("/signup", typed("ann@example.com")...)
	r.Put("portalsettings/signup", `{"properties":{"enabled":false}}`)
	b.get("/signup").says(t, "Sign-up is closed")
	b.post("/signup", values).want(t, "signing up", 403, "")
	if strings.Contains(b.get("/signin").body, `href="/signup`) && strings.Contains(b.last.body, "You have no account yet") {
		t.Error("the page of signing in leads to signing up")
	}
}

// TestReset chooses a new password by mail: all sessions end, and no link works
// twice.
func TestReset(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	other, b := r.browser(), r.browser()
	other.signIn("ann@example.com")
	for range 2 {
		b.submit("/reset", "/reset", "email", "ann@example.com").want(t, "asking", 303, "/reset/sent")
	}
	found := r.letters("ann@example.com")
	if len(found) != 2 {
		t.Fatalf("%d letters", len(found))
	}
	set := []string{"password", "battery staple", "again", "battery staple"}
	b.submit(found[0].link, "/reset/password", set...).want(t, "setting", 303, "/signin")
	for _, l := range found { // The other one ended with the change.
		b.submit(l.link, "/reset/password", set...).says(t, "does not work any more")
	}
	r.Clock.Advance(session30) // What the portal knows of a session it believes that long.
	if who := other.who(); who != "" {
		t.Errorf("the session of %s goes on", who)
	}
	b.submit("/signin", "/signin", "email", "ann@example.com", "password", "correct horse").want(t, "the old password", 422, "")
	b.submit("/signin", "/signin", "email", "ann@example.com", "password", "battery staple").want(t, "the new password", 303, "/")
}

// TestInvitation invites somebody, twice, who then sets name and password.
func TestInvitation(t *testing.T) {
	r := newRig(t, nil)
	inviter := NewInviter(r.client(), r.accounts.mail, r.Clock)
	for range 2 {
		err := inviter.Invite(t.Context(), r.client(), "bob", client.User{Email: "bob@example.com", FirstName: "Bob", LastName: "B"})
		if err != nil {
			t.Fatal(err)
		}
	}
	found := r.letters("bob@example.com")
	if len(found) != 2 {
		t.Fatalf("%d letters", len(found))
	}
	b := r.browser()
	b.submit(found[0].link, "/invitation", "first", "Robert", "last", "Baker", "password", "correct horse", "again", "correct horse").
		want(t, "accepting", 303, "/signin")
	b.submit(found[1].link, "/invitation", "first", "R", "last", "B", "password", "battery staple", "again", "battery staple").
		says(t, "does not work any more")
	b.signIn("bob@example.com")
	if name := resourcestest.At(r.Get("users/bob"), "properties.firstName"); name != "Robert" {
		t.Errorf("the name is %v", name)
	}
	if err := inviter.Again(t.Context(), "bob"); err != nil || len(r.letters("bob@example.com")) != 3 { // With the welcome.
		t.Errorf("an active user was invited again: %v", err)
	}
}

// TestProfile changes name, address and password.
func TestProfile(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	b, other := r.browser(), r.browser()
	b.signIn("ann@example.com")
	other.signIn("ann@example.com")
	b.submit("/account", "/account", "first", "Anna", "last", "Archer").want(t, "the name", 303, "/account")
	b.submit("/account", "/account", "first", "", "last", "Archer").want(t, "no name", 422, "")
	b.submit("/account", "/account/email", "email", "anna@example.com").want(t, "the address", 303, "/account")
	l := r.oneLetter("anna@example.com")
	if email := resourcestest.At(r.Get("users/ann"), "properties.email"); email != "ann@example.com" {
		t.Errorf("the address is %v before it was confirmed", email)
	}
	b.submit(l.link, "/confirm").want(t, "confirming", 303, "/signin")
	if email := resourcestest.At(r.Get("users/ann"), "properties.email"); email != "anna@example.com" {
		t.Errorf("the address is %v", email)
	}
	set := []string{"password", "battery staple", "again", "battery staple"}
	b.submit("/account", "/account/password", append(set, "old", "wrong")...).want(t, "a wrong old password", 422, "")
	b.last.says(t, "not your present password")
	b.submit("/account", "/account/password", append(set, "old", "correct horse")...).want(t, "the password", 303, "/account")
	r.Clock.Advance(session30)
	if b.who() != "ann" || other.who() != "" {
		t.Errorf("this session is of %q, the other of %q", b.who(), other.who())
	}
}

// TestSessions lists and ends sessions.
func TestSessions(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	r.user("bob", "bob@example.com")
	browsers := []*browser{r.browser(), r.browser(), r.browser()}
	for _, b := range browsers {
		b.signIn("ann@example.com")
	}
	bob := r.browser()
	bob.signIn("bob@example.com")
	b := browsers[0]
	if n := strings.Count(b.get("/account/sessions").body, `name="session"`); n != 4 { // And "others".
		t.Errorf("%d sessions can be ended", n)
	}
	names := r.Names("users/bob/sallyportSessions")
	values := b.fill("/account/sessions/end", "session", names[0])
	b.post("/account/sessions/end", values).want(t, "ending another's session", 303, "/account/sessions")
	r.Clock.Advance(session30)
	if bob.who() != "bob" {
		t.Error("ann has ended a session of bob")
	}
	b.get("/account/sessions")
	b.post("/account/sessions/end", b.fill("/account/sessions/end", "session", "others")).want(t, "ending others", 303, "/account/sessions")
	r.Clock.Advance(session30)
	if b.who() != "ann" || browsers[1].who() != "" || browsers[2].who() != "" {
		t.Error("not exactly the others have ended")
	}
}

// TestClose closes an account with its subscriptions, and tells who is to know.
func TestClose(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	r.Put("products/p", `{"properties":{"displayName":"P","state":"published"}}`)
	r.Put("subscriptions/s", `{"properties":{"scope":"/products/p","displayName":"My <i>keys</i>","ownerId":"/users/ann","state":"active"}}`)
	r.Put("notifications/AccountClosedPublisher/recipientEmails/boss@example.com", nil)
	b := r.browser()
	b.signIn("ann@example.com")
	b.get("/account/close").says(t, "My &lt;i&gt;keys&lt;/i&gt;")
	b.post("/account/close", b.fill("/account/close", "password", "wrong")).want(t, "a wrong password", 422, "")
	b.post("/account/close", b.fill("/account/close", "password", "correct horse")).want(t, "closing", 303, "/")
	r.Must(http.MethodGet, "users/ann", nil, http.StatusNotFound)
	r.Must(http.MethodGet, "subscriptions/s", nil, http.StatusNotFound)
	if l := r.oneLetter("boss@example.com"); !strings.Contains(l.text, "ann@example.com") {
		t.Errorf("the publisher's letter is %q", l.text)
	}
	r.oneLetter("ann@example.com")
	if who := b.who(); who != "" {
		t.Errorf("the visitor is %s still", who)
	}
}

// TestSigninRequired shows guests nothing but the pages that lead to signing in.
func TestSigninRequired(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	r.Put("portalsettings/signin", `{"properties":{"enabled":true}}`)
	b := r.browser()
	b.get("/").want(t, "home", 303, "/signin?return=%2F")
	for _, path := range []string{"/signin", "/signup", "/reset", "/confirm?token=x", "/invitation?token=x"} {
		if got := b.get(path); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, got.status, got.location)
		}
	}
	b.submit("/signin?return=/", "/signin", "email", "ann@example.com", "password", "correct horse").want(t, "signing in", 303, "/")
	if b.who() != "ann" {
		t.Errorf("the visitor is %q", b.who())
	}
	r.away.Store(true)
	r.restart() // Nothing is known of the settings.
	if got := r.browser().get("/"); got.status != http.StatusSeeOther {
		t.Errorf("while nothing is known: %d", got.status)
	}
}
