package listen

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/sallyport/sallyport/internal/message"
)

// errRefusedTunnel is the failure of a client that has sent what cannot stand
// before the answer to a change of protocol.
var errRefusedTunnel = errors.New("the client did not wait for the change of protocol")

// join connects both sides after a change of protocol.
func (o *responder) join(m *message.Response) (message.Sent, error) {
	defer m.Upgraded.Close() //nolint:errcheck // Both sides are done.
	hijacker, ok := o.w.(http.Hijacker)
	if !ok || o.r.ProtoMajor != 1 {
		return message.Sent{}, fmt.Errorf("taking the connection over: %w", http.ErrNotSupported)
	}
	_, buffered, err := hijacker.Hijack()
	if err != nil {
		return message.Sent{}, fmt.Errorf("taking the connection over: %w", err)
	}
	defer o.conn.Close() //nolint:errcheck // Both sides are done.
	o.begun = true
	sent := message.Sent{HeadSent: true}
	if !o.conn.pass() {
		return sent, &message.ClientError{Err: errRefusedTunnel}
	}
	t := newTunnel(o.conn, buffered.Reader, m.Upgraded)
	o.conn.server.addTunnel(t)
	defer o.conn.server.removeTunnel(t)
	if err := writeSwitch(o.conn, m); err != nil {
		return sent, &message.ClientError{Err: err}
	}
	sent.Bytes = t.run()
	return sent, nil
}

// writeSwitch sends the head that changes the protocol.
func writeSwitch(w io.Writer, m *message.Response) error {
	b := append(make([]byte, 0, 512), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+webSocket+"\r\n"...)
	for _, f := range m.Header.Fields() {
		if isConnectionField(f.Key()) || !message.ValidFieldName(f.Name) || !message.ValidFieldValue(f.Value) {
			continue
		}
		b = append(append(append(append(b, f.Name...), ": "...), f.Value...), "\r\n"...)
	}
	_, err := w.Write(append(b, "\r\n"...))
	return err
}

// tunnel passes a WebSocket on. It follows the frames that go to the client, so
// that it can tell it between two of them that the gateway goes away.
type tunnel struct {
	client  *conn
	early   *bufio.Reader // what the engine had read of the client, then the rest
	backend io.ReadWriteCloser

	mu      sync.Mutex // guards what follows, and writing to the client
	frames  frames
	leaving bool // the client is to be told
	told    bool // it has been: nothing may follow
}

func newTunnel(client *conn, early *bufio.Reader, backend io.ReadWriteCloser) *tunnel {
	return &tunnel{client: client, early: early, backend: backend}
}

// run passes bytes both ways until one side ends, and returns how many of the
// backend's went to the client.
func (t *tunnel) run() int64 {
	up := make(chan struct{})
	go func() {
		defer close(up)
		_, _ = io.Copy(t.backend, t.early) // The end of either side ends the tunnel.
		_ = t.backend.Close()              // So that the backend's direction ends too.
	}()
	n := t.down()
	_ = t.client.CloseWrite() // As above.
	t.abandon()
	_ = t.client.Conn.Close()
	<-up
	return n
}

// down passes on what the backend sends.
func (t *tunnel) down() int64 {
	buffer := copyBuffers.Get().(*[]byte) //nolint:forcetypeassert // The pool makes nothing else.
	defer copyBuffers.Put(buffer)
	var total int64
	for {
		n, err := t.backend.Read(*buffer)
		written, failed := t.write((*buffer)[:n])
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
		return t.client.Write(p)
	}
	n := t.frames.toBoundary(p)
	if _, err := t.client.Write(p[:n]); err != nil {
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
	_, err := t.client.Write(closeGoingAway)
	return err
}

// abandon ends the tunnel without a word.
func (t *tunnel) abandon() { _ = t.backend.Close() }
