package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/sallyport/sallyport/internal/gateway/listen"
)

// servers are the listeners that take requests.
type servers struct {
	all    []*listen.Server
	failed chan error
	count  int
	http   string // address for HTTP, "" where there is none
}

// listen opens the sockets and begins to serve.
func (p *process) listen(ctx context.Context, o *gatewayOptions) (*servers, error) {
	s := &servers{failed: make(chan error, 2)}
	if o.listen != "" {
		l, err := listenOn(ctx, o.listen)
		if err != nil {
			return nil, err
		}
		s.start(l, listen.New(listen.Options{Handler: p.server, Log: p.log.Logger}))
		s.http = l.Addr().String()
		p.log.Info("accepting HTTP", "address", l.Addr().String())
	}
	if o.tlsCert != "" {
		config, err := listen.TLSConfig(listen.TLSFiles{
			Certificate: o.tlsCert, Key: o.tlsKey, ClientCAs: o.clientCA, Clock: p.clock, Log: p.log.Logger,
		})
		if err != nil {
			return nil, err
		}
		l, err := listenOn(ctx, o.listenTLS)
		if err != nil {
			return nil, err
		}
		s.start(l, listen.New(listen.Options{Handler: p.server, TLS: config, Log: p.log.Logger}))
		p.log.Info("accepting HTTPS", "address", l.Addr().String())
	}
	if s.count == 0 {
		return nil, &usageError{errors.New("there is nothing to listen on: give --listen, or --tls-cert and --tls-key")}
	}
	return s, nil
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
		if err := server.Shutdown(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("closing a listener: %w", err), server.Close())
		}
	}
	for ; s.count > 0; s.count-- {
		<-s.failed
	}
	return all
}
