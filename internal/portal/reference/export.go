package reference

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/portal/reference/document"
	"github.com/sallyport/sallyport/internal/portal/reference/rewrite"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of exports.
const (
	// exportsPerMinute bounds the exports of one address.
	exportsPerMinute = 30
	// MaxExport bounds an exported document, in bytes.
	MaxExport = 64 << 20
)

func exportLimit() *page.Limit {
	return &page.Limit{Name: "export", Events: exportsPerMinute, Per: time.Minute}
}

// export is a format in which an API can be downloaded.
type export struct {
	// Name is the last part of the path, and Label what the format is called.
	Name, Label string
	// via is the format of the management API's export, and as what becomes of
	// it; original says that the imported document is given.
	via      string
	as       func(document.Value) []byte
	original bool
	media    string
	ending   string
}

// The media types of what is downloaded.
const (
	mediaYAML = "application/vnd.oai.openapi"
	mediaJSON = "application/vnd.oai.openapi+json"
)

// formats are those of APIs of HTTP.
func formats() []export {
	upgraded := func(v document.Value) []byte { return rewrite.Indent(rewrite.Upgrade(v)) }
	upgradedYAML := func(v document.Value) []byte { return rewrite.YAML(rewrite.Upgrade(v)) }
	return []export{
		{Name: "openapi", Label: "OpenAPI 3.0 (YAML)", via: "openapi-link", media: mediaYAML, ending: ".yaml"},
		{Name: "openapi+json", Label: "OpenAPI 3.0 (JSON)", via: "openapi+json-link", media: mediaJSON, ending: ".json"},
		{Name: "openapi-3.1", Label: "OpenAPI 3.1 (YAML)", via: "openapi+json-link", as: upgradedYAML, media: mediaYAML, ending: ".yaml"},
		{Name: "openapi-3.1+json", Label: "OpenAPI 3.1 (JSON)", via: "openapi+json-link", as: upgraded, media: mediaJSON, ending: ".json"},
		{Name: "swagger", Label: "Swagger 2.0 (JSON)", via: "swagger-link", media: "application/json", ending: ".json"},
		{Name: "wadl", Label: "WADL", via: "wadl-link", media: "application/vnd.sun.wadl+xml", ending: ".wadl"},
	}
}

// exports are the formats of the API: none where there is nothing to describe.
func (b *subject) exports() []export {
	format := ""
	if b.Known != nil {
		format = b.Known.Format
	}
	original := export{Name: "original", original: true}
	switch strings.ToLower(b.API.Type) {
	case typeGraphQL:
		if format != typeGraphQL {
			return nil
		}
		original.Label, original.media, original.ending = "GraphQL schema", "application/graphql", ".graphql"
		return []export{original}
	case typeGRPC:
		if format != typeGRPC {
			return nil
		}
		original.Label, original.media, original.ending = "Protocol Buffers", "text/plain", ".proto"
		return []export{original}
	case typeWebSocket:
		return nil
	case typeSOAP:
		return []export{{Name: "wsdl", Label: "WSDL", via: "wsdl-link", media: "application/wsdl+xml", ending: ".wsdl"}}
	}
	if len(b.Operations) == 0 {
		return nil
	}
	all := formats()
	if b.Known != nil && b.Known.document != nil {
		original.Label = "OpenAPI " + b.Known.document.Version + ", as it was published (JSON)"
		if strings.HasPrefix(b.Known.document.Version, "2") {
			original.Label = "Swagger 2.0, as it was published (JSON)"
		}
		original.media, original.ending = mediaJSON, ".json"
		all = append([]export{original}, all...)
	}
	return all
}

func (s *section) export(x *page.Exchange) error {
	b, err := s.find(x)
	if err != nil {
		return err
	}
	name := x.Value("format")
	for _, e := range b.exports() {
		if e.Name != name {
			continue
		}
		data, err := s.exported(x, b, e)
		if err != nil {
			return err
		}
		return send(x, b, e, data)
	}
	return problem.NotFound("Format", name)
}

// exported is the document of a format.
func (s *section) exported(x *page.Exchange, b *subject, e export) ([]byte, error) {
	name := b.API.Name
	if b.Revision != "" {
		name += ";rev=" + b.Revision
	}
	path := client.PathIn("apis", name)
	if e.original {
		if d := b.Known.document; d != nil {
			return rewrite.Indent(b.published()), nil
		}
		got, err := client.Read[client.DescriptionDocument](x.R.Context(), x.Portal(), path+"/sallyportDescriptions/original/document")
		return []byte(got.Value), err
	}
	response, err := client.Export(x.R.Context(), x.Portal(), path, e.via)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	data, err := io.ReadAll(io.LimitReader(response.Body, MaxExport+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading an exported document: %w", err)
	case len(data) > MaxExport:
		return nil, fmt.Errorf("the exported document is longer than %d bytes (limit MaxExport)", MaxExport)
	case e.as == nil:
		return data, nil
	}
	read, err := document.Read(data)
	if err != nil {
		return nil, fmt.Errorf("reading an exported document: %w", err)
	}
	return e.as(read.Root()), nil
}

// published is the document that the API was imported from, with the operations
// that exist and what they lead to, and with the gateway in place of servers.
func (b *subject) published() []byte {
	d := b.Known
	exists := map[string]bool{}
	for _, o := range b.Operations {
		if e, of := d.find(o); e != nil && of == d.document {
			exists[e.Method+" "+e.Path] = true
		}
	}
	return rewrite.Publish(d.document.Document().Root(), rewrite.Publication{
		URL:    b.Place.URL,
		Exists: func(method, path string) bool { return exists[method+" "+path] },
		Leads:  func(reference string) bool { return d.reached[reference] },
	})
}

// send answers with a file.
func send(x *page.Exchange, b *subject, e export, data []byte) error {
	h := x.W.Header()
	h.Set("Content-Type", e.media+charset(e.media))
	h.Set("Content-Disposition", `attachment; filename="`+fileName(b.API.Name)+e.ending+`"`)
	h.Set("Vary", "Accept-Encoding")
	if packed, ok := compressed(x.R, data); ok {
		h.Set("Content-Encoding", "gzip")
		data = packed
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	x.W.WriteHeader(http.StatusOK)
	if x.R.Method == http.MethodHead {
		return nil
	}
	_, _ = x.W.Write(data) // A client that has gone misses nothing.
	return nil
}

// compressed packs what is sent to a client that takes it so.
func compressed(r *http.Request, data []byte) ([]byte, bool) {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return nil, false
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, false
	}
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		return nil, false
	}
	return out.Bytes(), true
}

func charset(media string) string {
	if strings.HasPrefix(media, "text/") {
		return "; charset=utf-8"
	}
	return ""
}

// fileName is the API's name as a file may be called.
func fileName(name string) string {
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			return c
		}
		return '-'
	}, name)
	if name = strings.Trim(name, ".-"); name == "" {
		return "api"
	}
	return name
}
