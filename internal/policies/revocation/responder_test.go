package revocation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/sallyport/sallyport/internal/clock"
)

// TestResponder has others than the issuer sign answers: a certificate of the
// issuer's is enough only where it is one of a responder.
func TestResponder(t *testing.T) {
	i := newIssuer(t, clock.NewFake(begin))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	subject := i.chain(7, nil, nil)[0]
	responder := []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	tests := []struct {
		name  string
		usage []x509.ExtKeyUsage
		made  time.Time
		until time.Time
		at    time.Time
		ok    bool
	}{
		{"a responder", responder, begin, begin.Add(time.Hour), begin, true},
		{"a client", []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, begin, begin.Add(time.Hour), begin, false},
		{"any certificate", nil, begin, begin.Add(time.Hour), begin, false},
		{"a responder that has expired", responder, begin.AddDate(6, 0, 0), begin.AddDate(6, 0, 1), begin.AddDate(6, 0, 0), false},
		{"without an end", responder, begin, time.Time{}, begin.Add(time.Hour), true},
		{"without an end, and old", responder, begin, time.Time{}, begin.Add(MostAge), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			signer := i.sign(&x509.Certificate{SerialNumber: big.NewInt(9), ExtKeyUsage: tt.usage}, i.cert, &key.PublicKey)
			raw, err := ocsp.CreateResponse(i.cert, signer, ocsp.Response{
				Status: ocsp.Good, SerialNumber: subject.SerialNumber, ThisUpdate: tt.made, NextUpdate: tt.until, Certificate: signer,
			}, key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = readAnswer(raw, subject, i.cert, tt.at); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}
