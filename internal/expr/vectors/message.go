package vectors

import (
	"sort"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
)

// messageDoc is a request or a response as the file of contexts writes it.
type messageDoc struct {
	Method            string            `json:"method"`
	URL               string            `json:"url"`
	OriginalURL       string            `json:"originalUrl"`
	IPAddress         string            `json:"ipAddress"`
	Headers           orderedHeaders    `json:"headers"`
	MatchedParameters map[string]string `json:"matchedParameters"`
	Body              *string           `json:"body"`
	StatusCode        int               `json:"statusCode"`
	StatusReason      string            `json:"statusReason"`
}

// message is a request or a response in memory.
type message struct {
	doc           *messageDoc
	url, original *host.URL
	body          body
	params        []string
}

var (
	_ host.Request  = (*message)(nil)
	_ host.Response = (*message)(nil)
)

func (d *messageDoc) build() (*message, error) {
	m := &message{doc: d}
	var err error
	if m.url, err = parseURL(d.URL); err != nil {
		return nil, err
	}
	if m.original, err = parseURL(d.OriginalURL); err != nil {
		return nil, err
	}
	for name := range d.MatchedParameters {
		m.params = append(m.params, name)
	}
	sort.Strings(m.params)
	m.body = body{data: d.Body}
	return m, nil
}

// Headers returns the headers.
func (m *message) Headers() host.Headers { return &m.doc.Headers }

// Body returns the body.
func (m *message) Body() host.Body { return &m.body }

// Method returns the method.
func (m *message) Method() string { return m.doc.Method }

// URL returns the URL.
func (m *message) URL() *host.URL { return m.url }

// OriginalURL returns the URL as received.
func (m *message) OriginalURL() *host.URL { return m.original }

// ClientIP returns the caller's address.
func (m *message) ClientIP() string { return m.doc.IPAddress }

// Parameter returns the n-th matched parameter.
func (m *message) Parameter(n int) (name, value string) {
	if n >= len(m.params) {
		return "", ""
	}
	return m.params[n], m.doc.MatchedParameters[m.params[n]]
}

// Certificate returns nil: vectors have no client certificates.
func (m *message) Certificate() *host.Certificate { return nil }

// StatusCode returns the status.
func (m *message) StatusCode() int { return m.doc.StatusCode }

// StatusReason returns the reason phrase.
func (m *message) StatusReason() string { return m.doc.StatusReason }

// body is a body in memory; nil data is none.
type body struct {
	data     *string
	consumed bool
}

// Present reports whether there is a body.
func (b *body) Present() bool { return b.data != nil }

// Bytes returns the body, once unless preserved.
func (b *body) Bytes(preserve bool) ([]byte, error) {
	if b.consumed {
		return nil, host.ErrConsumed
	}
	b.consumed = !preserve
	return []byte(*b.data), nil
}

// Charset returns "": bodies of vectors are UTF-8.
func (b *body) Charset() string { return "" }

// orderedHeaders are headers in the order of the file.
type orderedHeaders struct {
	names  []string
	values [][]string
}

func (h *orderedHeaders) find(name string) int {
	for i, n := range h.names {
		if strings.EqualFold(n, name) {
			return i
		}
	}
	return -1
}

// Get returns a header's values joined by commas.
func (h *orderedHeaders) Get(name string) (string, bool) {
	i := h.find(name)
	if i < 0 {
		return "", false
	}
	return strings.Join(h.values[i], ","), true
}

// Values returns a header's values.
func (h *orderedHeaders) Values(name string) []string {
	if i := h.find(name); i >= 0 {
		return h.values[i]
	}
	return nil
}

// Each calls f with each header.
func (h *orderedHeaders) Each(f func(name string, values []string) bool) {
	for i, name := range h.names {
		if !f(name, h.values[i]) {
			return
		}
	}
}

// Len returns the number of headers.
func (h *orderedHeaders) Len() int { return len(h.names) }
