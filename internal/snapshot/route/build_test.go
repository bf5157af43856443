package route

import (
	"strings"
	"testing"
)

func TestBuild_Problems(t *testing.T) {
	current := func(a API) API {
		a.Revision, a.Current = "1", true
		return a
	}
	header := func(name, v, h string) API {
		return current(API{Name: name, Path: "p", Version: v, Versioning: ByHeader, VersionName: h})
	}
	tests := []struct {
		name       string
		apis       []API
		operations []string // of the first API
		want       []ProblemKind
	}{
		{"none", []API{current(API{Name: "a"})}, []string{"GET /{a}/x", "GET /y/{b}", "POST /{a}/x"}, nil},
		{"same shape", []API{current(API{Name: "a"})}, []string{"GET /{a}/x", "GET /{b}/X/"}, []ProblemKind{DuplicateOperation}},
		{"same shape in a segment", []API{current(API{Name: "a"})}, []string{"GET /{a}-{b}", "GET /{c}-{d}"}, []ProblemKind{DuplicateOperation}},
		{"wildcard and catch-all", []API{current(API{Name: "a"})}, []string{"GET /*", "GET /{*x}"}, []ProblemKind{DuplicateOperation}},
		{"same query", []API{current(API{Name: "a"})}, []string{"GET /?a={x}&b=1", "GET /?B=1&A={y}"}, []ProblemKind{DuplicateOperation}},
		{"queries that exclude each other", []API{current(API{Name: "a"})}, []string{"GET /?a=1", "GET /?a=2"}, nil},
		{"queries that do not", []API{current(API{Name: "a"})}, []string{"GET /?a={x}", "GET /?b={y}"}, []ProblemKind{AmbiguousOperation}},
		{"one path twice", []API{current(API{Name: "a", Path: "x"}), current(API{Name: "b", Path: "/X/"})}, nil, []ProblemKind{DuplicateAPI}},
		{"two current revisions", []API{current(API{Name: "a"}), {Name: "b", Revision: "2", Current: true}}, nil, []ProblemKind{DuplicateAPI}},
		{"one path on two hosts", []API{current(API{Name: "a", Hosts: []string{"a"}}), current(API{Name: "b", Hosts: []string{"b"}}), current(API{Name: "c"})}, nil, nil},
		{"one version twice", []API{header("a", "v1", "h"), header("b", "V1", "H")}, nil, []ProblemKind{DuplicateAPI}},
		{"two headers", []API{header("a", "v1", "h"), header("b", "v2", "g")}, nil, []ProblemKind{MixedVersioning}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Builder
			for _, a := range tt.apis {
				if _, err := b.AddAPI(a); err != nil {
					t.Fatal(err)
				}
			}
			for i, o := range tt.operations {
				method, template := split(o)
				if err := b.AddOperation(0, method, template, int32(i)); err != nil {
					t.Fatal(err)
				}
			}
			_, problems := b.Build()
			if len(problems) != len(tt.want) {
				t.Fatalf("problems %v, want %v", problems, tt.want)
			}
			for i, p := range problems {
				if p.Kind != tt.want[i] || p.String() == "" {
					t.Errorf("problem %+v, want kind %d", p, tt.want[i])
				}
			}
		})
	}
}

func TestBuilder_Errors(t *testing.T) {
	tests := []struct {
		name string
		api  API
		want string
	}{
		{"semicolon", API{Path: "a;b"}, "possible in it"},
		{"dots", API{Path: "a/../b"}, "dot segment"},
		{"long", API{Path: strings.Repeat("a", MaxAPIPathLength+1)}, "MaxAPIPathLength"},
		{"long version", API{Version: strings.Repeat("a", MaxVersionLength+1), Versioning: ByPath}, "MaxVersionLength"},
		{"version without scheme", API{Version: "v1"}, "no scheme"},
		{"version without header", API{Version: "v1", Versioning: ByHeader}, "names no header"},
		{"slash in a version", API{Version: "v/1", Versioning: ByPath}, "path version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b Builder
			if _, err := b.AddAPI(tt.api); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	var b Builder
	if err := b.AddOperation(0, "GET", "/", 0); err == nil {
		t.Error("an operation of an API that does not exist was accepted")
	}
	if _, err := b.AddAPI(API{}); err != nil {
		t.Fatal(err)
	}
	if err := b.AddOperation(0, "", "/", 0); err == nil {
		t.Error("an operation without a method was accepted")
	}
}
