// Package hosts holds the host names that a gateway answers to: which
// certificate is shown for each, whether its clients are asked for one of
// theirs, and which authorities are trusted with those. A Table is made when a
// snapshot is compiled, and never changed.
package hosts

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"strings"
)

// MaxHosts bounds the host names of one gateway; MaxAuthorities its authorities.
const (
	MaxHosts       = 1000
	MaxAuthorities = 200
)

// Host is one host name of the gateway.
type Host struct {
	// Name is in lower case; "*.example.com" stands for the names one label below.
	Name string
	// Certificate is shown to clients; nil where another one has to do.
	Certificate *tls.Certificate
	// Negotiate asks clients for a certificate. They need not have one.
	Negotiate bool
	// HTTP2 offers HTTP/2.
	HTTP2 bool
	// Default shows the certificate also to clients that name no host, or none
	// that is known.
	Default bool
}

// Authority is a certificate authority that the gateway knows.
type Authority struct {
	Certificate *x509.Certificate
	// Trusted makes it the end of a chain; another one only helps to build chains.
	Trusted bool
}

// Table is the host names of a gateway. It is safe for concurrent use.
type Table struct {
	all         []*Host
	exact       map[string]*Host
	below       map[string]*Host // by what follows the star
	standard    *Host
	authorities []Authority
	digest      [sha256.Size]byte
}

// NewTable makes a table. Of two hosts with one name, and of two that are the
// default, the last one counts.
func NewTable(all []*Host, authorities []Authority) *Table {
	t := &Table{all: all, exact: map[string]*Host{}, below: map[string]*Host{}, authorities: authorities}
	for _, h := range all {
		if parent, ok := strings.CutPrefix(h.Name, "*."); ok {
			t.below[parent] = h
		} else {
			t.exact[h.Name] = h
		}
		if h.Default {
			t.standard = h
		}
	}
	sum := sha256.New()
	for _, a := range authorities {
		flag := byte(0)
		if a.Trusted {
			flag = 1
		}
		sum.Write(append([]byte{flag}, a.Certificate.Raw...))
	}
	sum.Sum(t.digest[:0])
	return t
}

// All returns the hosts.
func (t *Table) All() []*Host { return t.all }

// Default returns the host whose certificate is shown where no other is meant,
// or nil.
func (t *Table) Default() *Host { return t.standard }

// Authorities returns the authorities.
func (t *Table) Authorities() []Authority { return t.authorities }

// Digest tells one set of authorities from another.
func (t *Table) Digest() [sha256.Size]byte { return t.digest }

// Find returns the host that a name is of, in any case of letters, or nil: the
// one of that name, or the wildcard one label above.
func (t *Table) Find(name string) *Host {
	if len(t.all) == 0 || name == "" {
		return nil
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if h := t.exact[name]; h != nil {
		return h
	}
	_, parent, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	return t.below[parent]
}

// HasCertificates reports whether a host has a certificate.
func (t *Table) HasCertificates() bool {
	for _, h := range t.all {
		if h.Certificate != nil {
			return true
		}
	}
	return false
}
