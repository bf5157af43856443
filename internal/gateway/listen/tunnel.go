package listen

import (
	"bufio"
	"io"
	"net"

	"github.com/sallyport/sallyport/internal/message"
)

// writeSwitch sends the head that changes the protocol.
func writeSwitch(w *bufio.ReadWriter, m *message.Response) error {
	upgrade, _ := m.Header.Get(message.Upgrade)
	text := "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " + upgrade + "\r\n"
	for _, f := range m.Header.Fields() {
		if !isConnectionField(f.Key()) {
			text += f.Name + ": " + f.Value + "\r\n"
		}
	}
	if _, err := w.WriteString(text + "\r\n"); err != nil {
		return err
	}
	return w.Flush()
}

// tunnel passes bytes both ways until one side ends, and returns how many went
// to the client.
func tunnel(client net.Conn, buffered *bufio.ReadWriter, backend io.ReadWriteCloser) int64 {
	up := make(chan struct{})
	go func() {
		defer close(up)
		_, _ = io.Copy(backend, buffered) // An end of either side ends the tunnel.
		closeWrite(backend)
	}()
	n, _ := io.Copy(client, backend)
	closeWrite(client)
	_ = client.Close() // Unblocks the other direction.
	_ = backend.Close()
	<-up
	return n
}

// closeWrite ends one direction where the connection can.
func closeWrite(c any) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // A peer that has gone needs no end.
	}
}
