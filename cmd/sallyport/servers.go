package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/gateway/listen"
	"github.com/sallyport/sallyport/internal/telemetry"
)

// servers are the listeners that take requests.
type servers struct {
	all    []*listen.Server
	failed chan error
	count  int
	http   string // address for HTTP, "" where there is none
	// stopHTTP3 ends the wait for the UDP port, and waits for HTTP/3 to end; nil
	// without HTTP/3.
	stopHTTP3 func()
}

// listen opens the sockets and begins to serve. What can be wrong with the flags
// is found before the first connection is accepted.
func (p *process) listen(ctx context.Context, o *gatewayOptions) (*servers, error) {
	if o.listen == "" && o.tlsCert == "" {
		return nil, &commandline.UsageError{Err: errors.New("there is nothing to listen on: give --listen, or --tls-cert and --tls-key")}
	}
	config, err := p.tlsConfig(o)
	if err != nil {
		return nil, err
	}
	s := &servers{failed: make(chan error, 2)}
	most := maxConnections(openFiles(), o.listen != "", config != nil)
	if o.listen != "" {
		l, err := listenOn(ctx, "--listen", o.listen)
		if err != nil {
			return nil, err
		}
		s.start(l, listen.New(listen.Options{Handler: p.server, Log: p.log.Logger, MaxConnections: most}))
		s.http = l.Addr().String()
		p.log.Info("accepting HTTP", "address", l.Addr().String())
	}
	if config != nil {
		l, err := listenOn(ctx, "--listen-tls", o.listenTLS)
		if err != nil {
			return nil, errors.Join(err, s.shutdown(ctx))
		}
		server := listen.New(listen.Options{Handler: p.server, TLS: config, Log: p.log.Logger, MaxConnections: most})
		s.start(l, server)
		p.log.Info("accepting HTTPS", "address", l.Addr().String())
		if o.http3 {
			s.startHTTP3(ctx, p, server, l.Addr().String())
		}
	}
	if err := s.countIn(p.metrics); err != nil {
		return nil, errors.Join(err, s.shutdown(ctx))
	}
	return s, nil
}

// countIn shows what the listeners have turned away.
func (s *servers) countIn(m *telemetry.Metrics) error {
	sum := func(of func(*listen.Server) int64) func() float64 {
		return func() float64 {
			var n int64
			for _, server := range s.all {
				n += of(server)
			}
			return float64(n)
		}
	}
	return errors.Join(
		m.CounterFunc("sallyport_refused_requests_total",
			"Requests that were refused for what they break of the protocol, before anything else.", sum((*listen.Server).Refused)),
		m.CounterFunc("sallyport_shed_connections_total",
			"Client connections that were closed because there were too many.", sum((*listen.Server).Shed)),
	)
}

// tlsConfig reads what HTTPS needs; it is nil where no certificate is given.
func (p *process) tlsConfig(o *gatewayOptions) (*tls.Config, error) {
	switch {
	case (o.tlsCert == "") != (o.tlsKey == ""):
		return nil, &commandline.UsageError{Err: errors.New("--tls-cert and --tls-key belong together: give both, or none")}
	case o.tlsCert == "" && o.clientCA != "":
		return nil, &commandline.UsageError{Err: errors.New("--client-ca needs HTTPS: give --tls-cert and --tls-key as well")}
	case o.tlsCert == "":
		return nil, nil //nolint:nilnil // No certificate is no HTTPS.
	}
	return listen.TLSConfig(listen.TLSFiles{
		Certificate: o.tlsCert, Key: o.tlsKey, ClientCAs: o.clientCA, Clock: p.clock, Log: p.log.Logger,
	})
}

func (s *servers) start(l net.Listener, server *listen.Server) {
	s.all = append(s.all, server)
	s.count++
	go func() { s.failed <- server.Serve(l) }()
}

// wait returns when ctx ends, or with what has ended a listener.
func (s *servers) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		s.count--
		return err
	}
}

// shutdown stops accepting, and waits for requests under way until ctx ends.
func (s *servers) shutdown(ctx context.Context) error {
	var all error
	for _, server := range s.all {
		if err := server.Drain(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("closing a listener: %w", err), server.Close())
		}
	}
	if s.stopHTTP3 != nil {
		s.stopHTTP3()
	}
	for ; s.count > 0; s.count-- {
		if err := <-s.failed; err != nil {
			all = errors.Join(all, err)
		}
	}
	return all
}
