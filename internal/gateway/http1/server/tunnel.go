package server

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/http1"
	"github.com/sallyport/sallyport/internal/message"
)

// join connects both sides after a change of protocol.
func (c *conn) join(m *message.Response) (message.Sent, error) {
	defer m.Upgraded.Close() //nolint:errcheck // Both sides are done.
	w := c.work
	sent := message.Sent{HeadSent: true}
	c.answer.responded, c.answer.closing = true, true
	early := append([]byte(nil), w.in.Bytes()...)
	w.in.Advance(len(early))
	t := newTunnel(c, io.MultiReader(bytes.NewReader(early), c), m.Upgraded)
	c.server.addTunnel(t)
	defer c.server.removeTunnel(t)
	out := w.buffer()[:0]
	out = append(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+http1.WebSocket+"\r\n"...)
	out = appendFields(out, &m.Header)
	if err := c.send(append(out, "\r\n"...)); err != nil {
		c.answer.broken = true
		return sent, &message.ClientError{Err: err}
	}
	sent.Bytes = t.run()
	return sent, nil
}

// closeWrite ends the direction to the client.
func (c *conn) closeWrite() {
	if half, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // It has ended, then.
	}
}

// addTunnel notes a tunnel.
func (s *Server) addTunnel(t *tunnel) {
	s.mu.Lock()
	s.tunnels[t] = struct{}{}
	s.mu.Unlock()
	if s.leaving.Load() {
		t.goAway()
	}
}

// removeTunnel is called when a tunnel has ended.
func (s *Server) removeTunnel(t *tunnel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tunnels, t)
}

// tunnel passes a WebSocket on. It follows the frames that go to the client, so
// that it can tell it between two of them that the gateway goes away.
type tunnel struct {
	client  *conn
	early   io.Reader // what has been read of the client, then the rest
	backend io.ReadWriteCloser
	silence clock.Timer // ends the tunnel HalfCloseTime after its client's end and the backend's last byte
	half    atomic.Bool // the client has ended its direction

	mu      sync.Mutex // guards what follows, and writing to the client
	frames  frames
	leaving bool // the client is to be told
	told    bool // it has been: nothing may follow
}

func newTunnel(client *conn, early io.Reader, backend io.ReadWriteCloser) *tunnel {
	return &tunnel{client: client, early: early, backend: backend}
}

// run passes bytes both ways, and returns how many of the backend's went to the
// client. A client that has ended its direction may still be answered; when the
// backend has ended its own, there is nothing more to say, but for what the client
// has sent meanwhile: unread, it would take the last frames back.
func (t *tunnel) run() int64 {
	t.silence = t.client.server.clock.AfterFunc(HalfCloseTime, t.abandon)
	t.silence.Stop() // Until the client ends its direction.
	defer t.silence.Stop()
	up := make(chan struct{})
	go func() {
		defer close(up)
		t.up()
	}()
	n := t.down()
	t.client.closeWrite()
	linger := t.client.server.clock.AfterFunc(LingerTime, t.stopUp)
	<-up
	linger.Stop()
	t.abandon()
	_ = t.client.net.Close() // What could be said has been said.
	return n
}

// stopUp ends the client's direction.
func (t *tunnel) stopUp() {
	t.client.interrupted.Store(true)
	t.client.interruptRead()
}

// up passes on what the client sends, then its end.
func (t *tunnel) up() {
	buffer := http1.TakeArray(http1.MediumBuffer)
	defer http1.GiveArray(buffer)
	for {
		n, err := t.early.Read(buffer)
		if n > 0 {
			if _, failed := t.backend.Write(buffer[:n]); failed != nil {
				// The backend has gone; its last frames are on their way.
				_, _ = io.CopyN(io.Discard, t.early, MaxLingerBytes)
				t.abandon()
				return
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && t.closeBackend():
			return
		default:
			t.abandon()
			return
		}
	}
}

// closeBackend passes the end of the client's direction on, and reports whether the
// backend may still send.
func (t *tunnel) closeBackend() bool {
	half, ok := t.backend.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return false
	}
	t.half.Store(true)
	t.silence.Reset(HalfCloseTime)
	return true
}

// down passes on what the backend sends.
func (t *tunnel) down() int64 {
	buffer := http1.TakeArray(http1.MediumBuffer)
	defer http1.GiveArray(buffer)
	var total int64
	for {
		n, err := t.backend.Read(buffer)
		if t.half.Load() {
			t.silence.Reset(HalfCloseTime)
		}
		written, failed := t.write(buffer[:n])
		total += int64(written)
		if err != nil || failed != nil {
			return total
		}
	}
}

// write sends frames to the client, up to where it is told that it is over.
func (t *tunnel) write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told {
		return 0, nil // The backend may not have heard yet.
	}
	if !t.leaving {
		t.frames.follow(p)
		return len(p), t.client.send(p)
	}
	n := t.frames.toBoundary(p)
	if err := t.client.send(p[:n]); err != nil {
		return 0, err
	}
	return n, t.tell()
}

// goAway tells the client, as soon as a frame has ended, that the gateway goes
// away. The client answers with a Close frame, which reaches the backend and
// ends the tunnel.
func (t *tunnel) goAway() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leaving = true
	_ = t.tell() // A client that is gone ends the tunnel by itself.
}

// closeGoingAway is a Close frame with the status 1001, "going away" (RFC 6455
// §7.4.1).
var closeGoingAway = []byte{0x88, 2, 1001 >> 8, 1001 & 0xff}

// tell tells the client, if it can be told here.
func (t *tunnel) tell() error {
	if t.told || !t.frames.atBoundary() {
		return nil
	}
	t.told = true
	return t.client.send(closeGoingAway)
}

// abandon ends the tunnel without a word.
func (t *tunnel) abandon() { _ = t.backend.Close() }
