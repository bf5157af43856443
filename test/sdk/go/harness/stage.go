package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// stage is the server of one example, with what the example assumes.
type stage struct {
	ctx     context.Context // of the test
	server  http.Handler
	links   map[string]string // documents by URL
	version string
	samples samples
	want    map[string]any
	set     bool
	path    string // of the resource that the first request is about
	action  string // of the request itself
	body    string
	made    map[string]bool
	log     []string
}

// send answers a request of the example. Before the first one, what the example
// assumes is put into the server.
func (s *stage) send(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		body = []byte(certificates(string(body)))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	if r.Body == nil {
		r.Body = http.NoBody // As a server has it.
	}
	if !s.set {
		s.set, s.made = true, map[string]bool{}
		s.path, s.action, s.body = r.URL.Path, r.URL.Path, string(body)
		if _, segments := split(s.path); r.Method == http.MethodPost && len(segments)%2 == 1 && len(segments) > 1 {
			s.path = s.path[:strings.LastIndexByte(s.path, '/')]
		}
		s.prepare(r, string(body))
	}
	if r.Header.Get("If-Match") == "<if-match>" {
		r.Header.Set("If-Match", s.etag(r.URL.Path))
	}
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	response := w.Result()
	response.Request = r
	s.note(r.Method, r.URL.RequestURI(), string(body), w)
	return response, nil
}

// etag is the version of a resource, for the examples that leave it open.
func (s *stage) etag(path string) string {
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, httptest.NewRequestWithContext(s.ctx, http.MethodGet, path+"?api-version="+s.version, nil))
	return w.Header().Get("ETag")
}

// note keeps what was done, for the message of a failure.
func (s *stage) note(method, path, body string, w *httptest.ResponseRecorder) {
	line := fmt.Sprintf("  %s %s → %d", method, short(path, 300), w.Code)
	if body != "" {
		line += "\n      " + short(body, 600)
	}
	if w.Body.Len() > 0 {
		line += "\n    = " + short(w.Body.String(), 900)
	}
	s.log = append(s.log, line)
}

// story is what was done, in order.
func (s *stage) story() string { return strings.Join(s.log, "\n") }

func short(text string, most int) string {
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}

// put puts something into the server, and says whether it is there then.
func (s *stage) put(path, body string) bool {
	body = certificates(body)
	r := httptest.NewRequestWithContext(s.ctx, http.MethodPut, (&urlPath{path}).String()+"?api-version="+s.version, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	if w.Code >= 300 {
		s.note("(prepare) PUT", path, body, w)
	}
	return w.Code < 300
}

// urlPath encodes a path.
type urlPath struct{ path string }

// String writes the path as it stands in a URL.
func (p *urlPath) String() string {
	return strings.NewReplacer(" ", "%20", "?", "%3F", "#", "%23").Replace(p.path)
}

func encode(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(raw)
}
