// Package memory tells Go's runtime how much memory there is, and when what is
// no longer used goes back to the system.
package memory

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// What the garbage collector is told where the environment says nothing of it.
const (
	// memoryShare is the part of a memory limit that Go's memory may take, in
	// percent: the rest is for stacks of threads, sockets and the kernel.
	memoryShare = 85
	// collectAt is how much a heap may grow before it is collected, in percent, as
	// long as a memory limit is far. A gateway allocates little for a request and
	// its heap is small, so collecting less often costs little memory.
	collectAt = 400
	// minLimit is the least limit that is taken for one, in bytes.
	minLimit = 16 << 20
)

// groupFiles are where a control group says how much memory its processes may
// have: version 2, then version 1.
var groupFiles = [...]string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// Limit makes the garbage collector work within the memory that there is:
// what GOMEMLIMIT says, otherwise what the control group does. GOGC and
// GOMEMLIMIT are the operator's word and are left alone.
func Limit() {
	limit := int64(0)
	if os.Getenv("GOMEMLIMIT") == "" {
		for _, file := range groupFiles {
			if text, err := os.ReadFile(file); err == nil { //nolint:gosec // The names are constants.
				limit = goLimit(string(text))
				break
			}
		}
		if limit > 0 {
			debug.SetMemoryLimit(limit)
		}
	}
	// Without any limit nothing would hold a heap back that is seldom collected.
	if os.Getenv("GOGC") == "" && debug.SetMemoryLimit(-1) != math.MaxInt64 {
		debug.SetGCPercent(collectAt)
	}
}

// goLimit returns the limit for Go's memory in bytes where a control group has
// that limit, or 0 where it has none.
func goLimit(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < minLimit || n > 1<<50 { // "max", or a number that means it.
		return 0
	}
	return n / 100 * memoryShare
}
