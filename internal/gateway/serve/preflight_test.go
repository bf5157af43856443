package serve

import (
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
)

// allowing is a document whose cors policy allows a method to a site.
func allowing(method string) string {
	return `<policies><inbound><base /><cors><allowed-origins><origin>https://site.example</origin></allowed-origins><allowed-methods><method>` + method +
		`</method></allowed-methods></cors><probe name="ran" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /><probe name="error" /></on-error></policies>`
}

// TestPreflight is the table of decision 0042.
func TestPreflight(t *testing.T) {
	config := all(
		api("echo"), operation("echo", "PUT", "/{id}"), operation("echo", "DELETE", "/{id}"), documentOf("apis/echo/operations/put", allowing("PUT")),
		documentOf("apis/echo", probes("api")),
		api("plain"), operation("plain", "PUT", "/{id}"), documentOf("apis/plain/operations/put", probes("operation")),
		api("own", anonymous), operation("own", "OPTIONS", "/{id}"), operation("own", "PUT", "/{id}"),
		api("sold"), operation("sold", "PUT", "/{id}"), product("starter", "sold"), documentOf("products/starter", allowing("PUT")), subscription("starter", "/products/starter"),
		api("open"), operation("open", "PUT", "/{id}"), openProduct("public", "open"), documentOf("products/public", allowing("PUT")),
		&model.VersionSet{ID: "apiVersionSets/dated", DisplayName: "dated", VersioningScheme: model.VersionInHeader, VersionHeaderName: "Api-Version"},
		documentOf("", `<policies><inbound><probe name="global" /></inbound><backend><forward-request /></backend><outbound /><on-error><probe name="global error" /></on-error></policies>`),
	)
	site := "Origin: https://site.example"
	tests := []struct {
		name, url string
		fields    []string
		status    int
		allowed   bool   // the answer lets the script call
		seen      string // by probes
		operation string // in the access log
	}{
		{"answered without a key", "/echo/1", []string{site, "Access-Control-Request-Method: PUT"}, 200, true, "", "put"},
		{"another site", "/echo/1", []string{"Origin: https://evil.example", "Access-Control-Request-Method: PUT"}, 200, false, "", "put"},
		{"the announced operation has no cors", "/echo/1", []string{site, "Access-Control-Request-Method: DELETE"}, 404, false, "global error error=configuration/OperationNotFound//backend/; api error", ""},
		{"the announced method has no operation", "/echo/1", []string{site, "Access-Control-Request-Method: PATCH"}, 404, false, "global error error=configuration/OperationNotFound//backend/; api error", ""},
		{"no preflight", "/echo/1", []string{site}, 404, false, "global error error=configuration/OperationNotFound//backend/; api error", ""},
		{"no cors at all", "/plain/1", []string{site, "Access-Control-Request-Method: PUT"}, 404, false, "global error error=configuration/OperationNotFound//backend/", ""},
		{"OPTIONS of the API", "/own/1", []string{site, "Access-Control-Request-Method: PUT"}, 200, false, "global", "options"},
		{"product without its key", "/sold/1", []string{site, "Access-Control-Request-Method: PUT"}, 404, false, "global error error=configuration/OperationNotFound//backend/", ""},
		{"product with its key in the query", "/sold/1?subscription-key=starter-primary", []string{site, "Access-Control-Request-Method: PUT"}, 200, true, "", "put"},
		{"open product", "/open/1", []string{site, "Access-Control-Request-Method: PUT"}, 200, true, "", "put"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.use(t, config...)
			w := r.serve(request("OPTIONS", "https://gateway.example"+tt.url, tt.fields...))
			origin, _ := w.header.Get(message.NameOf("Access-Control-Allow-Origin"))
			if w.status != tt.status || (origin == "https://site.example") != tt.allowed {
				t.Errorf("answered %s", w)
			}
			seen := strings.Join(r.seen, "; ")
			if i := strings.Index(seen, "; api error"); i >= 0 {
				seen = seen[:i+len("; api error")]
			}
			if seen != tt.seen {
				t.Errorf("probes saw %q, want %q", seen, tt.seen)
			}
			if called := r.backend.calls; (called > 0) != (tt.operation == "options") {
				t.Errorf("the backend was called %d times", called)
			}
			if log := r.records(t); log[0].Operation != tt.operation || log[0].Method != methodOptions {
				t.Errorf("record %+v", log[0])
			}
		})
	}
}
