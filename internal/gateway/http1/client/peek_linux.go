//go:build linux && (amd64 || arm64 || loong64 || riscv64 || ppc64le)

package client

import (
	"syscall"
	"unsafe"
)

const peekFlags = syscall.MSG_PEEK | syscall.MSG_DONTWAIT

// peekSocket looks whether there is something to read, without waiting and
// without taking it. The call does not block, so the scheduler need not know of it.
func peekSocket(fd uintptr, into *[1]byte) peeked {
	for {
		//nolint:gosec // The kernel writes at most one byte, and the socket outlives the call.
		n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(into)), 1, peekFlags, 0, 0)
		switch {
		case errno == syscall.EINTR:
		case errno == syscall.EAGAIN:
			return peekedQuiet
		case errno != 0 || n == 0:
			return peekedClosed
		default:
			return peekedBytes
		}
	}
}
