package archive

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

// FuzzReader reads what is no archive: it says so, and never more than it was.
func FuzzReader(f *testing.F) {
	by := &testKey{name: "k"}
	good, err := os.ReadFile("testdata/small.archive")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, _, err := readAll(NewOpener(by), data)
		if err == nil && !bytes.Equal(data, good) {
			t.Error("something else was read as an archive")
		}
	})
}

// FuzzEntries reads what whoever has the key has written as entries.
func FuzzEntries(f *testing.F) {
	by := &testKey{name: "k"}
	key, err := NewKey(f.Context(), by)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{typeRecord, 0, 0, 0, 1, 'x'}, true)
	f.Add([]byte{typeTrailer, 0, 0, 0, 2, '{', '}'}, true)
	f.Add([]byte{typeAudit, 2, 0, 0, 1, 'x'}, false)
	f.Add([]byte{typeAccount, 0, 0, 0, 8, 0, 1, 'a', 0, 0, 0, 1, 'x'}, true)
	f.Fuzz(func(t *testing.T, content []byte, base bool) {
		h := baseHeader
		if !base {
			h.Kind = Changes
		}
		h.Usage, h.Accounts = new(uint64), true
		var b bytes.Buffer
		w, err := NewWriter(&b, h, key)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.buffer.Write(content)
		if err := errors.Join(w.buffer.Flush(), w.zip.Close(), w.chunks.Close()); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := readAll(NewOpener(by), b.Bytes()); !errors.Is(err, ErrDamaged) {
			t.Errorf("entries without a right trailer: %v", err)
		}
	})
}

// FuzzContent reads content that was encrypted by whoever has the key.
func FuzzContent(f *testing.F) {
	var b bytes.Buffer
	e := &encoder{}
	for _, one := range some(2) {
		e.b = e.b[:0]
		one.payload(e)
		f.Add(typeOf(one), bytes.Clone(e.b))
		b.Write(e.b)
	}
	f.Add(typeRevision, b.Bytes()[:24])
	e.b = e.b[:0]
	accounts(9)[8].payload(e)
	f.Add(typeAccount, bytes.Clone(e.b))
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		got, err := decode(kind, payload)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		again := &encoder{}
		got.payload(again)
		if kind != typeCounter && !bytes.Equal(again.b, payload) {
			t.Errorf("%x was read as %+v, which is %x", payload, got, again.b)
		}
		NewDigester().Add(got)
	})
}
