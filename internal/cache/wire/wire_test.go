package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/cache/wire"
)

var (
	stored  = time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.UTC)
	expires = time.Date(2026, 3, 14, 16, 9, 26, 535_000_000, time.UTC)
)

// responses are responses with every part in several forms.
func responses() []*cache.Response {
	return []*cache.Response{
		{Stored: stored},
		{Stored: stored, Header: []cache.Field{{Name: "accept"}}},
		{Status: 200, Reason: "OK", Stored: stored, Body: []byte("text")},
		{Status: 999, Reason: strings.Repeat("r", 300), Stored: stored, Body: make([]byte, 70_000),
			Header: []cache.Field{{Name: "A", Value: "1"}, {Name: "a", Value: "\xff\x00"}, {Name: "B"}}},
	}
}

func values() []cache.Value {
	return []cache.Value{{}, {Type: "System.String", Data: []byte("ключ")}, {Type: strings.Repeat("t", wire.MaxTypeBytes), Data: make([]byte, 70_000)}}
}

func TestRoundTrip(t *testing.T) {
	for i, r := range responses() {
		data, err := wire.AppendResponse([]byte("x"), r, expires)
		if err != nil {
			t.Fatal(err)
		}
		got, until, err := wire.ReadResponse(data[1:])
		if d := cmp.Diff(r, got); err != nil || !until.Equal(expires) || d != "" {
			t.Errorf("response %d: %v, %v\n%s", i, until, err, d)
		}
		if _, _, err := wire.ReadValue(data[1:]); err == nil {
			t.Errorf("response %d is read as a value", i)
		}
	}
	for i, v := range values() {
		data, err := wire.AppendValue(nil, v, expires)
		if err != nil {
			t.Fatal(err)
		}
		got, until, err := wire.ReadValue(data)
		if d := cmp.Diff(v, got); err != nil || !until.Equal(expires) || d != "" {
			t.Errorf("value %d: %v, %v\n%s", i, until, err, d)
		}
	}
}

// TestEveryDamageIsFound cuts entries at each byte and changes each byte.
func TestEveryDamageIsFound(t *testing.T) {
	r := responses()[3]
	r.Body = []byte("body")
	data, err := wire.AppendResponse(nil, r, expires)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		if _, _, err := wire.ReadResponse(data[:i]); !errors.Is(err, wire.ErrUnreadable) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x20
		if _, _, err := wire.ReadResponse(damaged); !errors.Is(err, wire.ErrUnreadable) {
			t.Fatalf("changed at %d: %v", i, err)
		}
	}
}

// sealed is an entry with a right head and checksum, whatever is inside.
func sealed(kind byte, inside []byte) []byte {
	b := append([]byte("SPC"), wire.Version, kind)
	b = append(binary.BigEndian.AppendUint64(b, 1), inside...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

func TestLimits(t *testing.T) {
	head := append([]byte{0xc8, 0x01}, make([]byte, 8)...) // Status 200, and when.
	for _, tt := range []struct {
		name string
		data []byte
	}{
		{"a number in a long form", sealed('r', append([]byte{0xc8, 0x81, 0x00}, make([]byte, 10)...))},
		{"a status beyond 999", sealed('r', append([]byte{0xe8, 0x07}, make([]byte, 10)...))},
		{"too many fields", sealed('r', append(append([]byte(nil), head...), 0, 0x81, 0x20))},
		{"a text that is longer than the entry", sealed('r', append(append([]byte(nil), head...), 0x7f))},
		{"a type that is too long", sealed('v', append([]byte{0x81, 0x08}, make([]byte, 1025)...))},
		{"a body that is too large", sealed('r', append(append(append([]byte(nil), head...), 0, 0), make([]byte, cache.MaxEntryBytes)...))},
		{"too large altogether", sealed('v', make([]byte, wire.MaxBytes))},
	} {
		if _, _, err := wire.ReadResponse(tt.data); !errors.Is(err, wire.ErrUnreadable) {
			t.Errorf("%s: %v as a response", tt.name, err)
		}
		if _, _, err := wire.ReadValue(tt.data); !errors.Is(err, wire.ErrUnreadable) {
			t.Errorf("%s: %v as a value", tt.name, err)
		}
	}
	if _, _, err := wire.ReadResponse(sealed('r', append(append([]byte(nil), head...), 0, 0))); err != nil {
		t.Errorf("the least response: %v", err)
	}
	for _, r := range []*cache.Response{{Status: 1000}, {Header: make([]cache.Field, wire.MaxFields+1)}, {Body: make([]byte, cache.MaxEntryBytes)}} {
		if _, err := wire.AppendResponse(nil, r, expires); err == nil {
			t.Errorf("a response of %d bytes is written", r.Size())
		}
	}
	for _, v := range []cache.Value{{Type: strings.Repeat("t", wire.MaxTypeBytes+1)}, {Data: make([]byte, cache.MaxEntryBytes)}} {
		if _, err := wire.AppendValue(nil, v, expires); err == nil {
			t.Errorf("a value of %d bytes is written", v.Size())
		}
	}
}

// FuzzRead reads bytes from outside. What can be read is written as it was.
func FuzzRead(f *testing.F) {
	for _, r := range responses() {
		r.Body = nil
		data, err := wire.AppendResponse(nil, r, expires)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	data, err := wire.AppendValue(nil, values()[1], expires)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, inside []byte) {
		for _, data := range [][]byte{inside, sealed(wire.Response, inside), sealed(wire.Value, inside)} {
			if r, until, err := wire.ReadResponse(data); err == nil {
				again, err := wire.AppendResponse(nil, r, until)
				if err != nil || !bytes.Equal(again, data) {
					t.Errorf("%+v is written as %x, not %x: %v", r, again, data, err)
				}
			}
			if v, until, err := wire.ReadValue(data); err == nil {
				again, err := wire.AppendValue(nil, v, until)
				if err != nil || !bytes.Equal(again, data) {
					t.Errorf("%+v is written as %x, not %x: %v", v, again, data, err)
				}
			}
		}
	})
}
