package upstream

import (
	"crypto/tls"
	"errors"
	"time"

	"github.com/sallyport/sallyport/internal/gateway/http1/client"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// send sends the request and takes the head of the answer, over our own engine.
func (m *Manager) send(c *policy.Call, o *policy.ForwardOptions, e *endpoint, begin time.Time) error {
	engine, err := m.clientFor(c, e)
	if err != nil {
		return backendFault(err)
	}
	call := client.Call{
		Request: c.Request, Response: c.Response, Begin: begin, Continue: o.ContinueTimeout,
		// A stream's context is its own; on HTTP/1 it is the connection's.
		Watch: c.Request.Protocol >= message.HTTP2,
	}
	if c.Interim.To != nil {
		call.Informer = c
	}
	if e != nil {
		call.Header, call.Query = e.fields, e.query
	}
	if o.Timeout > 0 {
		call.Deadline = begin.Add(o.Timeout)
	}
	x, err := engine.Do(&call)
	if err != nil {
		return sendFailure(err)
	}
	c.Response.Unbuffered = !o.BufferResponse
	c.Hold(x)
	c.WhenSent((*abandoned)(x))
	return nil
}

// abandoned ends an exchange whose answer was not read to its end, when its call
// has ended.
type abandoned client.Exchange

// Release ends the exchange with the backend.
func (a *abandoned) Release(*policy.Call, message.Sent) {
	_ = (*client.Exchange)(a).Close() // It cannot fail.
}

// sendFailure turns a failed exchange into the failure that the caller and the
// policies see. A failure of the client's is never blamed on the backend.
func sendFailure(err error) error {
	if failed, ok := errors.AsType[*client.BodyError](err); ok {
		return failed.Err
	}
	switch {
	case errors.Is(err, client.ErrTimeout):
		return &policy.Fault{Status: 500, Source: source, Reason: policy.ReasonTimeout, Message: errTimeout.Error(), Err: err}
	case errors.Is(err, client.ErrGone):
		return &message.ClientError{Err: errClientGone}
	}
	if failed, ok := errors.AsType[*message.ClientError](err); ok {
		return failed // Of an interim answer.
	}
	return backendFault(err)
}

// clientFor returns the client for a call: connections are shared by calls that
// connect the same way.
func (m *Manager) clientFor(c *policy.Call, e *endpoint) (*client.Client, error) {
	if e == nil {
		w, cert, t := m.wayOf(c, nil)
		return m.client(w, cert, t)
	}
	if known := e.last.Load(); known != nil && known.certificate == certificateFor(c, e) && known.trust == m.trust.Load() {
		return known.client, nil
	}
	w, cert, t := m.wayOf(c, e)
	made, err := m.client(w, cert, t)
	if err == nil {
		e.last.Store(&connected{certificate: cert, trust: t, client: made})
	}
	return made, err
}

// client returns the client of a way.
func (m *Manager) client(w way, cert *tls.Certificate, t *trust) (*client.Client, error) {
	return m.clients.of(w, (*client.Client).Close, func() (*client.Client, error) { return m.newClient(w, cert, t), nil })
}

// newClient makes the client of a way.
func (m *Manager) newClient(w way, cert *tls.Certificate, t *trust) *client.Client {
	verify := m.verifier(w, t)
	return client.New(client.Options{
		Clock: m.clock, Resolver: m.resolver, Poison: m.poison,
		TLS:     func(host string) *tls.Config { return m.tlsConfigFor(w, cert, t, verify, host) },
		MaxOpen: MaxConnectionsPerHost, MaxIdle: MaxIdleConnectionsPerHost, IdleTimeout: IdleTimeout,
		DialTimeout: DialTimeout, HandshakeTimeout: HandshakeTimeout,
	})
}

// tlsConfigFor returns how a backend with that host is connected to.
func (m *Manager) tlsConfigFor(w way, cert *tls.Certificate, t *trust, verify verification, host string) *tls.Config {
	config := m.tlsConfig(w, cert, t)
	config.ServerName = host
	if verify != nil {
		// The name in state is empty where it is an address.
		config.VerifyConnection = func(state tls.ConnectionState) error { return verify(state, host) }
	}
	return config
}
