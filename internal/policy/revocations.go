package policy

import (
	"context"
	"crypto/x509"
	"errors"
)

// Failures of Revocations.
var (
	// ErrRevoked says that an issuer has taken a certificate back.
	ErrRevoked = errors.New("the certificate has been revoked")
	// ErrRevocationUnknown says that it cannot be told whether it has.
	ErrRevocationUnknown = errors.New("it is not known whether the certificate has been revoked")
	// ErrNoRevocation says that the certificate does not name a place where that
	// is told.
	ErrNoRevocation = errors.New("the certificate names neither a revocation list nor a responder")
)

// Revocations knows which certificates their issuers have taken back. It
// outlives snapshots, and asks in the background.
type Revocations interface {
	// Check looks at each certificate of a chain, leaf first, but its end. It is
	// nil where none has been revoked, and otherwise one of the failures above,
	// perhaps wrapped. It waits for a bounded time where nothing is known yet.
	Check(ctx context.Context, chain []*x509.Certificate) error
}
