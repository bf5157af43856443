package policy

import (
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
)

// view shows a call's messages to expressions. It is part of the call, so that
// showing them allocates nothing.
type view struct {
	url, original           host.URL
	requestHead, answerHead headerView
	requestBody, answerBody bodyView
	certificate             host.Certificate
	backend                 host.Backend
	hostless                bool // the request came without a Host field
}

// WithoutHost says that the request came without a Host field, as one of
// HTTP/1.0 may: expressions see none until a policy sets it.
func (c *Call) WithoutHost() { c.view.hostless = true }

// Expression returns what expressions of this call see, as it stands now.
func (c *Call) Expression() *host.Context {
	ctx := &c.Expr
	ctx.Request = (*requestView)(c)
	if c.Response != nil && c.Response.Status != 0 {
		ctx.Response = (*responseView)(c)
	} else {
		ctx.Response = nil
	}
	return ctx
}

// requestView is the call as context.Request.
type requestView Call

// Headers returns the request's headers.
func (v *requestView) Headers() host.Headers {
	v.view.requestHead.header, v.view.requestHead.original = &v.Request.Header, &v.Original
	if v.view.hostless {
		v.view.requestHead.original = nil
	}
	return &v.view.requestHead
}

// Body returns the request's body.
func (v *requestView) Body() host.Body {
	v.view.requestBody = bodyView{body: &v.Request.Body, header: &v.Request.Header, client: true, limit: (*Call)(v).BufferLimit()}
	return &v.view.requestBody
}

// Method returns the method.
func (v *requestView) Method() string { return v.Request.Method }

// URL returns the URL that will be forwarded.
func (v *requestView) URL() *host.URL {
	showURL(&v.view.url, &v.Request.URL)
	return &v.view.url
}

// OriginalURL returns the URL that the client called.
func (v *requestView) OriginalURL() *host.URL {
	showURL(&v.view.original, &v.Original)
	return &v.view.original
}

func showURL(dst *host.URL, src *message.URL) {
	*dst = host.URL{Scheme: src.Scheme, Host: src.Host, Port: int(src.EffectivePort()), Path: src.Path, RawQuery: src.Query}
}

// ClientIP returns the caller's address.
func (v *requestView) ClientIP() string { return v.Request.Client.Addr().Unmap().String() }

// Parameter returns the n-th matched parameter of the URL template.
func (v *requestView) Parameter(n int) (name, value string) {
	if n >= len(v.Parameters) {
		return "", ""
	}
	return v.Parameters[n].Name, v.Parameters[n].Value
}

// Certificate returns the client's certificate, or nil.
func (v *requestView) Certificate() *host.Certificate {
	leaf := v.Request.ClientCertificate()
	if leaf == nil {
		return nil
	}
	v.view.certificate.Leaf, v.view.certificate.Verified = leaf, v.Request.TLS.Verified
	return &v.view.certificate
}

// responseView is the call as context.Response.
type responseView Call

// Headers returns the response's headers.
func (v *responseView) Headers() host.Headers {
	v.view.answerHead.header = &v.Response.Header
	return &v.view.answerHead
}

// Body returns the response's body.
func (v *responseView) Body() host.Body {
	v.view.answerBody = bodyView{body: &v.Response.Body, header: &v.Response.Header, limit: (*Call)(v).BufferLimit()}
	return &v.view.answerBody
}

// StatusCode returns the status.
func (v *responseView) StatusCode() int { return v.Response.Status }

// StatusReason returns the reason phrase.
func (v *responseView) StatusReason() string { return v.Response.ReasonPhrase() }

// headerView is a header as expressions see it.
type headerView struct {
	header *message.Header
	// original is the URL that the client called, whose authority stands for
	// Host until a policy sets that header; nil for a response.
	original *message.URL
}

// Get returns all values of a header joined by commas.
func (v *headerView) Get(name string) (string, bool) {
	n := message.NameOf(name)
	if text, ok := v.header.Joined(n, ","); ok || !v.hostFor(n) {
		return text, ok
	}
	return v.original.Authority(), true
}

// hostFor reports whether a name is Host and the URL stands for it.
func (v *headerView) hostFor(n message.Name) bool {
	return v.original != nil && n.Is(message.Host) && !v.header.Has(message.Host)
}

// Values returns the values of a header as they were received.
func (v *headerView) Values(name string) []string {
	n := message.NameOf(name)
	if v.hostFor(n) {
		return []string{v.original.Authority()}
	}
	return v.header.Values(nil, n)
}

// Each calls f once with each name, in the order of first occurrence.
func (v *headerView) Each(f func(name string, values []string) bool) {
	if v.hostFor(message.Host) && !f("Host", []string{v.original.Authority()}) {
		return
	}
	fields := v.header.Fields()
	for i := range fields {
		if v.firstOf(i) && !f(fields[i].Name, v.header.Values(nil, fields[i].Key())) {
			return
		}
	}
}

// Len returns the number of different names.
func (v *headerView) Len() int {
	n := 0
	if v.hostFor(message.Host) {
		n = 1
	}
	for i := range v.header.Fields() {
		if v.firstOf(i) {
			n++
		}
	}
	return n
}

// firstOf reports whether no line before the i-th has its name.
func (v *headerView) firstOf(i int) bool {
	fields := v.header.Fields()
	for j := range i {
		if fields[j].Is(fields[i].Key()) {
			return false
		}
	}
	return true
}

// bodyView is a body as expressions see it.
type bodyView struct {
	body   *message.Body
	header *message.Header
	limit  int64
	client bool  // it is the client's, not a backend's
	err    error // why it could not be read
}

// Present reports whether there is a body.
func (v *bodyView) Present() bool { return v.body.Present() }

// Bytes returns the whole body.
func (v *bodyView) Bytes(preserve bool) ([]byte, error) {
	data, err := v.read(preserve)
	if errors.Is(err, message.ErrBodyConsumed) {
		return nil, host.ErrConsumed
	}
	if err != nil {
		return nil, err
	}
	encoding, _ := v.header.Get(message.ContentEncoding)
	plain, err := decodeContent(encoding, data, v.limit)
	if err != nil {
		v.err = v.decodeFailure(err)
	}
	return plain, err
}

// decodeFailure says whose failure a body is that cannot be decoded.
func (v *bodyView) decodeFailure(err error) error {
	if _, large := errors.AsType[*message.TooLargeError](err); large || !v.client {
		return err
	}
	return &message.ClientError{Status: 400, Err: err}
}

func (v *bodyView) read(preserve bool) (data []byte, err error) {
	if preserve {
		data, err = v.body.Buffer(v.limit)
	} else {
		data, err = v.body.Consume(v.limit)
	}
	v.err = err
	return data, err
}

// cause returns why an expression has failed, where that is a body that it
// could not read: a C# exception says only that it failed.
func (v *view) cause(err error) error {
	if _, ok := errors.AsType[*expr.Exception](err); !ok {
		return err
	}
	failed := v.requestBody.err
	if failed == nil {
		failed = v.answerBody.err
	}
	v.requestBody.err, v.answerBody.err = nil, nil
	if failed == nil || errors.Is(failed, message.ErrBodyConsumed) {
		return err
	}
	return fmt.Errorf("%w: %w", err, failed)
}

// Charset returns the charset of the content type.
func (v *bodyView) Charset() string {
	contentType, _ := v.header.Get(message.ContentType)
	if !strings.Contains(contentType, ";") {
		return ""
	}
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return parameters["charset"]
}
