package server

import (
	"encoding/binary"
	"strings"
	"testing"
)

// frame makes a frame of a WebSocket.
func frame(opcode byte, length int, masked bool) string {
	head := []byte{0x80 | opcode, 0}
	switch {
	case length < 126:
		head[1] = byte(length)
	case length < 1<<16:
		head[1] = 126
		head = binary.BigEndian.AppendUint16(head, uint16(length))
	default:
		head[1] = 127
		head = binary.BigEndian.AppendUint64(head, uint64(length))
	}
	if masked {
		head[1] |= 0x80
		head = append(head, "mask"...)
	}
	return string(head) + strings.Repeat("x", length)
}

func TestFrames(t *testing.T) {
	for _, masked := range []bool{false, true} {
		for _, length := range []int{0, 1, 125, 126, 127, 65535, 65536, 70000} {
			one := frame(1, length, masked)
			for _, piece := range []int{1, 7, len(one), 2 * len(one)} {
				var f frames
				stream := []byte(one + one)
				for i, passed := 0, 0; i < len(stream); i += piece {
					p := stream[i:min(i+piece, len(stream))]
					f.follow(p)
					passed += len(p)
					if want := passed%len(one) == 0; f.atBoundary() != want {
						t.Fatalf("length %d, masked %v: after %d of %d bytes at a boundary: %v", length, masked, passed, len(one), !want)
					}
				}
			}
		}
	}
}

func TestFramesToBoundary(t *testing.T) {
	var f frames
	one := frame(1, 10, false)
	f.follow([]byte(one[:5]))
	if n := f.toBoundary([]byte(one[5:] + one)); n != len(one)-5 || !f.atBoundary() {
		t.Errorf("the boundary is after %d bytes, want %d", n, len(one)-5)
	}
	f.follow([]byte(frame(8, 2, false)))
	if f.atBoundary() {
		t.Error("after a Close frame another may be put in")
	}
}

// FuzzFrames holds the following of frames to reading a stream in one way,
// however it is cut.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(frame(1, 3, true) + frame(2, 200, false)))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var whole, cut frames
		whole.follow(stream)
		for i := range stream {
			cut.follow(stream[i : i+1])
		}
		if whole.have != cut.have || whole.left != cut.left || whole.closed != cut.closed {
			t.Errorf("whole: %+v, cut: %+v", whole, cut)
		}
	})
}
