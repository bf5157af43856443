package upstream

import (
	"crypto/tls"
	"net/textproto"
	"sync"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/gateway/http1/client"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// endpoint is a backend of the configuration with everything read that calls
// need of it. It does not change; what changes is in its state, which outlives
// it.
type endpoint struct {
	id      string // resource id, with its workspace
	backend *model.Backend
	base    message.URL
	baseErr error
	rule    *breakerRule // nil where the backend has no circuit breaker
	state   *backendState
	way     way             // without what a call decides
	header  []credential    // that callers must have
	fields  *message.Header // the same for our own engine; nil for none
	query   string          // escaped
	// certificates are the ids or thumbprints of the client certificates to
	// choose from: the first that is there.
	certificates []string
	members      atomic.Pointer[members]
	last         atomic.Pointer[connected]
}

// credential is a field that is added to each request.
type credential struct {
	name   string // in canonical form
	values []string
}

// connected is what connects in the way in which an endpoint was last called.
type connected struct {
	certificate *tls.Certificate
	trust       *trust
	client      *client.Client
}

// maxEndpoints bounds the endpoints that are remembered. They are made anew
// from the configuration, so forgetting all of them costs little.
const maxEndpoints = 4096

// endpoints remembers the endpoints of the backends that are in use, by the
// backend as the snapshot has it: another snapshot has another.
type endpoints struct {
	mu   sync.RWMutex
	made map[*model.Backend]*endpoint
}

// endpoint returns the endpoint of a backend.
func (m *Manager) endpoint(b *model.Backend) *endpoint {
	es := &m.endpoints
	es.mu.RLock()
	e := es.made[b]
	es.mu.RUnlock()
	if e != nil {
		return e
	}
	es.mu.Lock()
	defer es.mu.Unlock()
	if e := es.made[b]; e != nil {
		return e
	}
	if es.made == nil || len(es.made) >= maxEndpoints {
		es.made = map[*model.Backend]*endpoint{}
	}
	e = m.newEndpoint(b)
	es.made[b] = e
	return e
}

// newEndpoint reads a backend.
func (m *Manager) newEndpoint(b *model.Backend) *endpoint {
	e := &endpoint{id: b.ID.String(), backend: b, rule: ruleOf(b), state: m.state(b.ID)}
	if b.IsPool() {
		return e
	}
	e.base, e.baseErr = message.ParseURL(b.URL)
	e.way.skipChain, e.way.skipName = !b.TLS.ChainValidated(), !b.TLS.NameValidated()
	if b.Proxy != nil {
		e.way.proxy, e.way.proxyUser, e.way.proxyPass = b.Proxy.URL, b.Proxy.Username, b.Proxy.Password
	}
	if cr := b.Credentials; cr != nil {
		e.takeCredentials(cr)
	}
	return e
}

// takeCredentials prepares what is added to each request.
func (e *endpoint) takeCredentials(cr *model.BackendCredentials) {
	if a := cr.Authorization; a != nil {
		e.header = append(e.header, credential{"Authorization", []string{a.Scheme + " " + a.Parameter}})
	}
	for _, name := range sortedNames(cr.Header) {
		if message.ValidFieldName(name) {
			e.header = append(e.header, credential{textproto.CanonicalMIMEHeaderKey(name), cr.Header[name]})
		}
	}
	for _, added := range e.header {
		if e.fields == nil {
			e.fields = &message.Header{}
		}
		for _, v := range added.values {
			e.fields.Add(message.NameOf(added.name), v)
		}
	}
	e.certificates = cr.Certificate
	if len(cr.CertificateIDs) > 0 {
		e.certificates = nil
	}
	for _, name := range cr.CertificateIDs {
		// A reference may be a full id, or one relative to a workspace.
		if id, err := model.ParseReference(e.backend.ID, name); err == nil {
			name = id.String()
		}
		e.certificates = append(e.certificates, name)
	}
	for _, name := range sortedNames(cr.Query) {
		for _, v := range cr.Query[name] {
			if e.query != "" {
				e.query += "&"
			}
			e.query += message.EscapeQuery(name) + "=" + message.EscapeQuery(v)
		}
	}
}

// retarget makes the call's URL that of the endpoint.
func (e *endpoint) retarget(c *policy.Call) *policy.Fault {
	if e.baseErr != nil {
		fault := backendFault(e.baseErr)
		fault.Message = "the backend's URL is malformed"
		return fault
	}
	c.SetBaseURL(&e.base)
	return nil
}
