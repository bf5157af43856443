package wire

import (
	"bytes"
	"errors"
	"testing"
)

// TestReadLines reads a document of which one line is beyond this release.
func TestReadLines(t *testing.T) {
	texts := [][]byte{
		[]byte(`{"id":"apis/a","properties":{"displayName":"A","path":"a","x":{"y":1}}}`),
		[]byte(`{"id":"futures/b","properties":{}}`),
		[]byte(`{"id":"apis/c","properties":{"path":7}}`),
		[]byte(`not JSON`),
	}
	file, err := EncodeLines(9, texts)
	if err != nil {
		t.Fatal(err)
	}
	revision, lines, err := ReadLines(file, nil)
	if err != nil || revision != 9 || len(lines) != len(texts) {
		t.Fatalf("revision %d, %d lines, %v", revision, len(lines), err)
	}
	for i, l := range lines {
		if (l.Resource != nil) != (i == 0) || (l.Err != nil) == (i == 0) || !bytes.Equal(l.Text, texts[i]) || l.Name() == "" {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	if lines[3].Name() != "a resource without an id" || lines[1].Name() != "futures/b" {
		t.Errorf("they are called %q and %q", lines[1].Name(), lines[3].Name())
	}
	for cut := range file {
		if _, _, err := ReadLines(file[:cut], nil); err == nil {
			t.Fatalf("%d of %d bytes were read", cut, len(file))
		}
	}
}

func TestState(t *testing.T) {
	for _, key := range [][]byte{nil, bytes.Repeat([]byte("k"), KeySize)} {
		file, err := Encode(sample(), key)
		if err != nil {
			t.Fatal(err)
		}
		beside, err := EncodeState(file, []byte("a secret-key"), key)
		if err != nil {
			t.Fatal(err)
		}
		if key != nil && bytes.Contains(beside, []byte("secret-key")) {
			t.Error("what is sealed shows")
		}
		if state, err := DecodeState(file, beside, key); err != nil || string(state) != "a secret-key" {
			t.Errorf("read back %q, %v", state, err)
		}
		for i := range beside {
			beside[i] ^= 1
			if _, err := DecodeState(file, beside, key); err == nil {
				t.Errorf("a change of byte %d was not noticed", i)
			}
			beside[i] ^= 1
		}
		doc := sample()
		doc.Revision++
		doc.Resources = doc.Resources[:1]
		other, err := Encode(doc, key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeState(other, beside, key); !errors.Is(err, ErrDamaged) {
			t.Errorf("beside another generation it gives %v", err)
		}
		if _, err := DecodeState(file, file, key); err == nil {
			t.Error("a generation was taken for what is beside it")
		}
	}
}

// FuzzLines reads any bytes as a document, as a delta, as a line and as what is
// kept beside a document.
func FuzzLines(f *testing.F) {
	file, err := EncodeLines(1, [][]byte{[]byte(`{"id":"apis/a","properties":{}}`)})
	if err != nil {
		f.Fatal(err)
	}
	beside, err := EncodeState(file, []byte("x"), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(beside)
	f.Add([]byte(`{"base":1,"revision":2,"put":1,"delete":1,"digest":"` + Digest{}.String() + "\"}\n" + `{"id":"apis/a","properties":{}}` + "\n" + `{"id":"x/y"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, lines, err := ReadLines(data, nil); err == nil {
			for i := range lines {
				if (lines[i].Resource == nil) != (lines[i].Err != nil) {
					t.Errorf("line %d has neither a resource nor an error", i)
				}
			}
		}
		if d, err := ReadDelta(data); (d == nil) == (err == nil) {
			t.Errorf("ReadDelta gave %v and %v", d, err)
		}
		l := ReadLine(data)
		if (l.Resource == nil) != (l.Err != nil) {
			t.Error("a line has neither a resource nor an error")
		}
		if plain, err := DecodeState(file, data, nil); err == nil && !bytes.Equal(data, beside) && len(plain) > len(data) {
			t.Error("more was read than there is")
		}
	})
}
