package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The processors: what is measured has one of its own.
const (
	measuredProcessor = 0
	loadProcessor     = 1
)

// pin keeps the calling thread, and what it starts, on one processor. On a
// machine with a single one there is nothing to choose.
func pin(processor int) error {
	if runtime.NumCPU() <= processor {
		return nil
	}
	var set unix.CPUSet
	set.Set(processor)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("keeping to processor %d: %w", processor, err)
	}
	return nil
}

// prioritise gives the calling thread, and what it starts, a priority. Linux may
// weigh sessions first and what is in them afterwards, so that it needs a
// session of its own; where it leads its group already, it has that one's.
func prioritise(nice int) error {
	if nice == 0 {
		return nil
	}
	_, _ = unix.Setsid() // See above.
	if err := unix.Setpriority(unix.PRIO_PROCESS, 0, nice); err != nil {
		return fmt.Errorf("-nice %d: %w", nice, err)
	}
	return prioritiseSession(os.Getpid(), nice)
}

// prioritiseSession gives a process's session a priority among sessions, where
// Linux weighs them.
func prioritiseSession(pid, nice int) error {
	if nice == 0 {
		return nil
	}
	err := os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte(strconv.Itoa(nice)), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// processorTime is what a process and its descendants have used, all threads
// together, those that ended too.
func processorTime(pid int) (time.Duration, error) {
	used, err := ownProcessorTime(pid)
	if err != nil {
		return 0, err
	}
	children, err := childrenOf(pid)
	if err != nil {
		return 0, err
	}
	for _, child := range children {
		more, err := processorTime(child)
		if err != nil {
			return 0, err
		}
		used += more
	}
	return used, nil
}

// ownProcessorTime reads the processor-time clock of one process. It counts
// nanoseconds, where utime and stime of /proc count hundredths of a second.
func ownProcessorTime(pid int) (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(processClock(pid), &t); err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// processClock is the number of a process's processor-time clock, as
// clock_getcpuclockid(3) makes it.
func processClock(pid int) int32 {
	const schedulerTime = 2
	return int32(^pid<<3 | schedulerTime)
}

// childrenOf lists the children of all threads of a process.
func childrenOf(pid int) ([]int, error) {
	folder := fmt.Sprintf("/proc/%d/task", pid)
	tasks, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("threads of process %d: %w", pid, err)
	}
	var children []int
	for _, task := range tasks {
		text, err := os.ReadFile(folder + "/" + task.Name() + "/children")
		if errors.Is(err, fs.ErrNotExist) {
			continue // The thread has ended.
		}
		if err != nil {
			return nil, err
		}
		of, err := parseChildren(string(text))
		if err != nil {
			return nil, err
		}
		children = append(children, of...)
	}
	return children, nil
}

// parseChildren reads a children file of /proc: process ids, separated by
// blanks.
func parseChildren(text string) ([]int, error) {
	var list []int
	for word := range strings.FieldsSeq(text) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("a list of children: %w", err)
		}
		list = append(list, pid)
	}
	return list, nil
}
