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
	"path/filepath"
	"reflect"
	"slices"
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

// accounts are accounts of usage.
func accounts(n int) []Entry {
	all := make([]Entry, n)
	for i := range all {
		all[i] = Account{Key: fmt.Sprintf("usage/total/d/%010d/x", i), Value: bytes.Repeat([]byte{byte(i)}, i%70)}
	}
	return all
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
	seen := uint64(7)
	withUsage := baseHeader
	withUsage.Usage, withUsage.Accounts = &seen, true
	usageAlone := Header{Kind: Changes, FromRevision: 4, Revision: 4, Created: noon, Usage: &seen, Accounts: true}
	tests := []struct {
		name    string
		header  Header
		entries []Entry
	}{
		{"a base with usage", withUsage, append(some(10), accounts(30)...)},
		{"changes with usage", Header{Kind: Changes, FromRevision: 4, Revision: 6, Created: noon, Usage: &seen, Accounts: true},
			append(slices.Clone(changes), accounts(3)...)},
		{"usage alone", usageAlone, accounts(3000)},
		{"usage that was seen", Header{Kind: Base, Created: noon, Usage: &seen}, nil},
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
	var seen uint64
	usage, later := base, Header{Kind: Changes, FromRevision: 6, Revision: 6, Created: noon, Usage: &seen, Accounts: true}
	usage.Usage, usage.Accounts = &seen, true
	account := func(key string) Account { return Account{Key: key} }
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
		{"accounts backwards", usage, []Entry{account("b"), account("a")}},
		{"an account twice", usage, []Entry{account("a"), account("a")}},
		{"an account where none are promised", base, []Entry{account("a")}},
		{"a counter after accounts", usage, []Entry{account("a"), Counter{Kind: counter.KindRate}}},
		{"a counter after accounts in changes", later, []Entry{account("a"), Counter{Kind: counter.KindRate}}},
		{"a revision after accounts", Header{Kind: Changes, FromRevision: 4, Revision: 5, Created: noon, Usage: &seen, Accounts: true},
			[]Entry{account("a"), Revision{Revision: 5}}},
		{"accounts backwards in changes", later, []Entry{account("b"), account("a")}},
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
	// What holds accounts says that a reader of version 1 cannot read it; what holds
	// none says that it can.
	var seen uint64
	h := baseHeader
	h.Usage, h.Accounts = &seen, true
	for want, archive := range map[byte][]byte{1: data, 2: written(t, keyFor(t, by), h, accounts(1))} {
		if archive[9] != version || archive[11] != want {
			t.Errorf("version %d, readable by %d; want %d and %d", archive[9], archive[11], version, want)
		}
	}
	if _, err := NewWriter(io.Discard, Header{Kind: Base, Accounts: true}, keyFor(t, by)); err == nil {
		t.Error("accounts of no time were taken")
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

var update = flag.Bool("update", false, "write what is missing in testdata; what is there stays, as releases wrote it")

func TestSmallArchives(t *testing.T) {
	by := &testKey{name: "k"}
	seen := uint64(7)
	withUsage := baseHeader
	withUsage.Usage, withUsage.Accounts = &seen, true
	for _, tt := range []struct {
		name    string
		header  Header
		entries []Entry
		version uint16
	}{
		{"small.archive", baseHeader, some(3), 1},
		{"usage.archive", withUsage, append(some(3), accounts(3)...), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join("testdata", tt.name)
			if _, err := os.Stat(file); *update && errors.Is(err, os.ErrNotExist) {
				if err := os.WriteFile(file, written(t, keyFor(t, by), tt.header, tt.entries), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			data, err := os.ReadFile(filepath.Clean(file))
			if err != nil {
				t.Fatal(err)
			}
			h, all, _, err := readAll(NewOpener(by), data)
			if diff := cmp.Diff(tt.entries, all); diff != "" || err != nil || h.Version != tt.version {
				t.Errorf("the archive of an earlier release, version %d: %v\n%s", h.Version, err, diff)
			}
		})
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
