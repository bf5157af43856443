package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// assetPrefix is where assets are served.
const assetPrefix = "/assets/"

// Bounds of assets, which come from the binary.
const (
	maxAssets     = 1000
	maxAssetBytes = 4 << 20
)

// assetTypes are the kinds of files that are served, and whether compression
// makes them smaller.
var assetTypes = map[string]struct {
	mime string
	text bool
}{
	".css":   {"text/css; charset=utf-8", true},
	".js":    {"text/javascript; charset=utf-8", true},
	".mjs":   {"text/javascript; charset=utf-8", true},
	".json":  {"application/json", true},
	".svg":   {"image/svg+xml", true},
	".txt":   {"text/plain; charset=utf-8", true},
	".png":   {"image/png", false},
	".jpg":   {"image/jpeg", false},
	".webp":  {"image/webp", false},
	".ico":   {"image/x-icon", false},
	".woff2": {"font/woff2", false},
}

// assets are the files of all sections, under one version: the hash of all of
// them. Modules can therefore import each other by relative paths.
type assets struct {
	version string
	files   map[string]*asset
}

type asset struct {
	mime, etag string
	body       []byte
	text       bool
	once       sync.Once
	zipped     []byte // nil where compression is of no use.
}

func newAssets(sections []*Section) (*assets, error) {
	a := &assets{files: map[string]*asset{}}
	for _, section := range sections {
		if section.Assets == nil {
			continue
		}
		if err := a.add(section); err != nil {
			return nil, fmt.Errorf("the assets of the section %q: %w", section.Name, err)
		}
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		sum.Write([]byte(name + "\x00" + a.files[name].etag + "\x00"))
	}
	a.version = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

func (a *assets) add(section *Section) error {
	return fs.WalkDir(section.Assets, ".", func(name string, d fs.DirEntry, err error) error {
		kind, known := assetTypes[path.Ext(name)]
		if err != nil || d.IsDir() || !known {
			return err
		}
		body, err := fs.ReadFile(section.Assets, name)
		if err != nil {
			return err
		}
		if len(body) > maxAssetBytes || len(a.files) >= maxAssets {
			return fmt.Errorf("%s: more than %d assets, or longer than %d bytes", name, maxAssets, maxAssetBytes)
		}
		sum := sha256.Sum256(body)
		a.files[section.Name+"/"+name] = &asset{
			mime: kind.mime, etag: `"` + hex.EncodeToString(sum[:12]) + `"`, body: body, text: kind.text,
		}
		return nil
	})
}

// path is the address of an asset, "section/name".
func (a *assets) path(name string) (string, error) {
	if a.files[name] == nil {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return assetPrefix + a.version + "/" + name, nil
}

// resolve is the address of an asset of the section, or of another's by its full
// name.
func (a *assets) resolve(section, name string) (string, error) {
	if a.files[section+"/"+name] != nil {
		return a.path(section + "/" + name)
	}
	return a.path(name)
}

// serve answers for assets. One that is asked for with another version, by a page
// of another release, is served and not to be kept.
func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// A picture that is opened by itself must not run what is written in it.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
	file := a.files[r.PathValue("name")]
	if file == nil {
		h.Set("Cache-Control", "no-store")
		http.Error(w, "There is no such asset.", http.StatusNotFound)
		return
	}
	if r.PathValue("version") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Content-Type", file.mime)
	h.Set("ETag", file.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), file.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := file.body
	if file.text && acceptsGzip(r) {
		if zipped := file.gzip(); zipped != nil {
			h.Set("Content-Encoding", "gzip")
			body = zipped
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// The visitor may have gone; there is nobody to tell.
	_, _ = w.Write(body)
}

// gzip is the compressed file, made when it is first asked for, so that starting
// does not wait for it.
func (f *asset) gzip() []byte {
	f.once.Do(func() {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return
		}
		if _, err := w.Write(f.body); err != nil || w.Close() != nil || b.Len() >= len(f.body) {
			return
		}
		f.zipped = b.Bytes()
	})
	return f.zipped
}
