package feed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
)

// reseal gives an encoded frame the checksum that its bytes have.
func reseal(frame []byte) []byte {
	binary.BigEndian.PutUint32(frame[len(frame)-frameTail:], crc32.Checksum(frame[:len(frame)-frameTail], castagnoli))
	return frame
}

// FuzzReader gives arbitrary bytes, and arbitrary payloads in frames that are
// whole: each ends with an error, and what was read can be written.
func FuzzReader(f *testing.F) {
	f.Add(sampleFeed(f), byte(0))
	f.Add([]byte(`{"lineage":"l"}`), byte(TypeHello))
	f.Fuzz(func(t *testing.T, data []byte, kind byte) {
		frames, err := readAll(data)
		if err == nil {
			t.Fatal("a feed ended without an error")
		}
		for _, frame := range frames {
			if _, err := Encode(frame); err != nil {
				t.Error(err)
			}
		}
		if len(data) > 1<<20 {
			return
		}
		head := []byte{kind, flagsOf(data), 0, 0, 0, 0, 0, 0}
		binary.BigEndian.PutUint32(head[4:], uint32(len(data)))
		_, _ = readAll(reseal(bytes.Join([][]byte{head, data, make([]byte, frameTail)}, nil)))
	})
}

// flagsOf lets payloads that begin as gzip does be unpacked.
func flagsOf(data []byte) byte {
	if len(data) > 0 && data[0] == 0x1f {
		return flagCompressed
	}
	return 0
}

// FuzzNotes reads any bytes as each kind of note, and as a heartbeat: what is
// read passes its own check.
func FuzzNotes(f *testing.F) {
	for _, frame := range sampleFrames(f) {
		f.Add(frame.Payload)
	}
	f.Add([]byte(`{"instance":"a","health":"ok","problems":[{"message":"x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var errs []error
		if h, err := DecodeHello(data); err == nil {
			errs = append(errs, h.Check())
		}
		if c, err := DecodeCurrent(data); err == nil {
			errs = append(errs, c.Check())
		}
		if b, err := DecodeBye(data); err == nil {
			errs = append(errs, b.Check())
		}
		if h, err := DecodeHeartbeat(bytes.NewReader(data)); err == nil {
			errs = append(errs, h.Check())
		}
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}

// FuzzHeaders reads any text as the headers of a request.
func FuzzHeaders(f *testing.F) {
	f.Add("l", "1", "00", "1,2")
	f.Fuzz(func(t *testing.T, lineage, revision, digest, formats string) {
		if p, err := ParsePosition(lineage, revision, digest); err == nil && p != nil && len(p.Lineage) > MaxName {
			t.Error("a lineage is longer than MaxName")
		}
		if f, err := ParseFormats(formats); err == nil && (len(f) == 0 || len(f) > MaxFormats) {
			t.Errorf("%q gave %d formats", formats, len(f))
		}
	})
}
