package export

import (
	"os"
	"path/filepath"
	"testing"
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

// TestRealDocuments exports what was imported, and imports it again.
func TestRealDocuments(t *testing.T) {
	tests := []struct{ name, file, format string }{
		{"GitHub as JSON", "github.json", "openapi+json-link"},
		{"Kubernetes as Swagger", "kubernetes.json", "swagger-link"},
		{"Kubernetes as OpenAPI", "kubernetes.json", "openapi-link"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { roundTrip(t, tt.format, imported(t, cached(t, tt.file))) })
	}
}
