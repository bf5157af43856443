package account

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/account/openid"
)

// TestConfirmationGoesToTheAccount sends the form of a sign-up a second time with
// another address: the link that proves the first address must not go there, or
// anybody could have an account with an address that is somebody else's.
func TestConfirmationGoesToTheAccount(t *testing.T) {
	r := newRig(t, nil)
	b := r.browser()
	b.get("/signup")
	once := b.fill("/signup").Get("once")
	b.post("/signup", b.fill("/signup", typed("victim@example.com")...)).want(t, "signing up", http.StatusSeeOther, "/signup/sent")
	r.emptyOutbox()
	b.get("/signup")
	again := b.fill("/signup", typed("mallory@example.com")...)
	again.Set("once", once)
	if got := b.post("/signup", again); got.status != http.StatusUnprocessableEntity {
		t.Errorf("the form with another address: %d %s, want 422", got.status, got.location)
	}
	if letters := r.letters(""); len(letters) > 0 {
		t.Errorf("%s got a link for the account of victim@example.com", letters[0].to)
	}
}

// TestFirstSignInOfAnotherAddress is the same for accounts that begin at a
// provider, and for one that has become its address's owner's meanwhile.
func TestFirstSignInOfAnotherAddress(t *testing.T) {
	r := newRig(t, nil)
	who := openid.Identity{Kind: "openid:corp", ID: "mallory"}
	form := func(email, state string) *client.User {
		return &client.User{
			Email: email, FirstName: "Mallory", LastName: "M", State: state, AppType: client.AppType,
			Identities: []client.UserIdentity{{Provider: who.Kind, ID: who.ID}},
		}
	}
	a, ctx := r.accounts, t.Context()
	if _, err := a.makeFirst(ctx, &who, form("victim@example.com", statePending)); err != nil {
		t.Fatal(err)
	}
	r.emptyOutbox()
	if _, err := a.makeFirst(ctx, &who, form("mallory@example.com", statePending)); err == nil {
		t.Error("the form was taken with another address")
	}
	if letters := r.letters("mallory@example.com"); len(letters) > 0 {
		t.Error("another address got the link of the account")
	}
	// The owner of the address begins anew, and takes the account over.
	r.browser().submit("/signup", "/signup", typed("victim@example.com")...).want(t, "signing up", http.StatusSeeOther, "/signup/sent")
	b, link := r.browser(), r.oneLetter("victim@example.com").link
	b.submit(link, "/invitation", "first", "Vic", "last", "Tim", "password", "correct horse", "again", "correct horse").
		want(t, "accepting", http.StatusSeeOther, "/signin")
	who.Verified = true
	for _, email := range []string{"mallory@example.com", "victim@example.com"} {
		if _, err := a.makeFirst(ctx, &who, form(email, stateActive)); err == nil {
			t.Errorf("an identity that was taken from the account signs in to it again, with %s", email)
		}
	}
}

// TestNewAddressIsToldToTheOld tells the address that an account has of a new one,
// whether that is free or not.
func TestNewAddressIsToldToTheOld(t *testing.T) {
	r := newRig(t, nil)
	r.user("ann", "ann@example.com")
	r.user("bob", "bob@example.com")
	b := r.browser()
	b.signIn("ann@example.com")
	for _, email := range []string{"free@example.com", "bob@example.com"} {
		b.submit("/account", "/account/email", "email", email).want(t, "a new address", http.StatusSeeOther, "/account")
		if l := r.oneLetter("ann@example.com"); !strings.Contains(l.text, email) || strings.Contains(l.text, "token=") {
			t.Errorf("the old address reads: %s", l.text)
		}
		r.emptyOutbox()
	}
}
