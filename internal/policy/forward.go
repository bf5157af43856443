package policy

import (
	"crypto/tls"
	"time"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
)

// HTTPVersion says which version of HTTP a backend is called with.
type HTTPVersion uint8

// The values of forward-request's http-version.
const (
	HTTP1 HTTPVersion = iota
	HTTP2
	HTTP2Or1
)

// ForwardOptions is how a request is forwarded: forward-request's attributes.
type ForwardOptions struct {
	Timeout           time.Duration // until the response's head; 0 for none
	ContinueTimeout   time.Duration // to wait for 100 Continue; 0 for not at all
	Version           HTTPVersion
	FollowRedirects   bool
	BufferRequestBody bool // keep the body so that it can be sent again
	BufferResponse    bool // pass on in pieces of up to 8 KiB instead of as it comes
	FailOnErrorStatus bool // an answer of 400 to 599 is a failure
}

// DefaultTimeout is how long a backend may take to begin its answer where the
// policy does not say it, as in Azure API Management.
const DefaultTimeout = 300 * time.Second

// DefaultForward is forward-request without attributes.
var DefaultForward = ForwardOptions{Timeout: DefaultTimeout, BufferResponse: true}

// Destination is where a call will be forwarded: the API's own service URL, a
// base URL that a policy set, or a backend of the configuration.
type Destination struct {
	// Backend is the backend entity; nil where there is only a base URL.
	Backend *model.Backend
	// BackendID is the id of Backend, such as "orders".
	BackendID string
	// Scope is that of the document which chose Backend.
	Scope Scope
	// BasePath is how many bytes of Request.URL.Path come from the base URL.
	BasePath int
	// Credentials that authentication policies add for the backend.
	Certificate *tls.Certificate
}

// Directory is what policies look up in the configuration while a request
// runs. The snapshot that the request has pinned is one.
type Directory interface {
	// Backend returns the backend with that id, or nil.
	Backend(id string) *model.Backend
	// Certificate returns a certificate of the configuration by its id or
	// thumbprint, or nil.
	Certificate(idOrThumbprint string) *tls.Certificate
	// Schema returns a schema of an API by its name, or nil.
	Schema(api model.ID, name string) *model.Schema
}

// SetBackend makes the call go to a backend of the configuration, as a document
// of a scope says. Expressions see it as context.Backend.
func (c *Call) SetBackend(id string, b *model.Backend, scope Scope) {
	c.Destination.Backend, c.Destination.BackendID, c.Destination.Scope = b, id, scope
	c.view.backend = host.Backend{ID: id, Pool: b.IsPool()}
	c.Expr.Backend = &c.view.backend
}

// DropBackend forgets the backend, so that the call goes to its base URL.
func (c *Call) DropBackend() {
	c.Destination.Backend, c.Destination.BackendID, c.Destination.Scope = nil, "", 0
	c.Expr.Backend = nil
}

// SetBaseURL makes the call go to another base URL. The part of the path that
// does not belong to the old base is kept.
func (c *Call) SetBaseURL(base *message.URL) {
	relative := c.Request.URL.Path[c.Destination.BasePath:]
	c.Request.URL.Scheme, c.Request.URL.Host, c.Request.URL.Port = base.Scheme, base.Host, base.Port
	c.setPath(base.Path, relative)
}

// SetRelativePath replaces the part of the path below the base URL. It begins
// with "/".
func (c *Call) SetRelativePath(relative string) {
	c.setPath(c.Request.URL.Path[:c.Destination.BasePath], relative)
}

// RelativePath returns the part of the path below the base URL.
func (c *Call) RelativePath() string { return c.Request.URL.Path[c.Destination.BasePath:] }

// setPath joins base and relative path with exactly one slash.
func (c *Call) setPath(base, relative string) {
	for len(base) > 0 && base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	c.Destination.BasePath = len(base)
	slash := ""
	if relative != "" && relative[0] != '/' {
		slash = "/"
	}
	if base == "" && slash == "" {
		c.Request.URL.Path = relative
		return
	}
	path := append(append(c.Arena.Begin(), base...), slash...)
	c.Request.URL.Path = c.Arena.End(append(path, relative...))
}
