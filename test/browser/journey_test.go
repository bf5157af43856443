package browser

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// unhurried is how long somebody without JavaScript takes for the form at least.
const unhurried = 5 * time.Second

const (
	journeyMail     = "ada@example.org"
	journeyPassword = "a long way to go 7"
)

// signUp makes an account with the form and the link that comes by mail, and
// signs it in.
func (t *tab) signUp(p *portal, mail string) {
	t.tb.Helper()
	t.signUpAs(p, mail, "Ada", "Lovelace")
}

// signUpAs does that under a name.
func (t *tab) signUpAs(p *portal, mail, first, last string) {
	t.tb.Helper()
	t.open(p.url + "/signup")
	t.fill("email", mail)
	t.fill("first", first)
	t.fill("last", last)
	t.fill("password", journeyPassword)
	t.fill("again", journeyPassword)
	t.picture("signup")
	if t.plain {
		t.do(chromedp.Sleep(unhurried)) // So says the page.
	}
	t.follow(`main form[method=post] button[type=submit]`)
	t.sees("mail")
	t.picture("signup-sent")
	t.open(p.post.await(t.tb, mail, "/confirm").link(t.tb, "/confirm"))
	t.fill("password", journeyPassword)
	t.picture("confirm")
	t.follow(`main form[method=post] button[type=submit]`)
	t.signIn(p, mail)
}

// signIn signs in where the visitor is not signed in yet.
func (t *tab) signIn(p *portal, mail string) {
	t.tb.Helper()
	if evaluate[bool](t, `document.querySelector(".account-menu") !== null`) {
		return
	}
	t.open(p.url + "/signin")
	t.picture("signin")
	t.fill("email", mail)
	t.fill("password", journeyPassword)
	t.follow(`main form[method=post] button[type=submit]`)
	t.until("being signed in", `document.querySelector(".account-menu") !== null`)
}

// subscribe asks for a subscription to a product.
func (t *tab) subscribe(p *portal, product, name string) {
	t.tb.Helper()
	t.open(p.url + "/products/" + product)
	t.picture("product")
	t.follow(`main a[href^="/subscribe/"], main form[action^="/subscribe/"] button`)
	t.picture("subscribe")
	t.fill("name", name)
	_ = evaluate[int](t, `[...document.querySelectorAll('main input[type=checkbox]:not(:checked)')].map(box => box.click()).length`)
	t.follow(`main form[method=post] button[type=submit]`)
}

var keyOnPage = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

// shownKey reveals the keys of the only subscription and returns the first.
func (t *tab) shownKey() string {
	t.tb.Helper()
	t.followText("Show the keys")
	text := evaluate[string](t, `document.querySelector("main").innerText + " " + [...document.querySelectorAll("main input")].map(i => i.value).join(" ")`)
	key := keyOnPage.FindString(text)
	if key == "" {
		t.tb.Fatalf("no key is shown:\n%s", t.visible())
	}
	return key
}

// TestJourney goes the way of a visitor from the home page to the closed account.
func TestJourney(tt *testing.T) {
	p := startPortal(tt)
	t := newTab(tt)

	// A visitor finds an API and reads it.
	t.open(p.url + "/")
	t.picture("home")
	t.open(p.url + "/search?q=pet")
	t.sees("Petstore")
	t.picture("search")
	t.open(p.url + "/apis")
	t.picture("apis")
	t.followText("Petstore")
	t.picture("api")
	t.open(p.url + "/apis/echo/operations/retrieve-resource")
	t.picture("operation")

	// It signs up, confirms by mail, and asks for what needs approval.
	t.signUp(p, journeyMail)
	t.subscribe(p, "unlimited", "Analytical engine")
	t.sees("Analytical engine")
	t.picture("subscriptions-submitted")

	// The administrator approves.
	admin := newTab(tt)
	admin.open(p.administratorLink())
	admin.open(p.url + "/admin")
	admin.picture("admin")
	admin.open(p.url + "/admin/approvals")
	admin.sees("Analytical engine")
	admin.picture("admin-approvals")
	admin.followText("Analytical engine")
	admin.picture("admin-approve")
	admin.followText("Approve")
	p.post.await(tt, journeyMail, "Unlimited")

	// It calls the API in the console.
	t.open(p.url + "/subscriptions")
	t.followText("Analytical engine")
	t.picture("subscription")
	key := t.shownKey()
	t.picture("subscriptions-keys")
	if status := p.call("/echo/resource?param1=sample", key); status != http.StatusOK {
		tt.Fatalf("the key from the portal is answered %d", status)
	}
	t.open(p.url + "/console/echo/retrieve-resource")
	t.picture("console")
	t.do(t.clickText("Send"))
	t.sees("200 OK")
	t.picture("console-answer")

	// It sees what it used: the call with the key, and that of the console.
	t.open(p.url + "/usage")
	t.sees("Echo API")
	t.picture("usage")

	// It makes another key, and the old one ends.
	t.open(p.url + "/subscriptions")
	t.followText("Analytical engine")
	t.followText("Renew")
	t.picture("renew")
	t.do(chromedp.SetValue(chromedp.CSS(`select[name="overlap"]`), "none"))
	t.followText("Renew the key")
	if next := t.shownKey(); next == key {
		tt.Error("the key that was renewed is what it was")
	} else if status := p.call("/echo/resource?param1=sample", next); status != http.StatusOK {
		tt.Errorf("the new key is answered %d", status)
	}
	if status := p.call("/echo/resource?param1=sample", key); status != http.StatusUnauthorized {
		tt.Errorf("the old key is answered %d", status)
	}

	// It closes the account.
	t.open(p.url + "/account")
	t.picture("account")
	t.open(p.url + "/account/sessions")
	t.picture("sessions")
	t.open(p.url + "/account/close")
	t.picture("close")
	t.fill("password", journeyPassword)
	t.follow(`main form[method=post] button[type=submit]`)
	t.open(p.url + "/account")
	t.sees("Sign in")
}
