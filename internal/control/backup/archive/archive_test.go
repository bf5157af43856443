package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/counter"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// testKey is a key-encryption key that hides nothing and counts how often it is
// asked.
type testKey struct {
	name  string
	asked int
}

func (k *testKey) Name() string { return k.name }

func (k *testKey) Encrypt(_ context.Context, plaintext []byte) ([]byte, error) {
	return append([]byte(k.name+"|"), plaintext...), nil
}

func (k *testKey) Decrypt(_ context.Context, ciphertext []byte) ([]byte, error) {
	k.asked++
	plaintext, ok := bytes.CutPrefix(ciphertext, []byte(k.name+"|"))
	if !ok {
		return nil, errors.New("it is not mine")
	}
	return plaintext, nil
}

func keyFor(t *testing.T, by KeyEncrypter) *Key {
	t.Helper()
	key, err := NewKey(context.Background(), by)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// some are entries of a base.
func some(n int) []Entry {
	all := []Entry{
		DataKey{ID: "0011223344556677", Created: noon, Key: bytes.Repeat([]byte{7}, DataKeyLength)},
		DataKey{ID: "1011223344556677", Created: noon.Add(time.Hour), Key: bytes.Repeat([]byte{8}, DataKeyLength)},
	}
	for i := range n {
		key := store.Key(fmt.Sprintf("apis/a%06d", i))
		all = append(all, Record{Key: key, ID: "/APIs/" + key.Name(), Value: bytes.Repeat([]byte(fmt.Sprintf("value %d,", i)), i%50), Created: 1, Changed: 2})
	}
	for i := range n / 2 {
		all = append(all, AuditEntry{Sequence: uint64(i + 1), Revision: 2, Data: []byte(fmt.Sprintf(`{"n":%d}`, i))})
	}
	return append(all,
		Counter{Kind: counter.KindRate, Name: "n", Key: "k", Period: time.Minute, Used: counter.Usage{Calls: 3}},
		Counter{Kind: counter.KindQuota, Name: "n", Key: "k", Period: time.Hour, Start: noon, End: noon.Add(time.Hour), Used: counter.Usage{Calls: 3, Bytes: 4}})
}

func written(t *testing.T, key *Key, h Header, entries []Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	w.NoteSecrets(5)
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Bytes() != int64(b.Len()) {
		t.Errorf("it says %d bytes, and wrote %d", w.Bytes(), b.Len())
	}
	return b.Bytes()
}

func readAll(keys KeyOpener, data []byte) (h Header, all []Entry, trailer Trailer, err error) {
	r, err := NewReader(context.Background(), bytes.NewReader(data), keys)
	if err != nil {
		return Header{}, nil, Trailer{}, err
	}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			if r.Bytes() != int64(len(data)) {
				return h, nil, Trailer{}, fmt.Errorf("%d of %d bytes were read", r.Bytes(), len(data))
			}
			return r.Header(), all, r.Trailer(), nil
		}
		if err != nil {
			return Header{}, nil, Trailer{}, err
		}
		all = append(all, e)
	}
}

var baseHeader = Header{Kind: Base, Lineage: "l1", Revision: 2, RevisionTime: noon, Created: noon.Add(time.Minute), Release: "v1"}

func TestWriteAndRead(t *testing.T) {
	by := &testKey{name: "k"}
	key := keyFor(t, by)
	changes := []Entry{
		Revision{Revision: 5, Time: noon, Versions: 3, AuditEntries: 1},
		Version{Record: store.Record{Key: "apis/a", ID: "/apis/A", Value: []byte("x"), Created: 1}},
		DataKey{ID: "0011223344556677", Created: noon, Key: bytes.Repeat([]byte{7}, DataKeyLength)},
		Version{Record: store.Record{Key: "apis/b", ID: "/apis/B", Created: 1, Value: []byte{}}, Deleted: true},
		AuditEntry{Sequence: 9, Revision: 5, Data: []byte("{}")},
		Revision{Revision: 6, AuditEntries: 1},
		AuditEntry{Sequence: 10, Revision: 6, Data: []byte("{}")},
	}
	tests := []struct {
		name    string
		header  Header
		entries []Entry
	}{
		{"nothing", Header{Kind: Base, Created: noon}, nil},
		{"a base", baseHeader, some(10)},
		{"a base of many chunks", baseHeader, some(3000)},
		{"changes", Header{Kind: Changes, FromRevision: 4, Revision: 6, Created: noon}, changes},
	}
	opener := NewOpener(&testKey{name: "other"}, by)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := written(t, key, tt.header, tt.entries)
			h, all, trailer, err := readAll(opener, data)
			if err != nil {
				t.Fatal(err)
			}
			if len(all)+len(tt.entries) > 0 && !reflect.DeepEqual(tt.entries, all) { // On so many cmp is slow.
				t.Errorf("%d entries were written, and %d others read", len(tt.entries), len(all))
			}
			tt.header.Key, tt.header.Version = h.Key, version
			if diff := cmp.Diff(tt.header, h); diff != "" || trailer.Secrets != 5 || trailer.Digest == "" {
				t.Errorf("header (-written +read):\n%s\n%+v", diff, trailer)
			}
			if only, err := ReadHeader(bytes.NewReader(data)); err != nil || !cmp.Equal(only, h) {
				t.Errorf("the header alone: %+v, %v", only, err)
			}
		})
	}
	if by.asked != 2 { // When the key was made, and when it was first opened.
		t.Errorf("the key's service was asked %d times for one master", by.asked)
	}
}

func TestEqualContentsDiffer(t *testing.T) {
	key := keyFor(t, &testKey{name: "k"})
	a, b := written(t, key, baseHeader, some(10)), written(t, key, baseHeader, some(10))
	if bytes.Equal(a[len(a)-100:], b[len(b)-100:]) {
		t.Error("two archives of the same are encrypted the same")
	}
}

func TestWrongKey(t *testing.T) {
	data := written(t, keyFor(t, &testKey{name: "k"}), baseHeader, some(10))
	for name, opener := range map[string]*Opener{
		"none": NewOpener(), "another": NewOpener(&testKey{name: "other"}), "two others": NewOpener(&testKey{name: "a"}, &testKey{name: "b"}),
	} {
		if _, _, _, err := readAll(opener, data); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), `"k"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewKey(t.Context(), forgetful{&testKey{name: "k"}}); !errors.Is(err, ErrKey) {
		t.Errorf("a key that does not decrypt: %v", err)
	}
}

// forgetful is a key that decrypts to something else.
type forgetful struct{ *testKey }

func (forgetful) Decrypt(context.Context, []byte) ([]byte, error) { return []byte("x"), nil }

func TestOrderIsHeld(t *testing.T) {
	key := keyFor(t, &testKey{name: "k"})
	base, changes := baseHeader, Header{Kind: Changes, FromRevision: 4, Revision: 6, Created: noon}
	record := func(key store.Key) Record { return Record{Key: key, ID: "/x", Created: 1, Changed: 1} }
	tests := []struct {
		name    string
		header  Header
		entries []Entry
	}{
		{"records backwards", base, []Entry{record("b"), record("a")}},
		{"a record twice", base, []Entry{record("a"), record("a")}},
		{"a record of the future", base, []Entry{Record{Key: "a", ID: "/a", Created: 1, Changed: 3}}},
		{"a data key after records", base, []Entry{record("a"), DataKey{Key: make([]byte, 32)}}},
		{"an audit entry is missing", base, []Entry{AuditEntry{Sequence: 2}}},
		{"a revision in a base", base, []Entry{Revision{Revision: 1}}},
		{"a version in a base", base, []Entry{Version{Record: store.Record{Key: "a"}}}},
		{"a record in changes", changes, []Entry{record("a")}},
		{"a revision is missing", changes, []Entry{Revision{Revision: 6}}},
		{"too many revisions", changes, []Entry{Revision{Revision: 5}, Revision{Revision: 6}, Revision{Revision: 7}}},
		{"a version too many", changes, []Entry{Revision{Revision: 5}, Version{Record: store.Record{Key: "a"}}}},
		{"a version too few", changes, []Entry{Revision{Revision: 5, Versions: 1}, Revision{Revision: 6}}},
		{"an audit entry of another revision", changes, []Entry{Revision{Revision: 5, AuditEntries: 1}, AuditEntry{Sequence: 1, Revision: 4}}},
		{"the end is missing", changes, []Entry{Revision{Revision: 5}}},
		{"all is missing", changes, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, err := NewWriter(io.Discard, tt.header, key)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range tt.entries {
				if err = w.Write(e); err != nil {
					break
				}
			}
			if err == nil {
				_, err = w.Close()
			}
			if !errors.Is(err, ErrOrder) {
				t.Errorf("got %v", err)
			}
			if _, again := w.Close(); again == nil {
				t.Error("it was ended after an error")
			}
		})
	}
}

func TestLimits(t *testing.T) {
	key := keyFor(t, &testKey{name: "k"})
	if _, err := NewWriter(io.Discard, Header{Kind: Base, Release: strings.Repeat("x", MaxHeader)}, key); !errors.Is(err, ErrLimit) {
		t.Errorf("a long header: %v", err)
	}
	if _, err := NewWriter(io.Discard, Header{Kind: "x"}, key); err == nil {
		t.Error("an unknown kind was taken")
	}
	s := &sealer{next: MaxChunks}
	if err := s.turn(false); !errors.Is(err, ErrLimit) {
		t.Errorf("too many chunks: %v", err)
	}
	o := &order{header: &baseHeader, total: MaxEntries}
	if err := o.next(AuditEntry{Sequence: 1}); !errors.Is(err, ErrLimit) {
		t.Errorf("too many entries: %v", err)
	}
	w, err := NewWriter(io.Discard, baseHeader, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Record{Key: "a", Value: make([]byte, store.MaxValueLength+1)}); err == nil {
		t.Error("a long value was taken")
	}
}

func TestVersions(t *testing.T) {
	by := &testKey{name: "k"}
	data := written(t, keyFor(t, by), baseHeader, some(3))
	newer := bytes.Clone(data)
	newer[11] = version + 1
	if _, _, _, err := readAll(NewOpener(by), newer); !errors.Is(err, ErrVersion) {
		t.Errorf("an archive that needs a newer reader: %v", err)
	}
	if _, _, _, err := readAll(NewOpener(by), []byte("something else altogether")); !errors.Is(err, ErrNotArchive) {
		t.Errorf("something else: %v", err)
	}
	if _, _, _, err := readAll(NewOpener(by), nil); !errors.Is(err, ErrNotArchive) {
		t.Errorf("nothing: %v", err)
	}
}

// failing writes so much and fails then.
type failing struct{ left int }

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriterFails(t *testing.T) {
	key := keyFor(t, &testKey{name: "k"})
	whole := len(written(t, key, baseHeader, some(3000)))
	for left := 0; left < whole; left += whole / 20 {
		w, err := NewWriter(&failing{left}, baseHeader, key)
		for _, e := range some(3000) {
			if err == nil {
				err = w.Write(e)
			}
		}
		if err == nil {
			_, err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("full after %d bytes: %v", left, err)
		}
	}
}

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
	f.Fuzz(func(t *testing.T, content []byte, base bool) {
		h := baseHeader
		if !base {
			h.Kind = Changes
		}
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

var update = flag.Bool("update", false, "write testdata anew")

func TestSmallArchive(t *testing.T) {
	by := &testKey{name: "k"}
	if *update {
		if err := os.WriteFile("testdata/small.archive", written(t, keyFor(t, by), baseHeader, some(3)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile("testdata/small.archive")
	if err != nil {
		t.Fatal(err)
	}
	_, all, _, err := readAll(NewOpener(by), data)
	if diff := cmp.Diff(some(3), all); diff != "" || err != nil {
		t.Errorf("the archive of an earlier release: %v\n%s", err, diff)
	}
}

// TestNewerArchive reads what a newer release wrote that only adds what may be
// ignored.
func TestNewerArchive(t *testing.T) {
	by := &testKey{name: "k"}
	key := keyFor(t, by)
	h := baseHeader
	h.Key = KeyHeader{Name: key.name, Wrapped: key.wrapped, Salt: make([]byte, saltLength)}
	head, err := h.encode()
	if err != nil {
		t.Fatal(err)
	}
	head[9] = version + 1
	head = append(head[:len(head)-1], `,"later":{"x":1}}`...)
	binary.BigEndian.PutUint32(head[16:], uint32(len(head)-preludeLength))
	s, err := newSealer(key.master, h.Key.Salt, head)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.NewBuffer(head)
	chunks := newChunkWriter(b, s)
	zip := gzip.NewWriter(chunks)
	w := &Writer{header: h, chunks: chunks, zip: zip, buffer: bufio.NewWriter(zip), digester: NewDigester()}
	w.order.header = &w.header
	for _, e := range some(3) {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	trailer, err := json.Marshal(w.digester.Trailer(0))
	if err != nil {
		t.Fatal(err)
	}
	trailer = append(trailer[:len(trailer)-1], `,"later":1}`...)
	if err := errors.Join(w.entry(typeTrailer, trailer), w.buffer.Flush(), zip.Close(), chunks.Close()); err != nil {
		t.Fatal(err)
	}
	got, all, _, err := readAll(NewOpener(by), b.Bytes())
	if err != nil || !reflect.DeepEqual(all, some(3)) || got.Version != version+1 {
		t.Errorf("version %d: %d entries, %v", got.Version, len(all), err)
	}
}
