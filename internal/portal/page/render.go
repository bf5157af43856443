package page

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Bounds of rendering.
const (
	// minGzip is the size from which on HTML is compressed.
	minGzip = 1 << 10
	// maxKeptBuffer is the size up to which a buffer is kept for the next page.
	maxKeptBuffer = 1 << 20
	// gzipLevel gives nearly the best size for a third of its time.
	gzipLevel = 5
)

// Nothing is kept between pages but memory.
var (
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	zippers = sync.Pool{New: func() any {
		w, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
		if err != nil {
			return gzip.NewWriter(io.Discard)
		}
		return w
	}}
)

// View is what templates are executed with.
type View struct {
	Page
	Visitor Visitor
	Look    Look
	// Path is the path of the request, and Query its query.
	Path, Query string
	// Theme is "light" or "dark" where the visitor has chosen, else "".
	Theme string
	// Banner is a sentence above the page, or "".
	Banner string
	// Notice is shown once; it may be nil.
	Notice *shownNotice
	// ModuleURLs and StyleURLs are what Modules and Styles name.
	ModuleURLs, StyleURLs []string

	x *Exchange
}

// CSRF is the hidden field that each form with method="post" must have.
func (v *View) CSRF() (template.HTML, error) {
	token, err := v.x.Token()
	if err != nil {
		return "", err
	}
	return hidden(tokenField, token), nil
}

// Token is the text in CSRF, for modules that send the header X-CSRF-Token.
func (v *View) Token() (string, error) { return v.x.Token() }

// Has says whether the portal has a page at a path without variables: "/usage".
func (v *View) Has(path string) bool { return v.x.Site.has("GET", path) }

// Current says whether a link of the navigation leads to the part of the portal
// that the page belongs to.
func (v *View) Current(l Link) bool {
	at := v.Path
	if v.Section != "" {
		at = "/" + v.Section
	}
	if l.Path == "/" {
		return at == "/"
	}
	return at == l.Path || strings.HasPrefix(at, l.Path+"/")
}

// Render answers with a page in the layout. Nothing is written where it fails.
func (x *Exchange) Render(status int, p Page) error {
	began := x.Site.clock.Now()
	b := takeBuffer()
	defer keepBuffer(b)
	v, err := x.view(p)
	if err != nil {
		return err
	}
	part := x.part
	if part == nil {
		part = x.Site.sections[frameName]
	}
	if err := part.templates.page(b, v); err != nil {
		return fmt.Errorf("rendering %s of the section %s: %w", p.Template, part.Name, err)
	}
	body := x.fillOnce(b.Bytes())
	x.rendered += x.Site.clock.Since(began)
	x.Site.security(x)
	h := x.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", x.caching())
	h.Add("Vary", "Cookie, Accept-Encoding")
	return x.send(status, body)
}

// caching keeps what one visitor sees out of what another may.
func (x *Exchange) caching() string {
	if x.secret != nil || x.Visitor.SignedIn() {
		return "no-store"
	}
	return "private, no-cache"
}

func (x *Exchange) view(p Page) (*View, error) {
	s := x.Site
	v := &View{
		Page: p, Visitor: x.Visitor, Look: s.look(x.Visitor), Path: x.R.URL.Path, Query: x.R.URL.RawQuery,
		Theme: theme(x.R), Notice: x.takeNotice(), Banner: x.banner(), x: x,
	}
	if p.Look != nil {
		v.Look = *p.Look
	}
	section := frameName
	if x.part != nil {
		section = x.part.Name
	}
	var errs []error
	resolve := func(names []string) []string {
		var list []string
		for _, name := range names {
			path, err := s.assets.resolve(section, name)
			errs = append(errs, err)
			list = append(list, path)
		}
		return list
	}
	v.ModuleURLs, v.StyleURLs = resolve(p.Modules), resolve(p.Styles)
	return v, errors.Join(errs...)
}

func (x *Exchange) banner() string {
	if x.unsure {
		return "The service behind this portal does not answer right now. Until it does, you are shown what guests see."
	}
	if x.Site.banner == nil {
		return ""
	}
	return x.Site.banner()
}

// onceMark stands for the hidden field "once" until the page is done, because
// functions of templates do not know for whom they work. It has bytes that
// escaping leaves in no text from outside.
const onceMark = "<\x00once\x00>"

func (x *Exchange) fillOnce(page []byte) []byte {
	if !bytes.Contains(page, []byte(onceMark)) {
		return page
	}
	return bytes.ReplaceAll(page, []byte(onceMark), []byte(hidden(onceField, x.Once())))
}

// send writes a page with its length, compressed where that is worth it.
func (x *Exchange) send(status int, body []byte) error {
	h := x.W.Header()
	if len(body) >= minGzip && acceptsGzip(x.R) {
		zipped := takeBuffer()
		defer keepBuffer(zipped)
		if err := compress(zipped, body); err != nil {
			return fmt.Errorf("compressing a page: %w", err)
		}
		h.Set("Content-Encoding", "gzip")
		body = zipped.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.W.WriteHeader(status)
	if x.R.Method == http.MethodHead {
		return nil
	}
	// The visitor may have gone; there is nobody to tell.
	_, _ = x.W.Write(body) //nolint:gosec // It is what html/template has made.
	return nil
}

func compress(dst *bytes.Buffer, body []byte) error {
	w, ok := zippers.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(dst)
	}
	defer zippers.Put(w)
	w.Reset(dst)
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Close()
}

func takeBuffer() *bytes.Buffer {
	if b, ok := buffers.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return new(bytes.Buffer)
}

func keepBuffer(b *bytes.Buffer) {
	if b.Cap() <= maxKeptBuffer {
		buffers.Put(b)
	}
}

// acceptsGzip says whether a client takes gzip. A quality of zero refuses it.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.ReplaceAll(quality, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// theme is the visitor's choice, which the switch keeps in a cookie.
func theme(r *http.Request) string {
	if c, err := r.Cookie("sallyport-theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}
