package content

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"github.com/sallyport/sallyport/internal/model/site"
)

// Shown is content that is ready to be shown. It never changes.
type Shown struct {
	// Revision is the name of the publication; "" is the default content.
	Revision string
	// Content is what is shown, and Published what of it is kept: without the theme
	// of a folder.
	Content, Published *site.Content
	pages              map[string]*Page
	// style is the theme's style sheet; nil is none. stylePath is where it is.
	style     []byte
	stylePath string
	// blobs are what the media hold, by their digests.
	blobs map[string]blob
	// name is the title, or what stands for it: the publisher's name.
	name, publisher string
}

type blob struct {
	kind string
	data []byte
}

// show makes content ready. Faults are by page; the content is shown as far as it
// can be read.
func (r *renderer) show(c *site.Content, blobs map[string][]byte, name string) (*Shown, map[string][]Fault) {
	s := &Shown{Content: c, pages: map[string]*Page{}, blobs: map[string]blob{}, name: name, publisher: name}
	faults := map[string][]Fault{}
	for slug, p := range c.Pages {
		page, wrong := r.draw(slug, p, c.Media)
		s.pages[slug] = page
		if len(wrong) > 0 {
			faults[slug] = wrong
		}
	}
	for _, m := range c.Media {
		if data, ok := blobs[m.Digest]; ok {
			s.blobs[m.Digest] = blob{m.Type, data}
		}
	}
	if c.Look.Title != "" {
		s.name = c.Look.Title
	}
	if s.style = StyleSheet(c.Look.Theme, c.Media); s.style != nil {
		sum := sha256.Sum256(s.style)
		s.stylePath = stylePrefix + hex.EncodeToString(sum[:16]) + ".css"
	}
	return s, faults
}

// logFaults tells what could not be read.
func logFaults(log *slog.Logger, portal string, faults map[string][]Fault) {
	for slug, list := range faults {
		log.Warn("a published page has mistakes, and is shown without them", "portal", portal, "page", slug, "first", list[0].String())
	}
}
