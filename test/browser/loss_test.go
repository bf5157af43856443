package browser

import (
	"testing"
)

// TestRestartWithinForms kills the portal between each form's page and its being
// sent: what was typed is taken, and what was acknowledged is there.
func TestRestartWithinForms(tt *testing.T) {
	p := startPortal(tt)
	t := newTab(tt)
	t.open(p.url + "/signup")
	t.fill("email", "loss@example.org")
	t.fill("first", "Lo")
	t.fill("last", "Ss")
	t.fill("password", journeyPassword)
	t.fill("again", journeyPassword)
	p.restart()
	t.follow(`main form[method=post] button[type=submit]`)
	t.sees("mail")
	p.restart() // The message was acknowledged; it comes.
	t.open(p.post.await(tt, "loss@example.org", "/confirm").link(tt, "/confirm"))
	t.fill("password", journeyPassword)
	p.restart()
	t.follow(`main form[method=post] button[type=submit]`)
	t.signIn(p, "loss@example.org")
	p.restart() // The session is there still.
	t.open(p.url + "/subscribe/starter")
	t.fill("name", "Survivor")
	p.restart()
	t.follow(`main form[method=post] button[type=submit]`)
	t.sees("Survivor")
	t.open(p.url + "/subscriptions")
	t.followText("Survivor")
	p.restart()
	key := t.shownKey()
	if status := p.call("/echo/resource?param1=sample", key); status != 200 {
		tt.Errorf("the key is answered %d", status)
	}
	t.open(p.url + "/subscriptions")
	t.followText("Survivor")
	t.fill("name", "Renamed")
	p.restart()
	t.followText("Rename")
	t.sees("Renamed")
	if n := evaluate[int](t, `[...document.querySelectorAll("main")].length`); n != 1 {
		tt.Errorf("%d main parts", n)
	}
	t.open(p.url + "/subscriptions")
	if n := evaluate[int](t, `document.querySelectorAll('main a[href^="/subscriptions/"]').length`); n != 1 {
		tt.Errorf("there are %d subscriptions, want one", n)
	}
}
