//go:build linux && (amd64 || arm64 || loong64 || riscv64 || ppc64le)

package socket

import (
	"syscall"
	"unsafe"
)

// known says that the calls below are there.
const known = true

// Receive reads from a socket that does not block. 0 bytes without an error are
// the end. p is not empty.
func Receive(fd uintptr, p []byte) (int, syscall.Errno) {
	return receive(fd, p, syscall.MSG_DONTWAIT)
}

// Peek is as Receive, and leaves what it reads where it is.
func Peek(fd uintptr, p []byte) (int, syscall.Errno) {
	return receive(fd, p, syscall.MSG_DONTWAIT|syscall.MSG_PEEK)
}

func receive(fd uintptr, p []byte, flags uintptr) (int, syscall.Errno) {
	for {
		at := unsafe.Pointer(unsafe.SliceData(p)) //nolint:gosec // The call below keeps p alive, and nothing of it.
		n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(at), uintptr(len(p)), flags, 0, 0)
		switch errno {
		case 0:
			return int(n), 0 //nolint:gosec // It is at most the length of p.
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}

// transmit writes to a socket that does not block.
func transmit(fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		at := unsafe.Pointer(unsafe.SliceData(p)) //nolint:gosec // As above.
		n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, fd, uintptr(at), uintptr(len(p)),
			syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), 0 //nolint:gosec // As above.
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
