package browser

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// providerScreens are those of providers that are set up.
var providerScreens = []screen{
	{"admin-providers-on", "/admin/providers", nil}, {"admin-provider-on", "/admin/providers/aad", nil},
	{"admin-provider-delete", "/admin/providers/aad/delete", nil},
}

// foundScreens are searches of the administration that find several.
var foundScreens = []screen{
	{"admin-users-found", "/admin/users?q=grace", nil}, {"admin-subscriptions-which", "/admin/subscriptions?owner=grace", nil},
	{"admin-user-own", "/admin/users/1", nil}, {"admin-group-administrators", "/admin/groups/administrators", nil},
	{"admin-member-unknown", "/admin/groups/partners", func(t *tab) {
		t.fill("email", "nobody@contoso.example")
		t.follow(`main form[action$="/members"] button[type=submit]`)
	}},
	{"admin-group-joined", "/admin/users/u01", func(t *tab) {
		_ = evaluate[bool](t, `document.querySelector("main select[name=group]").value = "partners", true`)
		t.follow(`main form[action$="/groups"] button[type=submit]`)
	}},
	{"admin-group-none", "/admin/users/u01", unfilled(`main form[action$="/groups"]`)},
	{"admin-user-stale", "/admin/users/u02", overtaken(`main form[action$="/u02"]`)},
	{"admin-conflict", "/admin/users/u02", overtaken(`main form[action$="/state"]`)},
	{"admin-notification-two", "/admin/notifications/BCC", func(t *tab) {
		for _, address := range []string{"archive@contoso.example", unbroken + "@contoso.example"} {
			t.fill("email", address[max(0, len(address)-60):])
			t.follow(`main form[action$="/BCC"] button[type=submit]`)
		}
	}},
	{"admin-template-changed", "/admin/templates/confirmSignUpIdentityDefault", func(t *tab) {
		t.fill("subject", "Welcome to our APIs: please confirm your address")
		t.follow(`main form[method=post] button[type=submit]`)
	}},
	{"admin-template-reset", "/admin/templates/confirmSignUpIdentityDefault/reset", nil},
	{"admin-navigation-bad", "/admin/navigation", func(t *tab) {
		t.fill("menu", "APIs = /apis\nTerms = javascript:alert(1)\n")
		t.follow(`main form[method=post] button[type=submit]`)
	}},
	{"admin-media-refused", "/admin/media", withFile(`new File(["<html>"], "logo.png")`)},
	{"admin-media-files", "/admin/media", withFile(`await new Promise(done => { const c = document.createElement("canvas"); c.width = 320; c.height = 90;
		const x = c.getContext("2d"); x.fillStyle = "#0b5cad"; x.fillRect(0, 0, 320, 90); c.toBlob(b => done(new File([b], "contoso-logo.png")), "image/png") })`)},
	{"admin-media-delete", "/admin/media/contoso-logo.png/delete", nil},
	{"admin-publish-changes", "/admin/content/pages/guide", func(t *tab) {
		t.fill("text", "# Guide\n\nHow to begin, written anew.\n")
		t.follow(`main form[method=post] button[type=submit]`)
		t.open(addressOf(t) + "/admin/publish")
	}},
	{"admin-published", "/admin/publish", func(t *tab) {
		t.fill("note", "A new guide, and the logo of Contoso.")
		t.follow(`main form[method=post] button[type=submit]`)
		t.open(addressOf(t) + "/admin/content/pages/guide")
		t.fill("text", "# Guide\n\nHow to begin, once more.\n")
		t.follow(`main form[method=post] button[type=submit]`)
		t.open(addressOf(t) + "/admin/publish")
		t.follow(`main form[method=post] button[type=submit]`)
	}},
	{"admin-go-back", "/admin/history", func(t *tab) { t.follow(`main td a[href^="/admin/history/"]`) }},
	{"admin-publish-refused", "/admin/content/pages/guide", func(t *tab) {
		t.fill("text", "# Guide\n\n::: marquee\nRun.\n:::\n")
		t.follow(`main form[method=post] button[type=submit]`)
		t.open(addressOf(t) + "/admin/publish")
	}},
}

func addressOf(t *tab) string { return evaluate[string](t, `location.origin`) }

// overtaken sends a form after somebody else has changed what it is about.
func overtaken(selector string) func(*tab) {
	return func(t *tab) {
		_ = evaluate[int](t, `(async () => { const f = document.querySelector("main form[action*='/users/']:has([name=note])");
			const d = new URLSearchParams(new FormData(f)); d.set("note", "Changed by a colleague at " + Date.now());
			return (await fetch(f.action, {method: "POST", body: d})).status })()`)
		t.follow(selector + ` button[type=submit]`)
	}
}

// withFile uploads what a JavaScript expression makes.
func withFile(expression string) func(*tab) {
	return func(t *tab) {
		_ = evaluate[bool](t, `(async () => { const list = new DataTransfer(); list.items.add(`+expression+`);
			document.querySelector("main input[type=file]").files = list.files; return true })()`)
		t.follow(`main form[enctype] button[type=submit]`)
	}
}

// administered takes the pictures of what an administrator has done, with messages
// that could not be sent.
func (p *portal) administered(admin *tab) {
	p.tb.Helper()
	admin.pictures(p, foundScreens)
	if !chosen("admin-outbox-filled") && !chosen("admin-message") {
		return
	}
	p.post.refuse("away@contoso.example")
	admin.open(p.url + "/admin/users/invite")
	for name, text := range map[string]string{"email": "away@contoso.example", "firstName": "Away", "lastName": "Colleague"} {
		admin.fill(name, text)
	}
	admin.follow("main form[method=post] button[type=submit]")
	admin.settle(p.url+"/admin/outbox", `document.querySelector("main td a") !== null`)
	admin.do(sleep(4*quietNetwork), chromedp.Reload())
	admin.picture("admin-outbox-filled")
	address := evaluate[string](admin, `document.querySelector("main td a").href`)
	if !strings.Contains(address, "/admin/outbox/") {
		p.tb.Fatalf("%s is no message", address)
	}
	admin.open(address)
	admin.picture("admin-message")
}
