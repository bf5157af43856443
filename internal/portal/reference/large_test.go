package reference_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

// The size of the large description, and what its pages may weigh.
const (
	largeOperations = 1000
	largeSchemas    = 900
	maxListBytes    = 300 << 10
	maxPageBytes    = 100 << 10
)

// large is a description as large and as deep as that of a large public API: ten
// megabytes, with types that refer to others and to themselves.
func large() string {
	var b strings.Builder
	b.WriteString(`{"openapi":"3.0.3","info":{"title":"Large","version":"1"},"paths":{`)
	for i := range largeOperations {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"/area%d/things%d/{owner}/{id}":{"get":{"operationId":"op%d","tags":["Area %d"],"summary":"Get thing %d of an area with a name","description":"%s","parameters":[`,
			i%40, i, i, i%40, i, strings.Repeat("What this does is told in *several* sentences, with [links](https://docs.example/). ", 8))
		for _, p := range []string{"owner", "id"} {
			fmt.Fprintf(&b, `{"name":"%s","in":"path","required":true,"description":"The account %s of the repository.","schema":{"type":"string"}},`, p, p)
		}
		fmt.Fprintf(&b, `{"name":"per_page","in":"query","schema":{"type":"integer","default":30}}],"responses":{"200":{"description":"Response","content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/type-%d"}},"examples":{"default":{"value":[%s]}}}}},"404":{"$ref":"#/components/responses/missing"}}}}`,
			i%largeSchemas, strings.Repeat(`{"id":1,"url":"https://api.example/things/1","labels":[{"name":"bug","color":"f29513"}]},`, 40)+`{}`)
	}
	b.WriteString(`},"components":{"responses":{"missing":{"description":"Not found"}},"schemas":{"z":{}`)
	for i := range largeSchemas {
		fmt.Fprintf(&b, `,"type-%d":{"type":"object","title":"Type %d","description":"One of many.","required":["p0","p1"],"properties":{`, i, i)
		for p := range 60 {
			switch {
			case p > 0 && p%10 == 0:
				fmt.Fprintf(&b, `,"p%d":{"$ref":"#/components/schemas/type-%d"}`, p, (i*7+p)%largeSchemas)
			case p%10 == 5:
				fmt.Fprintf(&b, `,"p%d":{"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#/components/schemas/type-%d"}},"b":{"type":"object","properties":{"c":{"type":"string"}}}}}`, p, i)
			default:
				fmt.Fprintf(&b, `%s"p%d":{"type":"string","format":"uri","description":"What it is, in words.","example":"https://api.example/%d"}`, map[bool]string{true: "", false: ","}[p == 0], p, p)
			}
		}
		b.WriteString("}}")
	}
	b.WriteString("}}}")
	return b.String()
}

// TestLargeDescription measures the pages of a description of ten megabytes.
func TestLargeDescription(t *testing.T) {
	s := newPlane()
	s.documents["large"] = large()
	cataloguetest.API(s.Service, "large", "Large", nil)
	s.Put("products/starter/apis/large", map[string]any{"displayName": "large"})
	s.Delete("apis/large/operations/large-get")
	s.Delete("apis/large/operations/large-add")
	for i := range largeOperations {
		s.Put(fmt.Sprintf("apis/large/operations/op%d", i), map[string]any{
			"displayName": fmt.Sprintf("Get thing %d of an area with a name", i), "method": "GET", "urlTemplate": fmt.Sprintf("/area%d/things%d/{owner}/{id}", i%40, i)})
	}
	p := newRig(t, s)
	begun := time.Now()
	p.Get("/apis/large/operations/op0").Want(t, http.StatusOK, "type-0")
	first := time.Since(begun)
	begun = time.Now()
	list := weigh(t, p, "/apis/large/operations")
	took := time.Since(begun)
	if list > maxListBytes {
		t.Errorf("the list of operations takes %d bytes compressed, more than %d", list, maxListBytes)
	}
	worst := 0
	begun = time.Now()
	const pages = 20
	for i := range pages {
		path := fmt.Sprintf("/apis/large/operations/op%d", i*largeOperations/pages)
		if i%2 == 1 {
			path = fmt.Sprintf("/apis/large/schemas/type-%d", i*largeSchemas/pages)
		}
		worst = max(worst, weigh(t, p, path))
	}
	each := time.Since(begun) / pages
	if worst > maxPageBytes {
		t.Errorf("a page takes %d bytes compressed, more than %d", worst, maxPageBytes)
	}
	_, kept := p.library.Cached()
	if most := len(s.documents["large"]) * 3 / 2; kept > most {
		t.Errorf("%d bytes are kept, more than %d", kept, most)
	}
	fmt.Printf("reference: a description of %d KB and %d operations: first page %v, list %d KB compressed in %v, largest page %d KB compressed, %v each, %d KB in memory\n",
		len(s.documents["large"])>>10, largeOperations, first.Round(time.Millisecond), list>>10, took.Round(time.Millisecond), worst>>10, each.Round(time.Millisecond), kept>>10)
}

// weigh is how many bytes a page takes as it is sent, which is compressed as here.
func weigh(t *testing.T, p *rig, path string) int {
	t.Helper()
	const level = 5
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(p.Get(path).Want(t, http.StatusOK).Body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}
