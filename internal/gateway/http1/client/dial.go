package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// The failures of connecting that took too long.
var (
	errDialLong      = errors.New("connecting took too long (DialTimeout)")
	errHandshakeLong = errors.New("the TLS handshake took too long (HandshakeTimeout)")
)

// connect makes a connection, for which there is a place.
func (p *pool) connect(x *Exchange) (*conn, error) {
	c, err := p.dial(x)
	if err != nil {
		p.left()
		return nil, fmt.Errorf("connecting to the backend: %w", err)
	}
	return c, nil
}

// dial makes a connection.
func (p *pool) dial(x *Exchange) (*conn, error) {
	raw, address, err := p.dialAddresses(x)
	if err != nil {
		return nil, err
	}
	s := newSocket(raw)
	if !p.to.secure {
		return newConn(s, nil, address, p), nil
	}
	ctx, done := x.limited(p.client.handshakeTimeout, errHandshakeLong)
	defer done()
	secure := tls.Client(s, p.client.tls(p.to.host))
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // The handshake's failure is what is reported.
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	return newConn(s, secure, address, p), nil
}

// dialAddresses connects to one of the host's addresses.
func (p *pool) dialAddresses(x *Exchange) (net.Conn, netip.Addr, error) {
	ctx, done := x.limited(p.client.dialTimeout, errDialLong)
	defer done()
	list, err := p.name.addresses(ctx)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	d := dialling{client: p.client, port: p.to.port, list: list}
	var a attempt
	if len(list) == 1 {
		a = d.try(ctx, list[0])
	} else {
		a = d.race(ctx)
	}
	if a.err != nil && ctx.Err() != nil {
		a.err = context.Cause(ctx)
	}
	return a.conn, a.address, a.err
}

// dialling is connecting to one of several addresses.
type dialling struct {
	client *Client
	port   uint16
	list   []netip.Addr
	begun  int
	ended  int
	result chan attempt
}

// attempt is how connecting to one address went.
type attempt struct {
	conn    net.Conn
	address netip.Addr
	err     error
}

// try connects to one address.
func (d *dialling) try(ctx context.Context, to netip.Addr) attempt {
	c, err := d.client.dial(ctx, netip.AddrPortFrom(to, d.port))
	return attempt{conn: c, address: to, err: err}
}

// race connects to the addresses one after the other, and does not wait for long
// for one before it begins with the next.
func (d *dialling) race(ctx context.Context) attempt {
	ctx, cancel := context.WithCancel(ctx)
	d.result = make(chan attempt, len(d.list))
	timer := d.client.clock.NewTimer(NextAddressDelay)
	defer timer.Stop()
	d.next(ctx)
	var failed attempt
	for {
		select {
		case a := <-d.result:
			d.ended++
			if a.err == nil {
				cancel()
				d.discard()
				return a
			}
			if failed.err == nil {
				failed = a
			}
			if d.begun == len(d.list) && d.ended == d.begun {
				cancel()
				return failed
			}
			d.next(ctx)
		case <-timer.C():
			d.next(ctx)
		}
		timer.Reset(NextAddressDelay)
	}
}

// next begins with the next address, if there is one.
func (d *dialling) next(ctx context.Context) {
	if d.begun == len(d.list) {
		return
	}
	to := d.list[d.begun]
	d.begun++
	go func() { d.result <- d.try(ctx, to) }()
}

// discard waits for the attempts that have been cancelled and closes what came
// of them in the meantime.
func (d *dialling) discard() {
	for ; d.ended < d.begun; d.ended++ {
		if a := <-d.result; a.err == nil {
			_ = a.conn.Close() // It has not been used.
		}
	}
}
