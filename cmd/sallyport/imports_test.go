package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/gateway/match"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/snapshot"
	"github.com/sallyport/sallyport/internal/snapshot/route"
)

// publicDocument reads a specification that scripts/testdata.sh fetches.
func publicDocument(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", ".cache", "testdata", name))
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("SKIPPED-REQUIRED: run scripts/testdata.sh: %v", err)
	}
	if err != nil {
		t.Skipf("SKIPPED: run scripts/testdata.sh to fetch %s", name)
	}
	return data
}

// TestPublicSpecifications imports large public specifications as a gateway
// does and calls each of their operations: each request must find its own
// operation, by the very path and method that its template gives.
func TestPublicSpecifications(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		operations int
	}{
		{"GitHub, OpenAPI 3.0", "github.json", 1223},
		{"Kubernetes, Swagger 2", "kubernetes.json", 738},
	} {
		t.Run(tt.name, func(t *testing.T) {
			imported, problems := openapi.Read("apis/public", publicDocument(t, tt.file), openapi.Options{})
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			snap := compilePublic(t, imported)
			if snap.Operations() != tt.operations {
				t.Fatalf("%d operations, want %d", snap.Operations(), tt.operations)
			}
			for i := range snap.Operations() {
				callOperation(t, snap, i)
			}
		})
	}
}

// compilePublic makes a snapshot of an import.
func compilePublic(t *testing.T, imported *openapi.Import) *snapshot.Snapshot {
	t.Helper()
	open := false
	list := []model.Resource{&model.API{ID: "apis/public", DisplayName: "Public", Path: "public", SubscriptionRequired: &open,
		ServiceURL: "https://backend.example", Protocols: []model.Protocol{model.ProtocolHTTPS}}}
	for _, o := range imported.Operations {
		list = append(list, o)
	}
	if imported.Schema != nil {
		list = append(list, imported.Schema)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	snap, problems := snapshot.Compile(&snapshot.Document{Revision: 1, Resources: list},
		&snapshot.Settings{Policies: policies.All(), Expressions: compiler})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return snap
}

// callOperation makes a request for an operation and looks it up.
func callOperation(t *testing.T, snap *snapshot.Snapshot, n int) {
	t.Helper()
	o := snap.Operation(n).Model
	path, query, _ := strings.Cut(o.URLTemplate, "?")
	r := &message.Request{Method: o.Method, URL: message.URL{Scheme: "https", Host: "gateway.example",
		Path: "/public" + fill(path, n), Query: fillQuery(query, n)}}
	var m route.Match
	if fault := match.Find(snap.Routes(), r, &m); fault != nil {
		t.Errorf("%s %s?%s matches nothing: %v", r.Method, r.URL.Path, r.URL.Query, fault)
		return
	}
	if int(m.Operation) != n {
		other := snap.Operation(int(m.Operation)).Model
		t.Errorf("%s %s of %s %s matches %s %s", r.Method, r.URL.Path, o.ID, o.URLTemplate, other.ID, other.URLTemplate)
	}
}

// fill puts values in the place of a path's parameters.
func fill(template string, n int) string {
	for i := 0; ; i++ {
		before, rest, ok := strings.Cut(template, "{")
		if !ok {
			return template
		}
		_, after, _ := strings.Cut(rest, "}")
		template = before + fmt.Sprintf("value-%d-%d", n, i) + after
	}
}

// fillQuery puts values in the place of a query's parameters.
func fillQuery(template string, n int) string {
	if template == "" {
		return ""
	}
	values := url.Values{}
	for part := range strings.SplitSeq(template, "&") {
		name, _, _ := strings.Cut(part, "=")
		values.Set(name, fmt.Sprintf("value-%d", n))
	}
	return values.Encode()
}
