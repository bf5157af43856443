package openapi

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sallyport/sallyport/internal/model"
)

// cached reads a document that scripts/testdata.sh fetches.
func cached(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", ".cache", "testdata", name))
	if err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatalf("run scripts/testdata.sh: %v", err)
		}
		tb.Skip("SKIPPED: run scripts/testdata.sh to fetch " + name)
	}
	return data
}

func TestRealDocuments(t *testing.T) {
	tests := []struct {
		name, file string
		operations int
		serviceURL string
	}{
		{"GitHub, OpenAPI 3.0", "github.json", 1223, "https://api.github.com"},
		{"Kubernetes, Swagger 2", "kubernetes.json", 738, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := Read("apis/a", cached(t, tt.file), Options{File: tt.file})
			for _, p := range problems {
				t.Log(p)
			}
			if problems.HasErrors() {
				t.Fatal("there are errors")
			}
			if len(got.Operations) != tt.operations || got.ServiceURL != tt.serviceURL {
				t.Errorf("%d operations at %q, want %d at %q", len(got.Operations), got.ServiceURL, tt.operations, tt.serviceURL)
			}
			for _, o := range got.Operations {
				if p := model.Validate(o); p.HasErrors() {
					t.Errorf("%s: %v", o.ID, p)
				}
			}
			if _, err := model.Encode(got.Schema); err != nil {
				t.Error(err)
			}
		})
	}
}

func BenchmarkReadGitHub(b *testing.B) {
	data := cached(b, "github.json")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Read("apis/github", data, Options{}); problems.HasErrors() {
			b.Fatal(problems)
		}
	}
}
