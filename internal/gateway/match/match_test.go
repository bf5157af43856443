package match

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

func table(tb testing.TB) *route.Table {
	tb.Helper()
	var b route.Builder
	for _, a := range []route.API{
		{Name: "shop", Path: "shop", Revision: "1", Current: true},
		{Name: "shop;2", Path: "shop", Revision: "2"},
		{Name: "versioned", Path: "v", Version: "v1", Versioning: route.ByHeader, VersionName: "Api-Version", Revision: "1", Current: true},
	} {
		api, err := b.AddAPI(a)
		if err != nil {
			tb.Fatal(err)
		}
		for i, template := range []string{"/items/{id}", "/items/new"} {
			if err := b.AddOperation(api, "GET", template, int32(i)); err != nil {
				tb.Fatal(err)
			}
		}
	}
	out, problems := b.Build()
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	return out
}

func request(method, path, version string) *message.Request {
	r := &message.Request{Method: method, URL: message.URL{Scheme: "https", Host: "gateway.example", Path: path}}
	if version != "" {
		r.Header.Add(message.NameOf("api-version"), version)
	}
	return r
}

func TestFind(t *testing.T) {
	const resourceNotFound = `{ "statusCode": 404, "message": "Resource not found" }`
	tests := []struct {
		name, method, path, version string
		status                      int // 0 where an operation is found
		reason, body, forwarded     string
	}{
		{name: "found", path: "/shop/items/1", forwarded: "/items/1"},
		{name: "made canonical", path: "/shop//items%2f%6eew", forwarded: "/items/new"},
		{name: "revision", path: "/shop;rev=2/items/1", forwarded: "/items/1"},
		{name: "version in a header", path: "/v/items/1", version: "V1", forwarded: "/items/1"},
		{name: "no API", path: "/none", status: 404, reason: "OperationNotFound", body: resourceNotFound},
		{name: "no operation", path: "/shop/none", status: 404, reason: "OperationNotFound", body: resourceNotFound},
		{name: "another method", method: "PUT", path: "/shop/items/1", status: 404, reason: "OperationNotFound", body: resourceNotFound},
		{name: "no revision", path: "/shop;rev=3/items/1", status: 404, reason: "OperationNotFound", body: resourceNotFound},
		{name: "two readings", path: "/shop/items/new;x", status: 404, reason: "OperationNotFound", body: resourceNotFound},
		{name: "version missing", path: "/v/items/1", status: 404, reason: "OperationNotFound"},
		{name: "version unknown", path: "/v/items/1", version: "v2", status: 404, reason: "OperationNotFound", body: resourceNotFound},
		{
			name: "path refused", path: "/shop/../x", status: 400, reason: "PathRefused",
			body: `{ "statusCode": 400, "message": "Bad request: path refused at byte 8: dot segment" }`,
		},
	}
	routes := table(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.method == "" {
				tt.method = "GET"
			}
			r := request(tt.method, tt.path, tt.version)
			var m route.Match
			fault := Find(routes, r, &m)
			if tt.status == 0 {
				if fault != nil {
					t.Fatal(fault)
				}
				if got := r.URL.Path[m.PrefixLen:]; got != tt.forwarded {
					t.Errorf("the operation's path is %q, want %q", got, tt.forwarded)
				}
				return
			}
			if fault == nil {
				t.Fatalf("operation %d was found", m.Operation)
			}
			body := string(fault.Body("id"))
			if fault.Empty {
				body = ""
			}
			if fault.Status != tt.status || fault.Source != "configuration" || fault.Reason != tt.reason || fault.Err == nil {
				t.Errorf("failure %d %v, want %d %s with a cause", fault.Status, fault, tt.status, tt.reason)
			}
			if diff := cmp.Diff(tt.body, body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAtPath(t *testing.T) {
	got := AtPath(table(t), request("OPTIONS", "/shop/items/new", ""), nil)
	want := []route.Operation{{Method: "GET", Template: "/items/new", Index: 1}, {Method: "GET", Template: "/items/{id}", Index: 0}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFind_Allocations(t *testing.T) {
	routes, r := table(t), request("GET", "/v/items/1", "v1")
	var m route.Match
	if n := testing.AllocsPerRun(100, func() {
		if fault := Find(routes, r, &m); fault != nil {
			t.Fatal(fault)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFind(b *testing.B) {
	routes, r := table(b), request("GET", "/shop/items/4711", "")
	var m route.Match
	b.ReportAllocs()
	for b.Loop() {
		if fault := Find(routes, r, &m); fault != nil {
			b.Fatal(fault)
		}
	}
}
