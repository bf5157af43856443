package feed

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

func must[T any](tb testing.TB) func(T, error) T {
	tb.Helper()
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// sampleFrames are a whole feed, with one frame that is packed.
func sampleFrames(tb testing.TB) []Frame {
	tb.Helper()
	return []Frame{
		must[Frame](tb)(HelloFrame(Hello{Lineage: "l", Release: "1", BeatSeconds: 10, HeartbeatSeconds: 10})),
		DocumentFrame(wire.Digest{1, 2}, bytes.Repeat([]byte("a snapshot "), 1000)),
		{Type: TypeDelta, Payload: []byte("a delta")},
		must[Frame](tb)(CurrentFrame(Current{Revision: 3, Digest: wire.Digest{}.String()})),
		must[Frame](tb)(ByeFrame(Bye{Reason: "restarting", RetryAfterSeconds: 1})),
	}
}

func sampleFeed(tb testing.TB) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, f := range sampleFrames(tb) {
		if err := w.Write(f); err != nil {
			tb.Fatal(err)
		}
	}
	return out.Bytes()
}

func readAll(data []byte) ([]Frame, error) {
	r := NewReader(bytes.NewReader(data))
	var frames []Frame
	for {
		f, err := r.Read()
		if err != nil {
			return frames, err
		}
		frames = append(frames, f)
	}
}

func TestFramesRoundTrip(t *testing.T) {
	data := sampleFeed(t)
	got, err := readAll(data)
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleFrames(t), got); diff != "" {
		t.Error(diff)
	}
	if len(data) > 2000 {
		t.Errorf("the feed has %d bytes: nothing was packed", len(data))
	}
	if digest, file, err := SplitDocument(got[1].Payload); err != nil || digest != (wire.Digest{1, 2}) || len(file) != 11000 {
		t.Errorf("the document came as %s and %d bytes (%v)", digest, len(file), err)
	}
}

// TestEveryByteOfAFeedCounts flips each byte, and cuts after each.
func TestEveryByteOfAFeedCounts(t *testing.T) {
	data := sampleFeed(t)
	whole, _ := readAll(data)
	for i := range data {
		data[i] ^= 0x04
		got, err := readAll(data)
		if errors.Is(err, io.EOF) && !errors.Is(err, ErrFrame) && len(got) == len(whole) {
			t.Errorf("a change of byte %d was not noticed", i)
		}
		data[i] ^= 0x04
		if got, err := readAll(data[:i]); len(got) == len(whole) || err == nil {
			t.Errorf("the end after %d bytes was not noticed", i)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	hello := must[[]byte](t)(Encode(sampleFrames(t)[0]))
	frame := func(kind Type, payload string) []byte {
		return must[[]byte](t)(Encode(Frame{Type: kind, Payload: []byte(payload)}))
	}
	bomb := must[[]byte](t)(Encode(Frame{Type: TypeDocument, Payload: make([]byte, MaxNote+1)}))
	bomb[0] = byte(TypeCurrent)
	for _, tt := range []struct {
		name string
		data []byte
	}{
		{"no hello first", frame(TypeDelta, "x")},
		{"a second hello", bytes.Join([][]byte{hello, hello}, nil)},
		{"an unknown type that may not be passed over", bytes.Join([][]byte{hello, frame(6, "x")}, nil)},
		{"an unknown flag", append(bytes.Clone(hello), byte(TypeDelta), 2, 0, 0, 0, 0, 0, 0)},
		{"more than MaxFrame", append(bytes.Clone(hello), byte(TypeDelta), 0, 0, 0, 0x40, 0, 0, 1)},
		{"a note of more than MaxNote", append(bytes.Clone(hello), byte(TypeCurrent), 0, 0, 0, 0, 1, 0, 1)},
		{"a note that grows when it is unpacked", bytes.Join([][]byte{hello, reseal(bomb)}, nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readAll(tt.data); !errors.Is(err, ErrFrame) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	got, err := readAll(bytes.Join([][]byte{hello, frame(200, strings.Repeat("x", 5000)), frame(TypeDelta, "x")}, nil))
	if !errors.Is(err, io.EOF) || len(got) != 2 || got[1].Type != TypeDelta {
		t.Errorf("an optional frame was not passed over: %v, %v", got, err)
	}
}

// TestReaderTakesNoMemoryForPromises announces a gigabyte and sends nothing.
func TestReaderTakesNoMemoryForPromises(t *testing.T) {
	head := []byte{byte(TypeHello), 0, 0, 0, 0, 0, 0, 2}
	document := []byte{byte(TypeDocument), 0, 0, 0, 0x3f, 0xff, 0xff, 0xff}
	bytesTaken := testing.Benchmark(func(b *testing.B) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			_, _ = readAll(document)
			_, _ = readAll(head)
		}
	}).AllocedBytesPerOp()
	if bytesTaken > 256<<10 {
		t.Errorf("%d bytes were taken for a frame that did not come", bytesTaken)
	}
}

func TestHeartbeat(t *testing.T) {
	good := `{"instance":"a-1","health":"ok","revision":7,"lineage":"l","digest":"` + wire.Digest{}.String() +
		`","started":"2026-01-01T00:00:00Z","problems":[{"resource":"apis/x","message":"m"}],"later":1}`
	h, err := DecodeHeartbeat(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	want := &Heartbeat{Instance: "a-1", Health: HealthOK, Revision: 7, Lineage: "l", Digest: wire.Digest{}.String(),
		Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Problems: []Problem{{Resource: "apis/x", Message: "m"}}}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct{ name, body string }{
		{"nothing", ""},
		{"no instance", `{"health":"ok"}`},
		{"an instance with a slash", `{"instance":"a/b","health":"ok"}`},
		{"another health", `{"instance":"a","health":"fine"}`},
		{"a digest that is none", `{"instance":"a","health":"ok","digest":"00"}`},
		{"a long host", `{"instance":"a","health":"ok","host":"` + strings.Repeat("h", MaxName+1) + `"}`},
		{"a host with a line feed", `{"instance":"a","health":"ok","host":"a\nb"}`},
		{"too many problems", `{"instance":"a","health":"ok","problems":[{}` + strings.Repeat(`,{}`, MaxHeartbeatProblems) + `]}`},
		{"a long message", `{"instance":"a","health":"ok","problems":[{"message":"` + strings.Repeat("m", MaxText+1) + `"}]}`},
		{"too long", `{"instance":"a","health":"ok","x":"` + strings.Repeat("x", MaxHeartbeat) + `"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := DecodeHeartbeat(strings.NewReader(tt.body)); err == nil {
				t.Error("it was read")
			}
		})
	}
}

func TestNotes(t *testing.T) {
	for _, h := range []Hello{{}, {Lineage: "l", BeatSeconds: 10}, {Lineage: "l", BeatSeconds: 1e6, HeartbeatSeconds: 1}} {
		if _, err := HelloFrame(h); err == nil {
			t.Errorf("%+v was taken", h)
		}
	}
	if _, err := DecodeBye([]byte(`{"reason":"x","retryAfterSeconds":-1}`)); err == nil {
		t.Error("a wait of -1 s was taken")
	}
	if _, err := DecodeCurrent([]byte(`{"revision":1,"digest":"x"}`)); err == nil {
		t.Error("a digest that is none was taken")
	}
}

func TestHeaders(t *testing.T) {
	digest := wire.Digest{9}
	p, err := ParsePosition("l", "12", digest.String())
	if err != nil || *p != (Position{Lineage: "l", Revision: 12, Digest: digest}) {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := ParsePosition("", "", ""); p != nil || err != nil {
		t.Errorf("nothing gave %+v, %v", p, err)
	}
	for _, tt := range [][3]string{{"l", "12", ""}, {"l", "-1", digest.String()}, {"l", "1", "x"}, {strings.Repeat("l", 300), "1", digest.String()}} {
		if _, err := ParsePosition(tt[0], tt[1], tt[2]); err == nil {
			t.Errorf("%q was taken", tt)
		}
	}
	if f, err := ParseFormats("1, 2"); err != nil || !cmp.Equal(f, []int{1, 2}) {
		t.Errorf("%v, %v", f, err)
	}
	for _, text := range []string{"", "x", "-1", strings.Repeat("1,", MaxFormats) + "1"} {
		if _, err := ParseFormats(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
