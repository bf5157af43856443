package message

import (
	"strconv"
	"unsafe"
)

const (
	// firstArenaBytes holds what most exchanges write.
	firstArenaBytes = 512
	// maxArenaBytes bounds the memory that an arena keeps from one exchange to
	// the next. What one exchange may write is not bounded here: it follows from
	// the bounds of what arrives.
	maxArenaBytes = 16 << 10
)

// Arena is memory for texts that are made during an exchange and end with it,
// such as a path that is joined from two: they are views, as those of an
// engine are, and cost no allocation. The zero Arena is empty and ready for
// use. It is not safe for concurrent use.
type Arena struct {
	buf []byte
}

// Begin returns an empty slice for the caller to append one text to, which End
// then takes. Nothing else may be asked of the arena in between.
func (a *Arena) Begin() []byte {
	if a.buf == nil {
		a.buf = make([]byte, 0, firstArenaBytes)
	}
	return a.buf[len(a.buf):]
}

// End returns the text that was appended to what Begin has returned.
func (a *Arena) End(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if len(text) <= cap(a.buf)-len(a.buf) && &text[0] == &a.buf[:cap(a.buf)][len(a.buf)] {
		a.buf = a.buf[:len(a.buf)+len(text)]
	} else {
		a.buf = text // It has moved; earlier texts keep their memory alive.
	}
	return unsafe.String(&text[0], len(text)) //nolint:gosec // Nobody writes to it before Reset.
}

// Concat returns two texts as one.
func (a *Arena) Concat(first, second string) string {
	return a.End(append(append(a.Begin(), first...), second...))
}

// Int returns a number in decimal digits.
func (a *Arena) Int(n int64) string { return a.End(strconv.AppendInt(a.Begin(), n, 10)) }

// Reset ends all texts of the arena and keeps its memory, within bounds.
func (a *Arena) Reset() {
	if cap(a.buf) > maxArenaBytes {
		a.buf = nil
		return
	}
	a.buf = a.buf[:0]
}

// Poison resets the arena and overwrites its memory, so that a test sees who
// has kept a text for longer than it lasts.
func (a *Arena) Poison(with byte) {
	a.buf = a.buf[:cap(a.buf)]
	for i := range a.buf {
		a.buf[i] = with
	}
	a.buf = a.buf[:0]
}
