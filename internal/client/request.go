package client

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
)

// request is one call before it is made.
type request struct {
	query   url.Values
	header  http.Header
	timeout time.Duration
}

// Call is an option of one call.
type Call func(*request)

// Query sets a parameter of the URL.
func Query(name, value string) Call {
	return func(r *request) { r.query.Set(name, value) }
}

// Top sets how many resources a page of a list has, 1 to 1000.
func Top(n int) Call { return Query("$top", strconv.Itoa(n)) }

// Filter sets the OData filter of a list.
func Filter(odata string) Call { return Query("$filter", odata) }

// IfMatch lets a change be made only where the resource has this ETag.
func IfMatch(etag string) Call {
	return func(r *request) { r.header.Set("If-Match", etag) }
}

// IfNew lets a Put only make a resource: where there is one, the error is one of
// IsConflict. A form that is sent twice makes one thing by it.
func IfNew() Call {
	return func(r *request) { r.header.Set("If-None-Match", "*") }
}

// Within is how long the whole call may take, for calls that wait on purpose. It
// is callTimeout, 30 s, for others.
func Within(d time.Duration) Call {
	return func(r *request) { r.timeout = d }
}

// Header sets a field of the request, for Raw: Content-Type, Accept.
func Header(name, value string) Call {
	return func(r *request) { r.header.Set(name, value) }
}

func newRequest(options []Call) *request {
	r := &request{query: url.Values{}, header: http.Header{}, timeout: callTimeout}
	r.query.Set("api-version", Version)
	for _, o := range options {
		o(r)
	}
	return r
}

// Path joins parts to a path, escaped: what a visitor gave stays one segment.
func Path(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = url.PathEscape(p)
	}
	return strings.Join(escaped, "/")
}

// checkPath refuses paths that would lead elsewhere than they say. What has such
// a name is not there.
func checkPath(path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil || decoded == "" || decoded == "." || decoded == ".." || strings.ContainsAny(segment, "?#\\") ||
			strings.ContainsFunc(decoded, func(c rune) bool { return c < ' ' || c == 0x7f || c == '/' || c == '\\' }) {
			return problem.NotFound("Resource", path)
		}
	}
	return nil
}
