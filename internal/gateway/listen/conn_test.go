package listen

import (
	"net"
	"testing"
)

// silentConn is a connection of a client that does nothing.
type silentConn struct{ net.Conn }

// RemoteAddr is where a client would be.
func (*silentConn) RemoteAddr() net.Addr { return &net.TCPAddr{} }

func TestConnectionsAreBounded(t *testing.T) {
	s := New(Options{Log: discard})
	for range MaxConnections {
		s.open[&silentConn{}] = nil
	}
	if s.remember(&silentConn{}) {
		t.Error("a connection beyond MaxConnections was taken")
	}
}
