//go:build !(linux && (amd64 || arm64 || loong64 || riscv64 || ppc64le))

package socket

import "syscall"

// known says that the calls below are there.
const known = false

// Receive is not there on this system.
func Receive(uintptr, []byte) (int, syscall.Errno) { return 0, syscall.ENOSYS }

// Peek is not there on this system.
func Peek(uintptr, []byte) (int, syscall.Errno) { return 0, syscall.ENOSYS }

func transmit(uintptr, []byte) (int, syscall.Errno) { return 0, syscall.ENOSYS }
