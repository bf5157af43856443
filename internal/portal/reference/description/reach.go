package description

import (
	"bytes"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/reference/document"
)

// Reach returns the references that operations lead to, directly or through
// others: what has to be known of the document by who sees these operations.
func (d *Description) Reach(entries []*Entry) map[string]bool {
	found := map[string]bool{}
	var left []string
	scan := func(v document.Value) {
		for _, ref := range references(v.JSON()) {
			if !found[ref] {
				found[ref] = true
				left = append(left, ref)
			}
		}
	}
	for _, e := range entries {
		scan(e.node)
		scan(e.item.Get("parameters"))
	}
	for len(left) > 0 {
		ref := left[len(left)-1]
		left = left[:len(left)-1]
		v := d.doc.At(ref)
		scan(v)
		if d := discriminator(v.Get("discriminator")); d != nil {
			for _, m := range d.Mapping {
				if ref := "#/components/schemas/" + m.Schema; m.Schema != "" && !found[ref] {
					found[ref] = true
					left = append(left, ref)
				}
			}
		}
	}
	return found
}

// references are those that a text of JSON has.
func references(text []byte) []string {
	var out []string
	for {
		_, rest, ok := bytes.Cut(text, []byte(`"$ref":"`))
		if !ok {
			return out
		}
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			return out
		}
		ref := string(rest[:end])
		if strings.Contains(ref, `\`) {
			ref = document.Of([]byte(`"` + ref + `"`)).Text()
		}
		if ref != "" {
			out = append(out, ref)
		}
		text = rest[end:]
	}
}

// Pointer is the reference of the schema with the name.
func (d *Description) Pointer(name string) string { return d.pointer(name) }
