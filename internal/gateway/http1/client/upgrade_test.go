package client

import (
	"bufio"
	"io"
	"net"
	"testing"
)

// TestRefusedUpgrade has a connection left alone on which a change of protocol
// was refused.
func TestRefusedUpgrade(t *testing.T) {
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = io.WriteString(c, smallAnswer)
		}
	})
	g := newRig(t, Options{})
	upgrade := call(t, "GET", url)
	upgrade.Request.Upgrade = "websocket"
	g.want(t, upgrade, `{"ok":true}`)
	g.want(t, call(t, "GET", url), `{"ok":true}`)
	if n := g.dials.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}
