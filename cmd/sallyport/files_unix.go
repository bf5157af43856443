//go:build unix

package main

import "syscall"

// openFiles returns how many files the process may open, or 0 where that is not
// known. Go's runtime has raised it to what the process may raise it to.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert // It is signed on some systems.
}
