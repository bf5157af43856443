package desync

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/listen"
)

// secureConfig makes the TLS side of a server, with a certificate that nobody
// looks at.
func secureConfig(tb testing.TB) *tls.Config {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
}

// listenOn has the gateway listen besides, on sockets, with TLS or without. settle
// waits until it has done with all connections there.
func (g *rig) listenOn(tb testing.TB, config *tls.Config) (address string, settle func()) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := listen.New(listen.Options{Handler: g.handler, Log: discard, Clock: clock.System(), TLS: config, QuietTime: time.Millisecond, Poison: true})
	serveOn(tb, s, l)
	return l.Addr().String(), func() {
		tb.Helper()
		ctx, cancel := context.WithTimeout(tb.Context(), patience)
		defer cancel()
		if err := s.Drain(ctx); err != nil {
			tb.Errorf("draining: %v", err)
		}
	}
}

// careless is how clients of TLS connect. They name no host, as they ask for many.
var careless = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(1)}

// runSecure sends an attack over TLS in pieces of a size, each in a record of its
// own, up to the end, and judges what comes of it.
func (g *rig) runSecure(address, text string, piece int) (tally, error) {
	c, err := tls.Dial("tcp", address, careless)
	if err != nil {
		return tally{}, err
	}
	defer c.Close()
	t := &talk{rig: g, address: c.LocalAddr().(*net.TCPAddr).AddrPort(), ended: true}
	t.sent.WriteString(text)
	go func() { // The gateway may answer, and stop reading, before it has all.
		for text != "" {
			n := min(piece, len(text))
			if _, err := io.WriteString(c, text[:n]); err != nil {
				return
			}
			text = text[n:]
		}
		_ = c.CloseWrite()
	}()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	received, err := io.ReadAll(c)
	t.received.Write(received)
	if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // It has been refused, with more to come.
	}
	return t.judge(), err
}

// sendSecure sends vectors over TLS: alone, with a canary behind them, and between
// two canaries in many records.
func (g *rig) sendSecure(t *testing.T, address string, all []string) (out tally) {
	t.Helper()
	for i, v := range all {
		for _, one := range []struct {
			text  string
			piece int
		}{{v, len(v) + 1}, {v + canary(10*i), len(v)}, {canary(10*i+1) + v + canary(10*i+2), 1 + i%13}} {
			if len(v) > 1000 {
				one.piece = max(one.piece, 1000)
			}
			got, err := g.runSecure(address, one.text, max(one.piece, 1))
			if err != nil {
				t.Errorf("%.200q over TLS: %v", one.text, err)
			}
			got.sent = 1
			out.add(got)
		}
	}
	return out
}

func TestS3_VectorsOverTLS(t *testing.T) {
	l := &ledger{}
	g := newRig(t, l, "http://"+startRaw(t, l).address)
	address, _ := g.listenOn(t, secureConfig(t))
	fmt.Printf("S3: over TLS %+v, %d findings (0)\n", g.sendSecure(t, address, vectors(t)), report(t, l))
}

func TestS3_VectorsOverTLS_NegativeControl(t *testing.T) {
	l := &ledger{}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &laxProxy{ledger: l, origin: strings.TrimPrefix(startStandard(t, l), "http://")}
	p.start(t, tls.NewListener(inner, secureConfig(t)))
	g := &rig{ledger: l}
	for i, v := range vectors(t) {
		if len(v) < 1000 && i%2 == 0 {
			_, _ = g.runSecure(inner.Addr().String(), v+canary(i), len(v)+100) // It may break off.
		}
	}
	desyncs(t, l)
}

// loopback returns an address of this machine that no other client of a test has:
// the ledger knows clients by their address.
func loopback(n int) *net.TCPAddr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(1 + n>>16), byte(n >> 8), byte(n)}), 0))
}
