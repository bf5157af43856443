package browser

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// screen is a page, or a state of one, of which pictures are taken.
type screen struct {
	name, path string
	// act brings the page into the state; nil where it is there at once.
	act func(t *tab)
}

var guestScreens = []screen{
	{"home", "/", nil}, {"page", "/pages/guide", nil}, {"apis", "/apis", nil}, {"apis-last", "/apis?page=3", nil}, {"apis-none", "/apis?q=nothing", nil},
	{"search-begin", "/search", nil}, {"search", "/search?q=payment", nil}, {"search-none", "/search?q=xyzzy", nil},
	{"suggestions", "/apis", func(t *tab) {
		if evaluate[bool](t, `document.querySelector("#top-q").checkVisibility()`) {
			t.do(chromedp.SendKeys(chromedp.CSS("#top-q"), "pay"), sleep(quietNetwork))
		}
	}},
	{"menu-phone", "/apis", openMenu},
	{"api", "/apis/payments", nil}, {"api-long", "/apis/" + unbroken, nil}, {"api-empty", "/apis/archive", nil},
	{"api-websocket", "/apis/chat", nil}, {"changes", "/apis/payments/changes", nil}, {"changes-none", "/apis/archive/changes", nil},
	{"reference", "/apis/payments/operations", nil}, {"reference-none", "/apis/payments/operations?q=xyzzy", nil},
	{"reference-empty", "/apis/archive/operations", nil}, {"reference-long", "/apis/" + unbroken + "/operations", nil}, {"reference-websocket", "/apis/chat/operations", nil},
	{"operation", "/apis/payments/operations/createpayment", nil}, {"operation-get", "/apis/payments/operations/getpayment", nil},
	{"operation-open", "/apis/payments/operations/createpayment", func(t *tab) {
		_ = evaluate[bool](t, `document.querySelectorAll("main details").forEach(d => { d.open = true }), true`)
	}},
	{"operation-deprecated", "/apis/payments/operations/cancelpayment", nil}, {"operation-long", "/apis/payments/operations/patchlong", nil},
	{"schemas", "/apis/payments/schemas", nil}, {"schema", "/apis/payments/schemas/Payment", nil}, {"schema-recursive", "/apis/payments/schemas/Customer", nil},
	{"products", "/products", nil}, {"product-guest", "/products/enterprise", nil}, {"product-long", "/products/" + unbroken, nil}, {"product-empty", "/products/empty", nil},
	{"console-guest", "/console/payments/createpayment", nil}, {"console-long", "/console/payments/patchlong", nil},
	{"signin", "/signin?return=/usage", nil}, {"signin-empty", "/signin", unfilled("main form")},
	{"signin-wrong", "/signin", func(t *tab) {
		t.fill("email", "nobody@contoso.example")
		t.fill("password", "wrong wrong wrong")
		t.follow("main form button[type=submit]")
	}},
	{"signup", "/signup", nil}, {"signup-empty", "/signup", unfilled("main form")}, {"reset", "/reset", nil}, {"reset-sent", "/reset/sent", nil},
	{"confirm-bad", "/confirm?token=x", nil}, {"invitation-bad", "/invitation?token=x", nil}, {"signon-bad", "/signin-sso?token=x", nil}, {"provider-first", "/signup/provider", nil},
	{"not-found", missingPage, nil}, {"api-not-found", "/apis/nothing", nil},
}

// openMenu has the menu opened where it is behind a button: it closes when the
// window gets wide.
func openMenu(t *tab) {
	_ = evaluate[bool](t, `window.beforePicture = () => { const menu = document.querySelector("#menu");
		if (getComputedStyle(document.querySelector(".menu-button")).display !== "none" && !menu.matches(":popover-open")) menu.showPopover() }, true`)
}

// unfilled sends a form with nothing in it, past the browser's own checks.
func unfilled(selector string) func(*tab) {
	return func(t *tab) {
		_ = evaluate[int](t, `(() => { const all = document.querySelectorAll(`+quote(selector+`[method=post]`)+`);
			all.forEach(f => { f.noValidate = true; f.querySelectorAll("input:not([type=hidden]), textarea").forEach(i => { i.value = "" }) }); return all.length })()`)
		t.follow(selector + "[method=post] button[type=submit]")
	}
}

var newcomerScreens = []screen{
	{"home-user", "/", nil}, {"subscriptions-none", "/subscriptions", nil}, {"usage-none", "/usage", nil}, {"account", "/account", nil}, {"close-nothing", "/account/close", nil},
	{"product", "/products/enterprise", nil}, {"subscribe-terms", "/subscribe/enterprise", nil}, {"subscribe-empty", "/subscribe/enterprise", unfilled("main form")},
	{"subscribe", "/subscribe/starter", nil}, {"console-no-key", "/console/echo/retrieve-resource", nil}, {"forbidden", "/admin", nil},
	{"account-empty", "/account", unfilled(`main form[action="/account"]`)}, {"password-empty", "/account/password", nil},
	{"menu-account", "/", func(t *tab) {
		_ = evaluate[bool](t, `document.querySelector(".account-menu").open = true`)
		openMenu(t)
	}},
}

var userScreens = []screen{
	{"subscriptions", "/subscriptions", nil}, {"product-subscribed", "/products/starter", nil}, {"api-subscribed", "/apis/echo", nil}, {"subscribe-again", "/subscribe/starter", nil},
	{"usage", "/usage", nil}, {"usage-day", "/usage?period=24h", nil}, {"sessions", "/account/sessions", nil}, {"close", "/account/close", nil}, {"close-wrong", "/account/close", unfilled("main form")},
	{"console", "/console/payments/createpayment", nil}, {"console-form", "/console/petstore/addpet", nil},
	{"console-answer", "/console/echo/retrieve-resource", func(t *tab) {
		t.do(t.clickText("Send"))
		t.sees("200 OK")
	}},
	{"console-failed", "/console/payments/getpayment", func(t *tab) {
		t.do(t.clickText("Send"), sleep(4*quietNetwork))
	}},
	{"console-code", "/apis/echo/operations/create-resource", nil},
}

var adminScreens = []screen{
	{"api-admin", "/apis/payments", nil}, {"api-revision", "/apis/payments?rev=2", nil}, {"reference-revision", "/apis/payments/operations?rev=2", nil},
	{"admin", "/admin", nil}, {"admin-content", "/admin/content", nil}, {"admin-content-new", "/admin/content/new", nil}, {"admin-content-new-empty", "/admin/content/new", unfilled("main form")},
	{"admin-content-edit", "/admin/content/pages/guide", nil}, {"admin-content-delete", "/admin/content/pages/guide/delete", nil}, {"admin-preview", "/admin/content/preview/guide", nil},
	{"admin-navigation", "/admin/navigation", nil}, {"admin-look", "/admin/look", nil},
	{"admin-look-bad", "/admin/look", func(t *tab) {
		t.fill("light-accent", "#ffee88")
		t.fill("dark-text", "#303030")
		// The button is far below, and the page scrolls there slowly.
		_ = evaluate[bool](t, `document.querySelector("main form[method=post] button[type=submit]").click(), true`)
		t.sees("too low as well")
	}},
	{"admin-media", "/admin/media", nil}, {"admin-publish", "/admin/publish", nil}, {"admin-history", "/admin/history", nil},
	{"admin-approvals", "/admin/approvals", nil}, {"admin-approval", "/admin/approvals/s2", nil}, {"admin-users", "/admin/users", nil}, {"admin-users-none", "/admin/users?q=xyzzy", nil},
	{"admin-user", "/admin/users/u01", nil}, {"admin-user-long", "/admin/users/long", nil}, {"admin-user-sessions", "/admin/users/u01/sessions", nil}, {"admin-user-delete", "/admin/users/u01/delete", nil},
	{"admin-invite", "/admin/users/invite", nil}, {"admin-invite-empty", "/admin/users/invite", unfilled("main form")},
	{"admin-invited", "/admin/users/invite", func(t *tab) {
		t.fill("email", "new.colleague@contoso.example")
		t.fill("firstName", "New")
		t.fill("lastName", "Colleague")
		t.follow("main form[method=post] button[type=submit]")
	}},
	{"admin-groups", "/admin/groups", nil}, {"admin-group-new", "/admin/groups/new", nil}, {"admin-group", "/admin/groups/partners", nil}, {"admin-group-built-in", "/admin/groups/developers", nil}, {"admin-group-delete", "/admin/groups/partners/delete", nil},
	{"admin-subscriptions", "/admin/subscriptions", nil}, {"admin-subscription", "/admin/subscriptions/s0", nil}, {"admin-subscription-long", "/admin/subscriptions/s1", nil}, {"admin-subscription-cancel", "/admin/subscriptions/s0/cancel", nil},
	{"admin-settings", "/admin/settings", nil}, {"admin-setting-signup", "/admin/settings/signup", nil}, {"admin-setting-signin", "/admin/settings/signin", nil}, {"admin-setting-delegation", "/admin/settings/delegation", nil},
	{"admin-providers", "/admin/providers", nil}, {"admin-provider", "/admin/providers/aad", nil}, {"admin-provider-empty", "/admin/providers/aad", unfilled("main form")},
	{"admin-templates", "/admin/templates", nil}, {"admin-template", "/admin/templates/confirmSignUpIdentityDefault", nil},
	{"admin-notifications", "/admin/notifications", nil}, {"admin-notification", "/admin/notifications/BCC", nil}, {"admin-notification-empty", "/admin/notifications/BCC", unfilled(`main form[action$="/BCC"]`)},
	{"admin-outbox", "/admin/outbox", nil}, {"admin-usage", "/admin/usage", nil}, {"admin-not-found", "/admin/users/nobody", nil},
}

// lastScreens are those after which nothing is answered for a while.
var lastScreens = []screen{
	{"too-many", "/signin", func(t *tab) {
		t.fill("email", "robot@contoso.example")
		t.fill("password", "wrong wrong wrong")
		_ = evaluate[int](t, `(async () => { const f = document.querySelector("main form[method=post]"); let s = 0;
			for (let n = 0; n < 40 && s !== 429; n++) s = (await fetch(f.action, {method: "POST", body: new URLSearchParams(new FormData(f))})).status; return s })()`)
		t.follow("main form button[type=submit]")
	}},
}

// TestScreens takes pictures of every page and of its states, where a folder for
// them is given, for people to look at.
func TestScreens(tt *testing.T) {
	if *screens == "" {
		tt.Skip("pictures are taken where -screens names a folder for them")
	}
	p := startPortal(tt)
	p.apply(screenFiles(tt), "--visitors")
	guest, admin := newTab(tt), newTab(tt)
	guest.pictures(p, guestScreens)
	guest.pictures(p, missedScreens)
	user := newTab(tt)
	user.signUpAs(p, "grace@contoso.example", "Grace", "Hopper")
	user.pictures(p, newcomerScreens)
	admin.open(p.administratorLink())
	user.pictures(p, p.belongings(user))
	user.pictures(p, userScreens)
	admin.pictures(p, adminScreens)
	p.letterScreens(guest, user)
	p.administered(admin)
	p.settingPictures(admin, guest, user)
	admin.pictures(p, providerScreens)
	p.letterPictures(guest)
	guest.pictures(p, lastScreens)
	p.awayPictures(user)
}

// belongings subscribes a user and calls with its key, and returns the pages of
// what it has got.
func (p *portal) belongings(user *tab) []screen {
	p.tb.Helper()
	user.subscribe(p, "starter", "Compiler")
	user.picture("subscribed")
	own := "/subscriptions/" + evaluate[string](user, `location.pathname.split("/")[2]`)
	key := user.shownKey()
	user.picture("subscription-keys")
	for _, path := range []string{"/echo/resource?param1=sample", "/echo/nothing"} {
		_ = p.call(path, key) // Answers of every kind are wanted.
	}
	user.subscribe(p, "enterprise", unbroken)
	waiting := "/subscriptions/" + evaluate[string](user, `location.pathname.split("/")[2]`)
	return []screen{
		{"subscription", own, nil}, {"subscription-waiting", waiting, nil}, {"subscription-cancel", own + "/cancel", nil}, {"subscription-renew", own + "/renew?key=primary", nil},
		{"subscription-rename-empty", own, unfilled(`main form[action$="/rename"]`)},
		{"subscription-renewed", own + "/renew?key=secondary", func(t *tab) { t.follow("main form[method=post] button[type=submit]") }},
	}
}

// pictures takes those of screens.
func (t *tab) pictures(p *portal, list []screen) {
	t.tb.Helper()
	for _, s := range list {
		if !chosen(s.name) {
			continue
		}
		t.do(viewport(sizes[0].width, sizes[0].height))
		t.status(p.url + s.path)
		if s.act != nil {
			s.act(t)
		}
		t.picture(s.name)
	}
}

// letterPictures takes those of what came by mail, as HTML.
func (p *portal) letterPictures(t *tab) {
	p.tb.Helper()
	p.post.mu.Lock()
	letters := append([]letter(nil), p.post.letters...)
	p.post.mu.Unlock()
	for _, l := range letters {
		name := "mail-" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return '-'
		}, strings.ToLower(l.subject))
		if l.html != "" && chosen(name) {
			t.status("data:text/html;charset=utf-8;base64," + base64.StdEncoding.EncodeToString([]byte(l.html)))
			t.picture(name)
		}
	}
}

// awayPictures takes those of a portal whose management plane has gone.
func (p *portal) awayPictures(t *tab) {
	p.tb.Helper()
	if !chosen("away") {
		return
	}
	apart := p.apart()
	t.settle(apart+"/signin", `document.querySelector("main [name=password], .account-menu") !== null`)
	t.signIn(&portal{tb: p.tb, url: apart}, "grace@contoso.example")
	t.open(apart + "/subscribe/starter")
	t.fill("name", "Patient")
	p.kill()
	t.follow(`main form[method=post] button[type=submit]`)
	t.picture("away-form")
	for _, s := range []screen{{"away-api", "/apis/payments", nil}, {"away-operation", "/apis/payments/operations/createpayment", nil}, {"away-usage", "/usage", nil}, {"away-subscriptions", "/subscriptions", nil}} {
		if status := t.status(apart + s.path); status == http.StatusNotFound {
			p.tb.Errorf("%s is not there", s.path)
		}
		t.picture(s.name)
	}
}
