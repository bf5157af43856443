//go:build unix && !(linux && (amd64 || arm64 || loong64 || riscv64 || ppc64le))

package client

import (
	"errors"
	"syscall"
)

// peekSocket looks whether there is something to read, without waiting and
// without taking it.
func peekSocket(fd uintptr, into *[1]byte) peeked {
	for {
		n, _, err := syscall.Recvfrom(int(fd), into[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return peekedQuiet
		case err != nil || n == 0:
			return peekedClosed
		default:
			return peekedBytes
		}
	}
}
