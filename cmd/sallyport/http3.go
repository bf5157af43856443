package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/listen"
)

// udpRetryInterval is how often it is tried to open the UDP port where it could
// not be: the process that this one follows may still have it.
const udpRetryInterval = time.Second

// startHTTP3 serves HTTP/3 beside HTTPS. It never ends the process: without the
// UDP port all clients are served over TCP.
func (s *servers) startHTTP3(ctx context.Context, p *process, server *listen.Server, address string) {
	quietUDPBuffers(p.log.Logger)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	s.mu.Lock()
	s.stopHTTP3 = func() {
		cancel()
		<-done
	}
	s.mu.Unlock()
	socket, err := packetsOn(ctx, "--http3", address)
	if err != nil {
		p.log.Warn("HTTP/3 is not served before its UDP port can be opened; --http3=false does without",
			slog.String("address", address), slog.Any("error", err))
	}
	go func() {
		defer close(done)
		if socket == nil {
			socket = awaitPort(ctx, p.clock, address)
		}
		if socket == nil {
			return // The process ends.
		}
		p.log.Info("accepting HTTP/3", "address", socket.LocalAddr().String())
		if err := server.ServeHTTP3(socket); err != nil {
			p.log.Error("HTTP/3 is not served any more", slog.Any("error", err))
		}
	}()
}

// awaitPort opens a UDP port as soon as nobody else has it. It returns nil where
// ctx ends before.
func awaitPort(ctx context.Context, c clock.Clock, address string) net.PacketConn {
	for clock.Sleep(ctx, c, udpRetryInterval) == nil {
		if socket, err := packetsOn(ctx, "--http3", address); err == nil {
			return socket
		}
	}
	return nil
}

// quietUDPBuffers keeps the engine of QUIC from writing to standard error, in a
// form of its own, that the system's buffers for UDP are small.
func quietUDPBuffers(log *slog.Logger) {
	if err := os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true"); err != nil {
		log.Debug("setting a variable of the engine of QUIC", slog.Any("error", err))
	}
}
