package snapshot

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// managedGateway is the id of the gateway of the service itself.
const managedGateway = "managed"

// anyHost is the host name of a gateway that stands for all that have no other.
const anyHost = "*"

// Hosts returns the host names of the gateway that the snapshot is compiled for,
// with the authorities that it trusts with its clients' certificates.
func (s *Snapshot) Hosts() *hosts.Table { return s.hosts }

// PortalHosts returns the host names of the service's developer portal, which a
// portal in the gateway's process serves.
func (s *Snapshot) PortalHosts() *hosts.Table { return s.portalHosts }

// Certificates ranges over the client certificates for backends, each once, by
// its id.
func (s *Snapshot) Certificates(yield func(id string, c *tls.Certificate) bool) {
	for _, r := range s.config {
		m, ok := r.(*model.Certificate)
		if !ok {
			continue
		}
		if c := s.certs[foldID(m.ID.String())]; c != nil && !yield(m.ID.String(), c) {
			return
		}
	}
}

// pairKey names a certificate that was read with its password.
type pairKey [sha256.Size]byte

// buildHosts makes the table of host names: the service's for its own gateway,
// and those below gateways for another one. A certificate that cannot be read is
// a warning: its host is served with the certificate of others, and the rest of
// the configuration is served at all.
func (b *build) buildHosts() {
	b.out.pairs = map[pairKey]*tls.Certificate{}
	var all []*hosts.Host
	var authorities []hosts.Authority
	if id := b.settings.Gateway; id == "" || strings.EqualFold(id, managedGateway) {
		all, authorities = b.serviceHosts(model.HostnameProxy)
		portal, _ := b.serviceHosts(model.HostnameDeveloperPortal)
		b.out.portalHosts = hosts.NewTable(portal[:min(len(portal), hosts.MaxHosts)], nil)
	} else {
		all, authorities = b.gatewayHosts(model.NewID("gateways", id))
	}
	if len(all) > hosts.MaxHosts || len(authorities) > hosts.MaxAuthorities {
		b.failf("", "the gateway has %d host names and %d authorities: more than the %d and %d that are allowed (MaxHosts, MaxAuthorities)",
			len(all), len(authorities), hosts.MaxHosts, hosts.MaxAuthorities)
		return
	}
	b.out.hosts = hosts.NewTable(all, authorities)
}

// serviceHosts are the host names of a part of the service, and its authorities.
func (b *build) serviceHosts(part model.HostnameType) (all []*hosts.Host, authorities []hosts.Authority) {
	for _, r := range b.byKind[model.KindService] {
		m, ok := r.(*model.Service)
		if !ok {
			continue
		}
		for i := range m.HostnameConfigurations {
			c := &m.HostnameConfigurations[i]
			if c.Type != part {
				continue
			}
			h := &hosts.Host{Name: strings.ToLower(c.HostName), Negotiate: c.NegotiateClientCertificate, HTTP2: true, Default: c.DefaultSSLBinding}
			element := fmt.Sprintf("hostnameConfigurations[%d] (%s)", i, c.HostName)
			switch {
			case c.EncodedCertificate != "":
				h.Certificate = b.pair(element, c.EncodedCertificate, c.CertificatePassword)
			case c.KeyVaultID != "":
				b.warnf("", "%s: its certificate in %s has not been read; another one is shown for it", element, c.KeyVaultID)
			}
			b.checkName(element, h)
			all = append(all, h)
		}
		for i := range m.Certificates {
			if part != model.HostnameProxy {
				break // Authorities are for callers of the gateway.
			}
			c := &m.Certificates[i]
			list, err := hosts.ReadAuthorities(c.EncodedCertificate, c.CertificatePassword)
			if err != nil {
				b.warnf("", "certificates[%d]: it is not trusted: %s", i, err)
			}
			for _, one := range list {
				authorities = append(authorities, hosts.Authority{Certificate: one, Trusted: strings.EqualFold(c.StoreName, "Root")})
			}
		}
	}
	return all, authorities
}

// pair reads a certificate, or takes it from the previous snapshot: opening an
// archive is meant to be slow.
func (b *build) pair(element, encoded, password string) *tls.Certificate {
	key := pairKey(sha256.Sum256([]byte(encoded + "\x00" + password)))
	c := b.out.pairs[key]
	if c == nil && b.previous != nil {
		c = b.previous.pairs[key]
	}
	if c == nil {
		var err error
		if c, err = hosts.ReadPair(encoded, password); err != nil {
			b.warnf("", "%s: its certificate cannot be used, and another one is shown for it: %s", element, err)
			return nil
		}
	}
	b.out.pairs[key] = c
	return c
}

// checkName warns of a certificate that is for other names.
func (b *build) checkName(element string, h *hosts.Host) {
	if h.Certificate == nil || h.Name == anyHost {
		return
	}
	name := strings.Replace(h.Name, "*", "any", 1)
	if err := h.Certificate.Leaf.VerifyHostname(name); err != nil {
		b.warnf("", "%s: clients will refuse its certificate: %s", element, err)
	}
}

// gatewayHosts are the host names and the authorities of a gateway that is a
// resource.
func (b *build) gatewayHosts(gateway model.ID) (all []*hosts.Host, authorities []hosts.Authority) {
	for _, r := range b.byKind[model.KindGatewayHostname] {
		m, ok := r.(*model.GatewayHostname)
		if !ok || !m.ID.Parent().Equal(gateway) || m.Hostname == "" {
			continue
		}
		h := &hosts.Host{
			Name: strings.ToLower(m.Hostname), Negotiate: m.NegotiateClientCertificate,
			HTTP2: m.HTTP2Enabled == nil || *m.HTTP2Enabled, Default: m.Hostname == anyHost,
		}
		if m.CertificateID != "" {
			id, err := model.ParseReference(m.ID, m.CertificateID)
			if err == nil {
				h.Certificate = b.out.certs[foldID(id.String())]
			}
			if h.Certificate == nil {
				b.warnf(m.ID, "certificateId: there is no such certificate, and another one is shown for %s", m.Hostname)
			}
		}
		b.checkName(m.ID.String(), h)
		all = append(all, h)
	}
	// What a map has given gets an order that does not change.
	slices.SortFunc(all, func(x, y *hosts.Host) int { return strings.Compare(x.Name, y.Name) })
	return all, b.gatewayAuthorities(gateway)
}

func (b *build) gatewayAuthorities(gateway model.ID) (authorities []hosts.Authority) {
	for _, r := range b.byKind[model.KindGatewayAuthority] {
		m, ok := r.(*model.GatewayAuthority)
		if !ok || !m.ID.Parent().Equal(gateway) {
			continue
		}
		c := b.out.certs[foldID(model.NewID("certificates", m.ID.Name()).String())]
		if c == nil {
			b.warnf(m.ID, "there is no certificate of that name: the authority is not trusted")
			continue
		}
		authorities = append(authorities, hosts.Authority{Certificate: c.Leaf, Trusted: m.IsTrusted})
	}
	slices.SortFunc(authorities, func(x, y hosts.Authority) int {
		return bytes.Compare(x.Certificate.Raw, y.Certificate.Raw)
	})
	return authorities
}
