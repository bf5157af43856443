package openapi

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
)

// follow returns what a node refers to, or the node itself where it is no
// reference. It returns nil, and has reported why, where a reference leads
// nowhere.
func (m *importer) follow(n *document.Node) *document.Node {
	for range MaxReferences {
		ref := reference(n)
		if ref == nil {
			return n
		}
		target := m.target(ref)
		if target == nil {
			return nil
		}
		n = target
	}
	m.errorAt(n, "$ref",
		fmt.Sprintf("more than %d references follow each other, perhaps in a circle (limit MaxReferences)", MaxReferences), "")
	return nil
}

// reference returns the text of a node's $ref, or nil.
func reference(n *document.Node) *document.Node {
	if !n.Is(document.Object) {
		return nil
	}
	if ref := n.Get("$ref"); ref.Is(document.String) {
		return ref
	}
	return nil
}

// target returns what a reference points at. It reports each broken one once.
func (m *importer) target(ref *document.Node) *document.Node {
	text := ref.Text
	if n, ok := m.targets[text]; ok {
		return n
	}
	n, why, hint := m.lookUp(text)
	m.targets[text] = n
	if n == nil && !m.broken[text] {
		m.broken[text] = true
		m.errorAt(ref, "$ref", why, hint)
	}
	return n
}

func (m *importer) lookUp(text string) (target *document.Node, why, hint string) {
	pointer, ok := strings.CutPrefix(text, "#")
	if !ok {
		return nil, fmt.Sprintf("the reference %q leads out of the document", cut(text, 200)),
			"only references within the document (#/…) are read; bundle the specification into one file"
	}
	if pointer != "" && pointer[0] != '/' {
		return nil, fmt.Sprintf("the reference %q is not a JSON pointer", cut(text, 200)), "write it as #/components/schemas/NAME"
	}
	n := m.root
	for i, step := range strings.Split(pointer, "/") {
		if i == 0 {
			continue
		}
		if n = child(n, step); n == nil {
			return nil, fmt.Sprintf("the reference %q leads to nothing in the document", cut(text, 200)), ""
		}
	}
	return n, "", ""
}

// child goes one step of a JSON pointer (RFC 6901).
func child(n *document.Node, step string) *document.Node {
	if strings.Contains(step, "%") {
		if plain, err := url.PathUnescape(step); err == nil {
			step = plain
		}
	}
	step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
	if n.Is(document.List) {
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(n.Items) {
			return nil
		}
		return n.Items[i]
	}
	return n.Get(step)
}
