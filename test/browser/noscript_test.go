package browser

import (
	"net/http"
	"testing"
)

// TestWithoutScripts signs up, reads, subscribes and calls with a browser that
// runs no JavaScript.
func TestWithoutScripts(tt *testing.T) {
	p := startPortal(tt)
	t := newTab(tt)
	t.withoutScripts()
	for _, path := range []string{"/", "/apis", "/apis/echo", "/apis/petstore/operations/addpet", "/search?q=pet"} {
		t.open(p.url + path)
	}
	t.signUp(p, "noscript@example.org")
	t.subscribe(p, "starter", "Plain")
	t.open(p.url + "/subscriptions")
	t.followText("Plain")
	key := t.shownKey()
	if status := p.call("/echo/resource?param1=sample", key); status != http.StatusOK {
		tt.Errorf("the key is answered %d", status)
	}
	t.open(p.url + "/console/echo/retrieve-resource")
	t.followText("Send")
	t.sees("200 OK")
	t.open(p.url + "/usage")
	t.sees("Echo API")
}
