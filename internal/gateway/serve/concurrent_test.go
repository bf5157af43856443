package serve

import (
	"strings"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// revisionConfig writes its name into the answer at two scopes.
func revisionConfig(name string) []model.Resource {
	text := func(header, base string) string {
		return `<policies><inbound>` + base + `</inbound><backend>` + base + `</backend><outbound>` + base +
			`<set-header name="` + header + `" exists-action="append"><value>` + name + `</value></set-header></outbound><on-error>` + base + `</on-error></policies>`
	}
	global := strings.Replace(text("X-Global", ""), "<backend>", "<backend><forward-request />", 1)
	return all(documentOf("", global), api("echo"), operation("echo", "GET", "/{id}"), documentOf("apis/echo", text("X-API", "<base />")), subscription("ada", "/apis"))
}

// TestSwapUnderLoad answers requests while the configuration is swapped: each is
// of one configuration, and none is refused.
func TestSwapUnderLoad(t *testing.T) {
	const clients, requests = 4, 200
	r := newRig(t)
	r.services.Forwarder = &benchBackend{answer: []byte("hello")}
	var snapshots []*snapshot.Snapshot
	for _, name := range []string{"a", "b"} {
		snapshots = append(snapshots, r.use(t, revisionConfig(name)...))
	}
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for i := range requests {
				w := r.serve(get("https://gateway.example/echo/1?subscription-key=ada-primary"))
				global, _ := w.header.Joined(message.NameOf("X-Global"), ",")
				ofAPI, _ := w.header.Joined(message.NameOf("X-API"), ",")
				if w.status != 200 || global != ofAPI || len(global) != 1 {
					t.Errorf("request %d: %s", i, w)
					return
				}
			}
		})
	}
	for i := range requests {
		r.server.Use(snapshots[i%2])
	}
	wait.Wait()
	if n := r.server.InFlight(); n != 0 {
		t.Errorf("%d requests in flight", n)
	}
	if log := r.records(t); len(log) != clients*requests {
		t.Errorf("%d records, want %d", len(log), clients*requests)
	}
}
