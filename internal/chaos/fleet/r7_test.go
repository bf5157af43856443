package fleet

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// unknownPolicies is a document of another release.
const unknownPolicies = `<policies><inbound><base /><policy-of-the-future /></inbound></policies>`

// r7Changes are what a management plane of another release makes of the API one,
// which this release cannot serve; mends is what it makes of it then.
func r7Changes() []struct {
	name         string
	breaks, back map[string]string
	gone         []string
} {
	good := api("one", "one")
	only := func(id string) map[string]string { return map[string]string{id: good[id]} }
	return []struct {
		name         string
		breaks, back map[string]string
		gone         []string
	}{
		{"an unknown policy", map[string]string{"apis/one/policies/policy": document(unknownPolicies)}, only("apis/one/policies/policy"), nil},
		{"an unknown policy of an operation", map[string]string{"apis/one/operations/get/policies/policy": document(unknownPolicies)}, nil, []string{"apis/one/operations/get/policies/policy"}},
		{"a property of another type", map[string]string{"apis/one": `{"displayName":"one","path":{"a":["list"]}}`}, only("apis/one"), nil},
		{"an unknown kind of resource", map[string]string{"apis/one/futures/x": `{}`}, nil, []string{"apis/one/futures/x"}},
		{"an unknown expression", map[string]string{"apis/one/policies/policy": document(`<policies><inbound><set-variable name="x" value="@(context.Future)" /></inbound></policies>`)}, only("apis/one/policies/policy"), nil},
	}
}

// TestR7_OtherRelease has a gateway follow a management plane of another release,
// under load: what it does not know of one API holds back that API, and nothing
// else.
func TestR7_OtherRelease(t *testing.T) {
	o := startOtherRelease(t)
	for _, name := range []string{"one", "two"} {
		o.change(api(name, name))
	}
	o.change(api("three", "three 0"))
	g := &gateway{dir: t.TempDir(), address: freeAddress(t), admin: freeAddress(t), control: o.URL, token: "managed&203001010000&x"}
	g.start(t)
	g.until(t, "/two", "two")
	rounds := 0
	var newest atomic.Int64
	right := func(path string, status int, body string) bool {
		if path == "/three" {
			return status == http.StatusOK && strings.HasPrefix(body, "three ")
		}
		return is(path, status, body)
	}
	l := during(g.address, paths, right, func() {
		for range size(1, 40) {
			for _, c := range r7Changes() {
				rounds++
				changes := maps.Clone(c.breaks)
				maps.Copy(changes, api("three", fmt.Sprintf("three %d", rounds)))
				o.change(changes)
				g.until(t, "/three", fmt.Sprintf("three %d", rounds))
				newest.Store(int64(rounds))
				if rounds <= len(r7Changes()) {
					eventually(t, c.name+" is told", func() bool {
						h := o.last()
						return h != nil && h.Health == feed.HealthDegraded && degradedBy(h, "apis/one")
					})
				}
				o.change(c.back, c.gone...)
				if rounds <= len(r7Changes()) {
					eventually(t, "it is mended", func() bool { h := o.last(); return h != nil && h.Health == feed.HealthOK })
				}
			}
		}
	})
	l.none(t)
	fmt.Printf("R7: %d changes of another release, of an API that cannot be served as it is wanted: %d of %d calls failed (0), all others updated each time\n",
		rounds, l.failed, l.calls)
}

// degradedBy reports whether a heartbeat names a part of an API.
func degradedBy(h *feed.Heartbeat, api string) bool {
	for _, p := range h.Problems {
		if p.Resource == api || strings.HasPrefix(p.Resource, api+"/") {
			return true
		}
	}
	return false
}

// TestR7_OtherRelease_NegativeControl gives the same to a gateway that takes a
// configuration whole or not at all, as one does that runs a folder.
func TestR7_OtherRelease_NegativeControl(t *testing.T) {
	dir := t.TempDir()
	folder := func(name, text string) {
		at := filepath.Join(dir, "apis", name)
		write(t, filepath.Join(at, "apiInformation.json"), fmt.Sprintf(`{"properties":{"displayName":%q,"path":%q,"protocols":["http"],"subscriptionRequired":false}}`, name, name))
		write(t, filepath.Join(at, "operations", "get", "operationInformation.json"), `{"properties":{"displayName":"Get","method":"GET","urlTemplate":"/*"}}`)
		write(t, filepath.Join(at, "policy.xml"), text)
	}
	folder("one", returning("one"))
	folder("three", returning("three 0"))
	g := &gateway{dir: t.TempDir(), address: freeAddress(t)}
	g.process = run(t, "gateway", "--config", dir, "--listen", g.address, "--admin", "")
	g.until(t, "/three", "three 0")
	folder("one", unknownPolicies)
	folder("three", returning("three 1"))
	eventually(t, "it is refused", func() bool { return strings.Contains(g.said(), "policy-of-the-future") })
	if _, body, err := g.get("/three"); err != nil || body != "three 0" {
		t.Errorf("a gateway that takes all or nothing has updated the other API: %q %v", body, err)
	}
}
