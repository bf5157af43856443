package http1

import (
	"errors"
	"io"
	"sync"
)

// Buffer is the window of a connection: bytes that have been read and not been
// used. Its memory comes from a pool and grows with what arrives, up to the size
// that the largest head needs. The zero Buffer holds no memory. It is not safe
// for concurrent use.
type Buffer struct {
	data     []byte
	from, to int
	base     int    // what is before it has views and stays as it is
	held     []byte // an outgrown array that has views
	// Smallest is the size of the first array, in bytes; 0 for SmallBuffer.
	Smallest int
	// Poison overwrites memory when it is given back, so that a test finds who
	// still has a view of it.
	Poison bool
}

// The sizes of arrays, in bytes.
const (
	SmallBuffer  = 4 << 10
	MediumBuffer = 16 << 10
	LargeBuffer  = 64 << 10
	// maxBuffer holds the largest head and a read behind it.
	maxBuffer = MaxResponseHead + LargeBuffer
	// minRead is the least room that a read is given.
	minRead = 512
)

// arrays are the pools of memory, shared by all connections.
var arrays = [...]struct {
	size int
	pool *sync.Pool
}{
	{SmallBuffer, poolOf(SmallBuffer)}, {MediumBuffer, poolOf(MediumBuffer)},
	{LargeBuffer, poolOf(LargeBuffer)}, {maxBuffer, poolOf(maxBuffer)},
}

func poolOf(size int) *sync.Pool {
	return &sync.Pool{New: func() any { b := make([]byte, size); return &b[0] }}
}

// TakeArray returns an array of at least size bytes, or of the largest size
// there is, from the pool.
func TakeArray(size int) []byte {
	for i := range arrays {
		if a := &arrays[i]; size <= a.size || i == len(arrays)-1 {
			return sliceOf(a.pool.Get().(*byte), a.size) //nolint:forcetypeassert // The pool makes nothing else.
		}
	}
	return nil
}

// GiveArray gives an array back that TakeArray returned.
func GiveArray(b []byte) {
	for i := range arrays {
		if a := &arrays[i]; cap(b) == a.size {
			a.pool.Put(&b[:1][0])
			return
		}
	}
}

// Bytes returns what has been read and not been used. It is valid until the
// next call.
func (b *Buffer) Bytes() []byte { return b.data[b.from:b.to] }

// Len returns how many bytes there are.
func (b *Buffer) Len() int { return b.to - b.from }

// Advance uses n bytes up.
func (b *Buffer) Advance(n int) { b.from += n }

// Pin keeps what has been used in its place until Unpin, because there are views
// of it.
func (b *Buffer) Pin() { b.base = b.from }

// errFull cannot happen while the limits of heads are below maxBuffer.
var errFull = errors.New("reading: the buffer is full")

// Fill reads once from src, behind what there is.
func (b *Buffer) Fill(src io.Reader) (int, error) {
	if !b.makeRoom() {
		return 0, errFull
	}
	n, err := src.Read(b.data[b.to:])
	b.to += n
	if n > 0 {
		return n, nil // What went wrong after that is told by the next read.
	}
	return 0, err
}

// Room returns where the next bytes may be read to; Filled says that they have
// been. There is at least minRead, or nothing where the buffer is full.
func (b *Buffer) Room() []byte {
	if !b.makeRoom() {
		return nil
	}
	return b.data[b.to:]
}

// Filled takes n bytes that have been read into Room.
func (b *Buffer) Filled(n int) { b.to += n }

// makeRoom moves what there is to the beginning, or to a larger array.
func (b *Buffer) makeRoom() bool {
	if b.data == nil {
		b.data = TakeArray(max(b.Smallest, SmallBuffer))
	}
	if b.from == b.to {
		b.from, b.to = b.base, b.base
	}
	if len(b.data)-b.to >= minRead {
		return true
	}
	if b.from > b.base && len(b.data)-(b.to-b.from)-b.base >= len(b.data)/2 {
		b.to = b.base + copy(b.data[b.base:], b.data[b.from:b.to])
		b.from = b.base
		return true
	}
	return b.grow()
}

// grow moves what there is to the next larger array. The old one is kept while
// there are views of it.
func (b *Buffer) grow() bool {
	size := 2 * (b.to - b.from)
	if b.base == 0 {
		size = max(size, len(b.data)+1)
	}
	if b.base == 0 && len(b.data) == maxBuffer {
		return false
	}
	larger := TakeArray(size)
	n := copy(larger, b.data[b.from:b.to])
	if b.base > 0 && b.held == nil {
		b.held = b.data
	} else {
		b.give(b.data)
	}
	b.data, b.from, b.to, b.base = larger, 0, n, 0
	return true
}

// Unpin ends the views and keeps what has not been used.
func (b *Buffer) Unpin() {
	if b.held != nil {
		b.give(b.held)
		b.held = nil
	}
	b.base = 0
	if b.from == b.to {
		b.from, b.to = 0, 0
	}
	if b.Poison {
		poison(b.data[:b.from])
		poison(b.data[b.to:])
	}
}

// Release gives all memory back. What has not been used is lost.
func (b *Buffer) Release() {
	b.from, b.to = 0, 0
	b.Unpin()
	if b.data != nil {
		b.give(b.data)
		b.data = nil
	}
}

func (b *Buffer) give(array []byte) {
	if b.Poison {
		poison(array)
	}
	GiveArray(array)
}

// poison overwrites memory with what stands in no message.
func poison(array []byte) {
	for i := range array {
		array[i] = 0xDB
	}
}
