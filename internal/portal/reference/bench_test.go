package reference_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/portal/reference/description"
	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// BenchmarkDocument reads the text of a large document; bytes are those of the text.
func BenchmarkDocument(b *testing.B) {
	text := []byte(large())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := document.Read(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDescription reads it as a description.
func BenchmarkDescription(b *testing.B) {
	text := []byte(large())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := description.Read(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLookup looks for what is there, and for what is not, which must not cost
// what looking through the document would.
func BenchmarkLookup(b *testing.B) {
	d, err := document.Read([]byte(large()))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !d.At("#/components/schemas/type-1").Exists() || d.At("#/components/securitySchemes").Exists() || d.At("#/components/schemas/none").Exists() {
			b.Fatal("the document is another one")
		}
	}
}

// BenchmarkKept asks for a description that is kept, as each page does.
func BenchmarkKept(b *testing.B) {
	l, index, _ := library(b, described(), 0)
	api := seen(b, index, "pets")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.API(b.Context(), api, ""); err != nil {
			b.Fatal(err)
		}
	}
}
