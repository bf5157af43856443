//go:build linux && (amd64 || arm64 || loong64 || riscv64 || ppc64le)

package client

import (
	"syscall"

	tcp "github.com/sallyport/sallyport/internal/gateway/http1/socket"
)

// peekSocket looks whether there is something to read, without waiting and
// without taking it.
func peekSocket(fd uintptr, into *[1]byte) peeked {
	n, errno := tcp.Peek(fd, into[:])
	switch {
	case errno == syscall.EAGAIN:
		return peekedQuiet
	case errno != 0 || n == 0:
		return peekedClosed
	}
	return peekedBytes
}
