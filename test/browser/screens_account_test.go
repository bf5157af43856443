package browser

import (
	"time"

	"github.com/chromedp/chromedp"
)

// missedScreens are of addresses that somebody comes to with what is not good.
var missedScreens = []screen{
	{"provider-callback-bad", "/signin/aad/callback?state=x&code=y", nil}, {"console-callback-bad", "/signin-oauth/code/callback/x?state=x&code=y", nil},
	{"export-bad", "/apis/payments/export/nothing", nil}, {"product-not-found", "/products/nothing", nil}, {"page-not-found", "/pages/nothing", nil},
}

// letterScreens takes pictures of what is behind the links of mails, and of who
// signs in without having followed one.
func (p *portal) letterScreens(guest, user *tab) {
	p.tb.Helper()
	if !chosen("password-new") && !chosen("invitation") && !chosen("confirm-email") && !chosen("signin-pending") {
		return
	}
	guest.open(p.url + "/reset")
	guest.fill("email", "grace@contoso.example")
	guest.follow("main form[method=post] button[type=submit]")
	guest.open(p.post.await(p.tb, "grace@contoso.example", "/reset").link(p.tb, "/reset"))
	guest.picture("password-new")
	unfilled("main form")(guest)
	guest.picture("password-new-empty")

	guest.open(p.post.await(p.tb, "new.colleague@contoso.example", "/invitation").link(p.tb, "/invitation"))
	guest.picture("invitation")

	user.open(p.url + "/account")
	user.fill("email", "grace.hopper@contoso.example")
	user.follow(`main form[action="/account/email"] button[type=submit]`)
	user.picture("account-email-sent")
	user.open(p.post.await(p.tb, "grace.hopper@contoso.example", "/confirm").link(p.tb, "/confirm"))
	user.picture("confirm-email")

	guest.open(p.url + "/signup")
	for name, text := range map[string]string{
		"email": "slow@contoso.example", "first": "Slow", "last": "Reader", "password": journeyPassword, "again": journeyPassword,
	} {
		guest.fill(name, text)
	}
	guest.follow("main form[method=post] button[type=submit]")
	guest.sees("mail")
	guest.open(p.url + "/signin")
	guest.fill("email", "slow@contoso.example")
	guest.fill("password", journeyPassword)
	guest.follow("main form[method=post] button[type=submit]")
	guest.picture("signin-pending")
}

// settle loads a page until a condition holds there: settings reach the portal a
// moment after they were saved.
func (t *tab) settle(address, condition string) {
	t.tb.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); t.do(sleep(lookAgain)) {
		t.status(address)
		if evaluate[bool](t, condition) {
			return
		}
	}
	t.tb.Fatalf("%s: %s does not come true\n%s", address, condition, t.visible())
}

// choose opens a form of the administration, sets its boxes and fields, and saves
// it.
func (t *tab) choose(address string, boxes map[string]bool, fields map[string]string) {
	t.tb.Helper()
	t.open(address)
	for name, on := range boxes {
		state := "false"
		if on {
			state = "true"
		}
		_ = evaluate[bool](t, `document.querySelector("main [name=`+name+`][type=checkbox]").checked = `+state+`, true`)
	}
	for name, text := range fields {
		t.fill(name, text)
	}
	_, err := ask(t, chromedp.Evaluate[bool](`document.querySelector("main form[method=post]").noValidate = true`))
	t.must(err, "leaving checks to the portal")
	t.follow("main form[method=post] button[type=submit]")
}

const manyTerms = "1. Use the APIs lawfully.\n2. Keep your keys secret, and tell us at once when one is lost.\n3. We may limit calls to keep the service up for everybody.\n\n" +
	"These terms are governed by the law of the place where Contoso has its seat."

// settingPictures takes those of pages that settings change: providers of
// identities, terms of use, sign-up by invitation only, and delegation.
func (p *portal) settingPictures(admin, guest, user *tab) {
	p.tb.Helper()
	if !chosen("signin-providers") && !chosen("signup-terms") && !chosen("signup-closed") && !chosen("leaving") && !chosen("admin-provider-on") {
		return
	}
	for _, provider := range []string{"aad", "google", "microsoft"} {
		fields := map[string]string{"clientId": "00000000-0000-0000-0000-000000000001", "clientSecret": "a secret of the provider"}
		if provider == "aad" {
			fields["signinTenant"] = "contoso.example"
		}
		admin.choose(p.url+"/admin/providers/"+provider, nil, fields)
	}
	guest.settle(p.url+"/signin?return=/usage", `document.querySelectorAll(".providers li").length > 2`)
	guest.picture("signin-providers")

	admin.choose(p.url+"/admin/settings/signup", map[string]bool{"enabled": true, "terms": true, "consent": true}, map[string]string{"text": manyTerms})
	guest.settle(p.url+"/signup", `document.querySelector("[name=agree]") !== null`)
	guest.picture("signup-terms")
	_ = evaluate[bool](guest, `document.querySelector("main details").open = true`)
	guest.picture("signup-terms-open")
	unfilled("main form")(guest)
	guest.picture("signup-terms-empty")

	admin.choose(p.url+"/admin/settings/signup", map[string]bool{"enabled": false}, nil)
	guest.settle(p.url+"/signup", `document.querySelector("[name=email]") === null`)
	guest.picture("signup-closed")
	admin.choose(p.url+"/admin/settings/signup", map[string]bool{"enabled": true, "terms": false, "consent": false}, nil)

	admin.choose(p.url+"/admin/settings/delegation", map[string]bool{"registration": true},
		map[string]string{"url": "https://customers.contoso.example/delegation", "validationKey": "YSBrZXkgdGhhdCB0d28gd2Vic2l0ZXMgc2hhcmUsIDQ4IGJ5dGVzIG9mIGl0Li4uLg=="})
	user.status(p.url + "/")
	p.untilDelegated(guest)
	// The page goes on by itself: what it says is shown without that.
	_ = evaluate[bool](user, `(async () => { const f = document.querySelector('form[action="/signout"]');
		const text = await (await fetch("/signout", {method: "POST", body: new URLSearchParams(new FormData(f))})).text();
		document.open(); document.write(text); document.close(); return true })()`)
	user.sees("One moment")
	user.picture("leaving")
	admin.choose(p.url+"/admin/settings/delegation", map[string]bool{"registration": false}, nil)
	user.settle(p.url+"/signin", `document.querySelector("main [name=password]") !== null`)
}

// untilDelegated waits until the portal sends visitors elsewhere to sign in.
func (p *portal) untilDelegated(guest *tab) {
	p.tb.Helper()
	guest.open(p.url + "/apis")
	guest.until("delegation", `fetch("/signin", {redirect: "manual"}).then(r => r.type === "opaqueredirect")`)
}
