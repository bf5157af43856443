package serve

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// injecting is a document that runs the test's own step in inbound.
const injecting = `<policies><inbound><base /><inject /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`

// TestRoute shows what policies and the backend see of the URL.
func TestRoute(t *testing.T) {
	version := func(name, scheme string) []model.Resource {
		set := &model.VersionSet{ID: model.NewID("apiVersionSets", name), DisplayName: name, VersioningScheme: model.VersioningScheme(scheme)}
		switch set.VersioningScheme {
		case model.VersionInHeader:
			set.VersionHeaderName = "Api-Version"
		case model.VersionInQuery:
			set.VersionQueryName = "api-version"
		}
		a := api(name+"-v1", anonymous, func(a *model.API) {
			a.Path, a.APIVersion, a.APIVersionSetID = name, "v1", "/apiVersionSets/"+name
			a.ServiceURL = "https://v1.example"
		})
		return all(set, a, operation(name+"-v1", "GET", "/items/{id}"))
	}
	config := all(
		api("echo", anonymous), operation("echo", "GET", "/items/{id}/{rest}?q={q}"), operationNamed("echo", "root", "GET", "/"),
		api("echo;rev=2", anonymous, func(a *model.API) { a.Path, a.ServiceURL = "echo", "http://two.example:8080" }),
		operationNamed("echo;rev=2", "second", "GET", "/items/{id}"),
		api("bare", anonymous, func(a *model.API) { a.ServiceURL = "" }), operation("bare", "GET", "/*"),
		version("segment", "Segment"), version("header", "Header"), version("query", "Query"),
		documentOf("", strings.ReplaceAll(strings.ReplaceAll(injecting, "<base /><inject />", "<inject />"), "<backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>", "<backend><forward-request /></backend><outbound /><on-error />")),
	)
	tests := []struct {
		name, url string
		fields    []string
		backend   string
		params    string
	}{
		{"base path and parameters", "/echo/items/a%20b/c+d?q=x+y%2Bz&other=1", nil, "https://backend.example/base/items/a%20b/c+d?q=x+y%2Bz&other=1", "id=a b rest=c+d q=x y+z"},
		{"root", "/echo", nil, "https://backend.example/base", ""},
		{"root with a slash", "/echo/", nil, "https://backend.example/base/", ""},
		{"revision", "/echo;rev=2/items/1", nil, "http://two.example:8080/items/1", "id=1"},
		{"current revision by its number", "/echo;rev=1/items/1/2?q=", nil, "https://backend.example/base/items/1/2?q=", "id=1 rest=2 q="},
		{"version in the path", "/segment/v1/items/1", nil, "https://v1.example/items/1", "id=1"},
		{"version in a header", "/header/items/1", []string{"api-version: V1"}, "https://v1.example/items/1", "id=1"},
		{"version in the query", "/query/items/1?api-version=v1", nil, "https://v1.example/items/1?api-version=v1", "id=1"},
		{"no service URL", "/bare/x/y", nil, "https://gateway.example/x/y", "*=x/y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, config...)
			var params []string
			r.inject = func(c *policy.Call) error {
				for _, p := range c.Parameters {
					params = append(params, p.Name+"="+p.Value)
				}
				seen := c.Expression().Request
				if u := seen.OriginalURL(); u.Path+"?"+u.RawQuery != tt.url && u.Path != tt.url {
					t.Errorf("OriginalUrl is %+v", u)
				}
				if u := seen.URL(); u.Scheme+"://"+u.Host != strings.SplitAfter(tt.backend, ".example")[0] {
					t.Errorf("Url is %+v", u)
				}
				return nil
			}
			w := r.serve(get("https://gateway.example"+tt.url, tt.fields...))
			if w.status != 200 || r.backend.url != tt.backend {
				t.Errorf("answered %d, backend got %s, want %s", w.status, r.backend.url, tt.backend)
			}
			if diff := cmp.Diff(tt.params, strings.Join(params, " ")); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProtocols is the table of decision 0041.
func TestProtocols(t *testing.T) {
	list := func(p ...model.Protocol) func(*model.API) { return func(a *model.API) { a.Protocols = p } }
	config := all(
		api("none", anonymous, list()), operation("none", "GET", "/"),
		api("https", anonymous, list(model.ProtocolHTTPS)), operation("https", "GET", "/"),
		api("http", anonymous, list(model.ProtocolHTTP)), operation("http", "GET", "/"),
		api("both", anonymous, list(model.ProtocolHTTP, model.ProtocolHTTPS)), operation("both", "GET", "/"),
		api("wss", anonymous, list(model.ProtocolWSS)), operation("wss", "GET", "/"),
		api("ws", anonymous, list(model.ProtocolWS)), operation("ws", "GET", "/"),
	)
	for _, tt := range []struct {
		api            string
		clear, overTLS int
	}{
		{"none", 404, 200}, {"https", 404, 200}, {"http", 200, 404}, {"both", 200, 200}, {"wss", 404, 200}, {"ws", 200, 404},
	} {
		for _, enforced := range []bool{true, false} {
			r := newRig(t, func(o *Options) { o.EnforceProtocols = enforced })
			r.use(t, config...)
			for scheme, want := range map[string]int{"http": tt.clear, "https": tt.overTLS} {
				if !enforced {
					want = 200
				}
				if got := r.serve(get(scheme + "://gateway.example/" + tt.api)).status; got != want {
					t.Errorf("API of %s by %s, enforced %v: %d, want %d", tt.api, scheme, enforced, got, want)
				}
			}
		}
	}
}

// pathTricks are spellings of one path and of paths near it.
func pathTricks() []string {
	var all []string
	for _, segment := range []string{"admin", "ADMIN", "%61dmin", "%2561dmin", "a%64min", "admin.", "admin%20", "admin%00", "admin;x=1", "%EF%BC%A1dmin", "adm%C0%AEin"} {
		for _, join := range []string{"/", "//", "/./", "/%2e/", "/x/../", "/x/%2e%2e/", "%2f", "%5c", "\\", ";/", "/%252f", "/..;/", "/%C0%AF"} {
			all = append(all, "/echo"+join+segment, "/echo"+join+segment+"/", "/echo"+join+"user/"+segment, "/ECHO"+join+segment+"?x=/../admin")
		}
	}
	return all
}

// TestS7_ServedPath compares, for path tricks, what was matched and authorised
// with what is forwarded.
func TestS7_ServedPath(t *testing.T) {
	r := newRig(t)
	r.use(t, servedPathConfig()...)
	served, wrong := 0, 0
	for _, path := range pathTricks() {
		r.backend.url = ""
		q := get("/")
		q.URL.Path, q.URL.Query, _ = strings.Cut(path, "?")
		w := r.serve(q)
		if w.status != 200 {
			if r.backend.calls > served {
				t.Errorf("%s: answered %d, but %s was called", path, w.status, r.backend.url)
			}
			continue
		}
		served++
		if !agrees(r, w) {
			wrong++
			t.Errorf("%s: matched %s, forwarded %s", path, w.header.Fields()[0].Value, r.backend.url)
		}
	}
	if served == 0 {
		t.Error("nothing was served")
	}
	t.Logf("S7: %d of %d spellings served, %d forwarded as something else than was authorised (0)", served, len(pathTricks()), wrong)
}

// TestS7_ServedPath_NegativeControl forwards the path as it came.
func TestS7_ServedPath_NegativeControl(t *testing.T) {
	r := newRig(t)
	r.use(t, servedPathConfig()...)
	r.inject = func(c *policy.Call) error {
		c.Request.URL.Path = strings.Replace(c.Original.Path, "/echo", "/base", 1)
		return nil
	}
	wrong := 0
	for _, path := range pathTricks() {
		q := get("/")
		q.URL.Path, q.URL.Query, _ = strings.Cut(path, "?")
		if w := r.serve(q); w.status == 200 && !agrees(r, w) {
			wrong++
		}
	}
	if wrong == 0 {
		t.Error("forwarding the raw path is not found out")
	}
}

// servedPathConfig has an operation that is told apart by its name in the answer.
func servedPathConfig() []model.Resource {
	tag := func(name string) string {
		return strings.Replace(injecting, "<outbound><base />", `<outbound><set-header name="X-Matched"><value>`+name+`</value></set-header>`, 1)
	}
	return all(api("echo", anonymous), operationNamed("echo", "admin", "GET", "/admin"), operationNamed("echo", "user", "GET", "/user/{name}"),
		documentOf("apis/echo/operations/admin", tag("admin")), documentOf("apis/echo/operations/user", tag("user")))
}

// agrees reports whether the forwarded path, read as a plain server reads it, is
// that of the operation whose policies ran.
func agrees(r *rig, w *fakeClient) bool {
	path, _, _ := strings.Cut(strings.TrimPrefix(r.backend.url, "https://backend.example/base"), "?")
	canonical, err := route.Normalize(path)
	if err != nil || canonical != path {
		return false
	}
	path = strings.ToLower(strings.TrimSuffix(path, "/"))
	switch w.header.Fields()[0].Value {
	case "admin":
		return path == "/admin"
	case "user":
		return strings.HasPrefix(path, "/user/") && strings.Count(path, "/") == 2
	}
	return false
}
