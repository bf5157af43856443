package server

import (
	"syscall"
)

// probeClient looks whether the client is still there that waits for its answer,
// and ends the request's context where it is not. What the client sends
// meanwhile is left alone.
func (c *conn) probeClient() {
	switch ended, gone := c.look(); {
	case gone:
		c.cancel()
		return
	case ended:
		if c.half += ProbeInterval; c.half > HalfCloseTime {
			c.cancel()
			return
		}
	default:
		c.half = 0
	}
	c.probe.Move(ProbeInterval)
}

// look says whether the client has ended its direction, or the connection.
func (c *conn) look() (ended, gone bool) {
	from, ok := c.from.Socket.(syscall.Conn)
	if !ok {
		return false, false
	}
	raw, err := from.SyscallConn()
	if err != nil {
		return false, true
	}
	var one [1]byte
	err = raw.Control(func(fd uintptr) {
		n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT) //nolint:gosec // A descriptor is a small number.
		ended = err == nil && n == 0
		gone = err != nil && err != syscall.EAGAIN && err != syscall.EINTR //nolint:errorlint // Recvfrom returns errors as they are.
	})
	return ended, gone || err != nil
}
