package openapi

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

// MaxTags bounds the tags of a document.
const MaxTags = 2000

// information reads the document's info.
func (m *importer) information() {
	info := m.root.Get("info")
	m.out.Title = info.Get("title").String()
	m.out.Description = info.Get("description").String()
	m.out.TermsOfService = info.Get("termsOfService").String()
	if c := info.Get("contact"); c.Is(document.Object) {
		m.out.Contact = &model.Contact{Name: c.Get("name").String(), URL: c.Get("url").String(), Email: c.Get("email").String()}
	}
	if l := info.Get("license"); l.Is(document.Object) {
		m.out.License = &model.License{Name: l.Get("name").String(), URL: l.Get("url").String()}
	}
}

// protocols returns the schemes of Swagger 2; OpenAPI 3 has none apart from
// those of its servers.
func (m *importer) protocols() []model.Protocol {
	var out []model.Protocol
	schemes := m.root.Get("schemes")
	if !m.swagger || !schemes.Is(document.List) {
		return nil
	}
	for _, known := range []model.Protocol{model.ProtocolHTTP, model.ProtocolHTTPS} {
		for _, s := range schemes.Items {
			if strings.EqualFold(s.String(), string(known)) {
				out = append(out, known)
				break
			}
		}
	}
	return out
}

// describedTags reads the tags of the document.
func (m *importer) describedTags() {
	list := m.root.Get("tags")
	if !list.Is(document.List) {
		return
	}
	for _, t := range list.Items {
		if i, ok := m.tag(t.Get("name")); ok {
			m.out.Tags[i].Description = t.Get("description").String()
		}
	}
}

// operationTags adds the operation to its tags.
func (m *importer) operationTags(operation *document.Node, id model.ID) {
	list := operation.Get("tags")
	if !list.Is(document.List) {
		return
	}
	for _, t := range list.Items {
		i, ok := m.tag(t)
		if !ok {
			continue
		}
		tag := &m.out.Tags[i]
		if n := len(tag.Operations); n == 0 || tag.Operations[n-1] != id {
			tag.Operations = append(tag.Operations, id)
		}
	}
}

// tag returns the place of a tag among those of the import, where it is put if
// it is new. It is false for what is no name and for tags beyond MaxTags.
func (m *importer) tag(name *document.Node) (int, bool) {
	text := strings.TrimSpace(name.String())
	if text == "" {
		return 0, false
	}
	key := strings.ToLower(text)
	if i, ok := m.tags[key]; ok {
		return i, true
	}
	if len(m.out.Tags) == MaxTags {
		m.warnAt(name, "tags",
			fmt.Sprintf("the document has more than %d tags (limit MaxTags); the tag %q is not read", MaxTags, cut(text, 80)), "")
		return 0, false
	}
	m.tags[key] = len(m.out.Tags)
	m.out.Tags = append(m.out.Tags, transfer.ImportedTag{Name: text})
	return m.tags[key], true
}
