package listen

import (
	"net/http"
	"sync"

	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// engine turns exchanges in the form of net/http, which are those of HTTP/2 and
// HTTP/3, into the gateway's own.
type engine struct {
	handler message.Handler
	server  *Server
	pool    sync.Pool // of *exchange
}

// exchange is one request with its responder, reused from one to the next.
type exchange struct {
	request   message.Request
	responder responder
}

func newEngine(h message.Handler, s *Server) *engine {
	e := &engine{handler: h, server: s}
	e.pool.New = func() any { return &exchange{} }
	return e
}

// ServeHTTP serves one request.
func (e *engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := peerOf(r.Context())
	x := e.pool.Get().(*exchange) //nolint:forcetypeassert // The pool makes nothing else.
	refused := takeRequest(&x.request, c, r)
	switch {
	case refused != nil:
		e.server.noteRefusal(c.client, refused)
		sendRefusal(refused, w, c.protocol)
	case r.RequestURI == "*":
		// It asks about the server as a whole (RFC 9110 §9.3.7).
		w.Header()["Allow"] = []string{http1.AllowedMethods}
		w.WriteHeader(http.StatusOK)
	default:
		e.serve(x, c, w, r)
	}
	broken := x.responder.broken
	x.request.Reset()
	x.responder = responder{}
	e.pool.Put(x)
	if broken {
		// The engine's own way to end an exchange in the middle of its body, so
		// that the client does not take the part for the whole.
		panic(http.ErrAbortHandler)
	}
}

// serve hands a request to the gateway.
func (e *engine) serve(x *exchange, c *peer, w http.ResponseWriter, r *http.Request) {
	body := takeBody(&x.request, w, r)
	if body != nil {
		// A backend that still reads the body finds it closed, and changes
		// nothing in the request that x is used for next.
		defer body.leave()
	}
	x.responder = responder{w: w, r: r, conn: c, body: body}
	if c.secure != nil && c.protocol == message.HTTP2 {
		x.responder.alt = e.server.alt.value(x.request.URL.Port)
	}
	e.handler.Serve(&x.request, &x.responder)
	if !x.responder.begun {
		// The client is gone, or the handler has failed. Nothing said is better
		// than the empty 200 that the engine would send.
		x.responder.broken = true
	}
}
