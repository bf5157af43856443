package feed

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
)

// caller is a gateway that has proved who it is.
type caller struct {
	service  resource.ID
	instance string
	release  string
	token    services.GatewayToken
	// keys are those of the gateway when it was asked for.
	keys gatewayKeys
	// certified is when its certificate ends; zero where none is asked for.
	certified time.Time
}

// gatewayKeys are the keys of a gateway: those that sign its tokens, and those that
// sign debug tokens for it.
type gatewayKeys struct{ signing, debug []string }

// readKeys reads the keys of a gateway.
func readKeys(s *resource.Session, service resource.ID, gateway string) (k gatewayKeys, err error) {
	if k.signing, err = services.GatewayKeys(s, service, gateway); err != nil {
		return k, err
	}
	k.debug, err = services.DebugKeys(s, service, gateway)
	return k, err
}

// same reports whether both are the same keys.
func (k *gatewayKeys) same(other *gatewayKeys) bool {
	return slices.Equal(k.signing, other.signing) && slices.Equal(k.debug, other.debug)
}

// maxServiceID bounds the header with the service, in bytes.
const maxServiceID = 1024

// identify finds out which gateway asks.
func (s *Server) identify(r *http.Request) (*caller, error) {
	c := &caller{service: s.o.Service, instance: r.Header.Get(protocol.HeaderInstance), release: r.Header.Get(protocol.HeaderRelease)}
	if err := s.certify(c, r); err != nil {
		return nil, err
	}
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, protocol.TokenScheme) {
		return nil, unauthorized("A gateway shows its token in the header Authorization, as in \"GatewayKey NAME&EXPIRY&SIGNATURE\".")
	}
	var err error
	if c.token, err = services.ParseGatewayToken(strings.TrimSpace(text)); err != nil {
		return nil, unauthorized("The gateway's token cannot be used: " + err.Error() + ".")
	}
	if named := r.Header.Get(protocol.HeaderService); named != "" {
		if c.service = resource.ID("/" + strings.Trim(named, "/")); len(named) > maxServiceID || len(c.service.Service()) != len(c.service) {
			return nil, refused(http.StatusNotFound, problem.CodeNotFound, "The header "+protocol.HeaderService+" does not name a service.")
		}
	}
	if err := protocol.CheckInstance(c.instance); err != nil {
		return nil, refused(http.StatusBadRequest, problem.CodeValidation, "The header "+protocol.HeaderInstance+" is wrong: "+err.Error()+".")
	}
	if len(c.release) > protocol.MaxName {
		return nil, refused(http.StatusBadRequest, problem.CodeValidation, "The header "+protocol.HeaderRelease+" is too long.")
	}
	if err := s.look(r.Context(), c); err != nil {
		return nil, err
	}
	if why := c.refusedNow(s.o.Clock.Now(), c.keys.signing); why != "" {
		return nil, unauthorized(why)
	}
	return c, nil
}

func unauthorized(message string) *refusal {
	return refused(http.StatusUnauthorized, problem.CodeUnauthorized, message)
}

// certify checks the client's certificate, where one is asked for.
func (s *Server) certify(c *caller, r *http.Request) error {
	if s.o.ClientCAs == nil {
		return nil
	}
	refuse := func(message string) error {
		return refused(http.StatusForbidden, problem.CodeForbidden, message)
	}
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return refuse("A gateway must show a client certificate here.")
	}
	leaf, between := r.TLS.PeerCertificates[0], x509.NewCertPool()
	for _, one := range r.TLS.PeerCertificates[1:] {
		between.AddCert(one)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: s.o.ClientCAs, Intermediates: between, CurrentTime: s.o.Clock.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return refuse("The client certificate is not valid, or not from one of the gateways' authorities.")
	}
	c.certified = leaf.NotAfter
	return nil
}

// look reads the keys of the gateway that the caller says to be.
func (s *Server) look(ctx context.Context, c *caller) error {
	select {
	case s.checks <- struct{}{}:
		defer func() { <-s.checks }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return s.o.Store.View(ctx, func(r store.Reader) (err error) {
		session := resource.NewReader(ctx, s.o.Environment, &resource.Call{}, r)
		c.keys, err = readKeys(session, c.service, c.token.Gateway)
		return err
	})
}

// refusedNow is why the caller is not, or not any more, to be served; "" where it
// is.
func (c *caller) refusedNow(now time.Time, keys []string) string {
	switch {
	case !c.token.SignedBy(keys):
		return "The gateway's token was not signed by a key that the gateway has."
	case now.After(c.token.Expiry.Add(TokenLeeway)):
		return "The gateway's token has expired."
	case !c.certified.IsZero() && now.After(c.certified):
		return "The client certificate has expired."
	}
	return ""
}
