package installation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/sallyport/sallyport/internal/control/rest"
)

// Portal is the way to the management API for a developer portal in the same
// process: the Transport of its client, without a network and without a token.
//
//	c, err := client.New(client.Options{Service: string(in.Names.ID()), Transport: m.Portal()})
//
// Each call is made as the built-in principal "developer portal", which has the
// role "API Management Developer Portal Service" at the scope of the service and
// nothing else; the header X-Sallyport-Acting-For, which client.ActingFor sets,
// goes into the audit log. A portal in a process of its own gives its client the
// URL of the API and the token of a service principal with the same role.
//
// Answers stream. Ending the call's context, or closing the answer's body, ends
// the call; the goroutine that serves it ends when the handler returns.
func (m *Management) Portal() http.RoundTripper {
	return portalTransport{m.api, rest.Principal{ID: m.portal.ID, Name: m.portal.Name, Claims: m.portal}}
}

// portalTransport calls a handler of this process.
type portalTransport struct {
	api http.Handler
	who rest.Principal
}

// RoundTrip makes one call.
func (t portalTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(rest.WithPrincipal(r.Context(), t.who))
	in := r.Clone(ctx)
	in.Header.Del("Authorization")
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), ""
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	reader, writer := io.Pipe()
	a := &inProcessAnswer{header: http.Header{}, body: writer, begun: make(chan struct{})}
	go func() {
		defer cancel()
		defer in.Body.Close() //nolint:errcheck // It is only read.
		defer a.end()
		t.api.ServeHTTP(a, in)
	}()
	// A handler that writes to a caller who is gone is not held up.
	stop := context.AfterFunc(r.Context(), func() { _ = reader.CloseWithError(context.Cause(r.Context())) })
	select {
	case <-a.begun:
	case <-r.Context().Done():
		cancel()
		return nil, fmt.Errorf("calling the management API: %w", context.Cause(r.Context()))
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, ContentLength: -1, Request: r,
		Body: &inProcessBody{PipeReader: reader, close: func() { stop(); cancel() }},
	}, nil
}

// inProcessBody is the body of an answer; closing it ends the call.
type inProcessBody struct {
	*io.PipeReader
	close func()
}

func (b *inProcessBody) Close() error {
	b.close()
	return b.PipeReader.Close()
}

// errNoAnswer says that a handler has returned without one.
var errNoAnswer = errors.New("the handler of the management API answered nothing")

// inProcessAnswer is the handler's side of an answer.
type inProcessAnswer struct {
	header, sent http.Header
	status       int
	body         *io.PipeWriter
	begun        chan struct{}
	once         sync.Once
}

func (a *inProcessAnswer) Header() http.Header { return a.header }

func (a *inProcessAnswer) WriteHeader(status int) {
	if status < http.StatusOK {
		return // Nobody waits for an interim answer.
	}
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	})
}

func (a *inProcessAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// Flush does nothing: what is written is there.
func (a *inProcessAnswer) Flush() { a.WriteHeader(http.StatusOK) }

// end ends the answer when the handler has returned, or panicked.
func (a *inProcessAnswer) end() {
	if p := recover(); p != nil {
		_ = a.body.CloseWithError(errNoAnswer)
		a.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = a.body.Close()
	a.WriteHeader(http.StatusOK)
}
