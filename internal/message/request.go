package message

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/netip"
)

// Protocol is the version of HTTP that a message came with.
type Protocol uint8

// The versions of HTTP.
const (
	HTTP10 Protocol = iota + 1
	HTTP11
	HTTP2
	HTTP3
)

// String returns the version as it is written in logs.
func (p Protocol) String() string {
	switch p {
	case HTTP10:
		return "HTTP/1.0"
	case HTTP11:
		return "HTTP/1.1"
	case HTTP2:
		return "HTTP/2"
	case HTTP3:
		return "HTTP/3"
	}
	return "HTTP/?"
}

// Request is a request on its way through the gateway. When it arrives, URL is
// the URL that the client called; when it is matched it becomes the URL that
// will be called on the backend.
type Request struct {
	Method   string
	URL      URL
	Header   Header // without Host, which is in URL, and without connection fields
	Trailer  Header // filled when the body has been read
	Body     Body
	Protocol Protocol
	Client   netip.AddrPort // the peer of the connection
	TLS      *TLS           // nil on a plain connection
	Upgrade  string         // protocol that the client asks to change to, such as "websocket"; lower case
	Context  context.Context
}

// TLS is what the gateway knows of the client's TLS connection.
type TLS struct {
	Version          uint16 // as in crypto/tls
	ServerName       string
	PeerCertificates []*x509.Certificate // leaf first; not yet validated unless Verified
	Verified         bool
	// Chain leads from the client's certificate to an authority that is trusted
	// with clients; it is nil where there is no such chain. The certificate's own
	// dates have not been looked at.
	Chain []*x509.Certificate
}

// ClientCertificate returns the certificate that the client presented, or nil.
func (r *Request) ClientCertificate() *x509.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	return r.TLS.PeerCertificates[0]
}

// Reset empties the request and keeps its memory.
func (r *Request) Reset() {
	header, trailer := r.Header, r.Trailer
	header.Reset()
	trailer.Reset()
	*r = Request{}
	r.Header, r.Trailer = header, trailer
}

// Response is an answer on its way back to the client.
type Response struct {
	Status   int
	Reason   string // empty for the status's standard phrase
	Header   Header // without connection fields
	Trailer  Header // filled when the body has been read
	Body     Body
	Upgraded io.ReadWriteCloser // the backend's side of the connection after a 101; nil otherwise
	// Unbuffered makes each piece of the body go out as it comes, also where the
	// body's length is known. A body of unknown length always does.
	Unbuffered bool
}

// Reset empties the response and keeps its memory.
func (r *Response) Reset() {
	header, trailer := r.Header, r.Trailer
	header.Reset()
	trailer.Reset()
	*r = Response{}
	r.Header, r.Trailer = header, trailer
}

// Discard gives the response up: its body and the connection of a change of
// protocol are closed, and it is empty again. The error says that the backend's
// side could not be closed; it changes nothing for the client.
func (r *Response) Discard() error {
	err := r.Body.Close()
	if r.Upgraded != nil {
		err = errors.Join(err, r.Upgraded.Close())
	}
	r.Reset()
	return err
}

// Handler answers requests. An HTTP engine calls Serve once for each request;
// everything in the request is valid until Serve returns. A panic of Serve, or
// a return before Respond has sent a head, means that there is no answer or only
// a part of one: the engine breaks the exchange off, so that the client does not
// take the part for the whole.
type Handler interface {
	Serve(r *Request, w Responder)
}

// Responder sends an answer to the client.
type Responder interface {
	// Inform sends an interim response (1xx, not 101). It may do nothing where
	// the protocol has none.
	Inform(status int, header *Header) error
	// Respond sends the answer: head, then body as it streams, then trailers;
	// for a response with Upgraded it joins both connections until one ends.
	// It returns when all has been sent, and closes the body. It is called once,
	// and once more with another answer where it failed without HeadSent. The
	// error is a *ClientError where the client went away, otherwise the body's
	// own.
	Respond(*Response) (Sent, error)
}

// Sent is what Respond has sent.
type Sent struct {
	HeadSent bool  // whether the status line went out: after that no other answer can be given
	Bytes    int64 // of the body
}

// ClientError says that the failure is the client's: it went away, or what it
// sent is malformed. It never counts against a backend.
type ClientError struct {
	Status int // answer to give where one can still be given; 0 where the client is gone
	Err    error
}

// Error describes the failure.
func (e *ClientError) Error() string { return "client: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *ClientError) Unwrap() error { return e.Err }
