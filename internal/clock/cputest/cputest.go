// Package cputest measures what a test costs in processor time. Unlike time on
// the clock it does not depend on what else the machine does, so that a promise
// about time can be asserted.
package cputest

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Time runs f on a thread of its own and returns the processor time that this
// thread has used. What f does in other goroutines is not counted.
func Time(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	f()
	return threadTime() - before
}

// threadTime returns the processor time of the current thread.
func threadTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
