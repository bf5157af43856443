package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// Drain ends the server without failing anyone, as far as ctx lets it:
//
//  1. It stops accepting. The socket may be shared with another process that
//     goes on.
//  2. For QuietTime it answers on the connections that are open and says with
//     each answer that the connection ends (Connection: close, or GOAWAY in
//     HTTP/2). WebSockets are told 1001. Connections of HTTP/3 get GOAWAY at
//     once, which lets their clients send what was not served once more.
//  3. It closes the connections that are idle and waits for those that are not.
//
// When ctx ends it closes what is left, and returns an error that says how much
// that was.
func (s *Server) Drain(ctx context.Context) error {
	err := s.stopAccepting()
	// A connection that was accepted in this moment is this process's to serve:
	// it is among the open ones before they are counted.
	s.accepting.Wait()
	quic := s.drainQUIC(ctx)
	s.http1.GoAway()
	s.wait(ctx, s.quiet)
	s.http1.CloseIdle()
	s.closeUnused()
	// That ctx has ended is told below, with what it means.
	if shutdown := s.http.Shutdown(ctx); shutdown != nil && ctx.Err() == nil {
		err = errors.Join(err, fmt.Errorf("closing connections: %w", shutdown))
	}
	s.wait(ctx, 0)
	if left := s.closeAll() + <-quic; left > 0 {
		err = errors.Join(err, fmt.Errorf("%d connections were closed before they had ended", left))
	}
	return errors.Join(err, s.http.Close())
}

// closeUnused closes connections of HTTP/2 on which nothing has ever come. The
// engine would wait for their first request.
func (s *Server) closeUnused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for raw, c := range s.open {
		if c != nil && !c.touched.Load() {
			_ = raw.Close() // As for closeAll.
		}
	}
}

// Close closes everything at once.
func (s *Server) Close() error {
	err := s.stopAccepting()
	err = errors.Join(err, s.http.Close())
	s.closeAll()
	if q := s.quic.Load(); q != nil {
		q.close()
		<-q.released
	}
	return err
}

// stopAccepting closes the listeners.
func (s *Server) stopAccepting() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining.Store(true)
	s.alt.on.Store(false)
	s.http1.Drain()
	var err error
	for l := range s.listeners {
		if closing := l.Close(); closing != nil && !errors.Is(closing, net.ErrClosed) {
			err = errors.Join(err, fmt.Errorf("closing a listener: %w", closing))
		}
	}
	clear(s.listeners)
	return err
}

// wait waits until no connection is open, ctx ends, or limit has passed where
// it is not 0.
func (s *Server) wait(ctx context.Context, limit time.Duration) {
	var passed <-chan time.Time
	if limit > 0 {
		timer := s.clock.NewTimer(limit)
		defer timer.Stop()
		passed = timer.C()
	}
	for {
		s.mu.Lock()
		changed, left := s.changed, len(s.open)
		s.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-changed:
		case <-passed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// closeAll closes all sockets and returns how many there were.
func (s *Server) closeAll() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	left := len(s.open)
	for c := range s.open {
		_ = c.Close() // What could be said has been said.
	}
	s.http1.Close()
	return left
}
