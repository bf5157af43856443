package feed

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Type says what a frame is.
type Type byte

// The types of frames.
const (
	TypeHello    Type = 1
	TypeDocument Type = 2
	TypeDelta    Type = 3
	TypeCurrent  Type = 4
	TypeBye      Type = 5
	// typeOptional is the first of those that a reader passes over where it does
	// not know them.
	typeOptional Type = 128
	// TypeTracing says which debug tokens are good. Releases that record no traces
	// pass over it.
	TypeTracing Type = 128
)

// String returns the name of the type.
func (t Type) String() string {
	switch t {
	case TypeHello:
		return "hello"
	case TypeDocument:
		return "document"
	case TypeDelta:
		return "delta"
	case TypeCurrent:
		return "current"
	case TypeBye:
		return "bye"
	case TypeTracing:
		return "tracing"
	default:
		return fmt.Sprintf("type %d", byte(t))
	}
}

// passed reports whether a reader of this release passes over a type.
func (t Type) passed() bool { return t >= typeOptional && t != TypeTracing }

// Frame is one piece of the feed, unpacked.
type Frame struct {
	Type    Type
	Payload []byte
}

// ErrFrame is wrapped by what refuses bytes that are no frame.
var ErrFrame = errors.New("the feed is damaged")

const (
	frameHead      = 8
	frameTail      = 4
	flagCompressed = 1 << 0
	// compressFrom is the size of the payloads, in bytes, from which on packing
	// them is worth its time.
	compressFrom = 1 << 10
)

// castagnoli is never written.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Encode returns a frame as it is sent, its payload compressed where that makes
// it smaller. The bytes can be sent to any number of gateways.
func Encode(f Frame) ([]byte, error) {
	if len(f.Payload) > limitOf(f.Type) {
		return nil, fmt.Errorf("writing a frame: the %d bytes of %s are more than %d", len(f.Payload), f.Type, limitOf(f.Type))
	}
	payload, flags := f.Payload, byte(0)
	if len(payload) >= compressFrom {
		packed, err := compress(payload)
		if err != nil {
			return nil, fmt.Errorf("writing a frame: %w", err)
		}
		if len(packed) < len(payload) {
			payload, flags = packed, flagCompressed
		}
	}
	out := make([]byte, frameHead, frameHead+len(payload)+frameTail)
	out[0], out[1] = byte(f.Type), flags
	binary.BigEndian.PutUint32(out[4:], uint32(len(payload)))
	out = append(out, payload...)
	return binary.BigEndian.AppendUint32(out, crc32.Checksum(out, castagnoli)), nil
}

func compress(payload []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(payload); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Writer writes frames.
type Writer struct{ w io.Writer }

// NewWriter returns a writer of frames to w, which writes each with one call.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write encodes a frame and writes it.
func (w *Writer) Write(f Frame) error {
	encoded, err := Encode(f)
	if err != nil {
		return err
	}
	if _, err := w.w.Write(encoded); err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	return nil
}

// limitOf bounds the payload of a type, in bytes.
func limitOf(t Type) int {
	switch t {
	case TypeHello, TypeCurrent, TypeBye, TypeTracing:
		return MaxNote
	default:
		return MaxFrame
	}
}
