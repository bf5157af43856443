package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
)

// Fragment answers with one of the section's templates without the layout, for a
// module that puts it into a page. The template is executed with data itself. A
// client that has it already, by its ETag, is told so.
func (x *Exchange) Fragment(template string, data any) error {
	began := x.Site.clock.Now()
	b := takeBuffer()
	defer keepBuffer(b)
	if err := x.part.templates.set.ExecuteTemplate(&boundedWriter{b}, template, data); err != nil {
		return fmt.Errorf("rendering %s of the section %s: %w", template, x.part.Name, err)
	}
	x.rendered += x.Site.clock.Since(began)
	x.Site.security(x)
	sum := sha256.Sum256(b.Bytes())
	etag := `W/"` + hex.EncodeToString(sum[:8]) + `"`
	h := x.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", etag)
	h.Add("Vary", "Cookie, Accept-Encoding")
	if x.R.Header.Get("If-None-Match") == etag {
		x.W.WriteHeader(http.StatusNotModified)
		return nil
	}
	return x.send(http.StatusOK, b.Bytes())
}
