package message_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

// source is a body's source that knows whether it has been closed.
type source struct {
	io.Reader
	closed int
	err    error // of Close
}

// Close counts.
func (s *source) Close() error {
	s.closed++
	return s.err
}

// streaming makes a body that streams a text, byte by byte.
func streaming(text string, size int64) (*message.Body, *source) {
	s := &source{Reader: iotest.OneByteReader(strings.NewReader(text))}
	b := &message.Body{}
	b.SetStream(s, size)
	return b, s
}

func readAll(t *testing.T, b *message.Body) string {
	t.Helper()
	r, err := b.Reader()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestBody_Absent(t *testing.T) {
	var b message.Body
	data, buffered := b.Buffered()
	if b.Present() || b.Consumed() || b.Size() != 0 || !buffered || len(data) != 0 || readAll(t, &b) != "" || b.Close() != nil || b.Meter() != nil {
		t.Error("the zero Body is not absent and empty")
	}
}

func TestBody_Stream(t *testing.T) {
	b, s := streaming("hello", 5)
	if _, buffered := b.Buffered(); buffered || !b.Present() || b.Size() != 5 {
		t.Error("a body that streams is in memory, or of another size")
	}
	if got := readAll(t, b); got != "hello" || !b.Consumed() || s.closed != 0 {
		t.Errorf("read %q, closed %d times", got, s.closed)
	}
	if _, err := b.Reader(); !errors.Is(err, message.ErrBodyConsumed) {
		t.Errorf("the second reader: %v", err)
	}
	if _, err := b.Buffer(10); !errors.Is(err, message.ErrBodyConsumed) {
		t.Errorf("buffering what has gone: %v", err)
	}
	if b.Close() != nil || s.closed != 1 {
		t.Errorf("closed %d times", s.closed)
	}
}

func TestBody_Buffer(t *testing.T) {
	tests := []struct {
		name      string
		text      string
		declared  int64
		limit     int64
		large     bool
		untouched bool // nothing has been read
	}{
		{"fits", "hello", 5, 100, false, false},
		{"fits exactly", "hello", -1, 5, false, false},
		{"empty", "", 0, 0, false, false},
		{"one byte too many", "hello!", -1, 5, true, false},
		{"declared too large", "hello!", 6, 5, true, true},
		{"shorter than declared", "hello", 50, 100, false, false},
		{"longer than declared", strings.Repeat("x", 3000), 5, 5000, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, s := streaming(test.text, test.declared)
			data, err := b.Buffer(test.limit)
			var large *message.TooLargeError
			if errors.As(err, &large) != test.large || (err != nil) != test.large {
				t.Fatalf("error %v", err)
			}
			if test.large {
				if large.Limit != test.limit || !strings.Contains(err.Error(), "bytes that may be buffered") {
					t.Errorf("the error is %v", err)
				}
				// It still streams from its beginning.
				if got := readAll(t, b); got != test.text {
					t.Errorf("read %q", got)
				}
				return
			}
			if string(data) != test.text || s.closed != 1 || b.Size() != int64(len(test.text)) {
				t.Errorf("buffered %q, size %d, closed %d times", data, b.Size(), s.closed)
			}
			if first, second := readAll(t, b), readAll(t, b); first != test.text || second != test.text {
				t.Errorf("read %q and %q", first, second)
			}
			if again, err := b.Buffer(0); err != nil || string(again) != test.text {
				t.Errorf("what is in memory is refused: %v", err)
			}
		})
	}
}

// TestBody_BufferAgain asks again, with other limits, for a body that was too
// large, and that is longer than was declared.
func TestBody_BufferAgain(t *testing.T) {
	text := strings.Repeat("0123456789", 300)
	b, s := streaming(text, 5)
	var large *message.TooLargeError
	for _, limit := range []int64{1000, 10, 2000} {
		if _, err := b.Buffer(limit); !errors.As(err, &large) || large.Limit != limit {
			t.Fatalf("limit %d: %v", limit, err)
		}
	}
	if data, err := b.Buffer(3000); err != nil || string(data) != text || s.closed != 1 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestBody_BufferFails(t *testing.T) {
	broken := errors.New("broken off")
	b := &message.Body{}
	b.SetStream(&source{Reader: io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(broken))}, 5)
	if _, err := b.Buffer(10); !errors.Is(err, broken) || !strings.Contains(err.Error(), "reading the body") {
		t.Errorf("error %v", err)
	}
	b.SetStream(&source{Reader: strings.NewReader("hello"), err: broken}, 5)
	if _, err := b.Buffer(10); !errors.Is(err, broken) || !strings.Contains(err.Error(), "closing the body") {
		t.Errorf("error %v", err)
	}
	b.SetStream(&source{Reader: strings.NewReader("hello"), err: broken}, 5)
	if err := b.Close(); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestBody_Replace(t *testing.T) {
	b, s := streaming("old", -1)
	if err := b.SetBytes([]byte("new")); err != nil || s.closed != 1 || readAll(t, b) != "new" || b.Size() != 3 {
		t.Errorf("error %v, closed %d times", err, s.closed)
	}
	if err := b.Remove(); err != nil || b.Present() || b.Size() != 0 {
		t.Errorf("error %v, the body is still there", err)
	}
	b, s = streaming("old", -1)
	if err := b.Remove(); err != nil || s.closed != 1 {
		t.Errorf("error %v, closed %d times", err, s.closed)
	}
}

func TestBody_Consume(t *testing.T) {
	b, _ := streaming("hello", -1)
	if data, err := b.Consume(5); err != nil || string(data) != "hello" || !b.Present() || !b.Consumed() {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := b.Consume(5); !errors.Is(err, message.ErrBodyConsumed) {
		t.Errorf("consumed twice: %v", err)
	}
	if _, buffered := b.Buffered(); buffered {
		t.Error("what has gone is in memory")
	}
	b, _ = streaming("hello", -1)
	if _, err := b.Consume(4); err == nil || b.Consumed() || readAll(t, b) != "hello" {
		t.Errorf("a body that is too large was consumed: %v", err)
	}
}

func TestBody_Capture(t *testing.T) {
	tests := []struct {
		name string
		run  func(b *message.Body) error
		want string // "" where nothing is captured
	}{
		{"read to its end", drain, "hello"},
		{"buffered before", func(b *message.Body) error {
			if _, err := b.Buffer(10); err != nil {
				return err
			}
			return drain(b)
		}, "hello"},
		{"cut off", func(b *message.Body) error {
			r, err := b.Reader()
			if err != nil {
				return err
			}
			_, err = io.ReadFull(r, make([]byte, 4))
			return err
		}, ""},
		{"replaced", func(b *message.Body) error {
			if err := b.SetBytes([]byte("other")); err != nil {
				return err
			}
			return drain(b)
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, _ := streaming("hello", -1)
			var small, exact []byte
			calls := 0
			b.Capture(5, func(data []byte) { exact = data; calls++ })
			b.Capture(4, func(data []byte) { small = data })
			if err := test.run(b); err != nil {
				t.Fatal(err)
			}
			if string(exact) != test.want || small != nil || calls > 1 {
				t.Errorf("captured %q and %q, %d times", exact, small, calls)
			}
		})
	}
}

func drain(b *message.Body) error {
	r, err := b.Reader()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r)
	return err
}

func TestBody_Meter(t *testing.T) {
	b, s := streaming("hello", -1)
	m := b.Meter()
	if readAll(t, b) != "hello" || m.BytesRead() != 5 || b.Close() != nil || s.closed != 1 {
		t.Errorf("%d bytes are counted", m.BytesRead())
	}
	own := &meteredSource{source: source{Reader: strings.NewReader("hello")}}
	b.SetStream(own, 5)
	if m := b.Meter(); m != message.Metered(own) {
		t.Errorf("a source that counts is counted by %T", m)
	}
	var set message.Body
	if err := set.SetBytes(bytes.Repeat([]byte("x"), 3)); err != nil || set.Meter() != nil {
		t.Error("a body in memory is counted")
	}
}

// meteredSource is a source that says how much was read.
type meteredSource struct{ source }

// BytesRead returns a number.
func (*meteredSource) BytesRead() int64 { return 5 }

func TestReset(t *testing.T) {
	var r message.Response
	r.Status, r.Reason = 200, "Fine"
	r.Header.Set(message.ContentType, "text/plain")
	s := &source{Reader: strings.NewReader("x")}
	r.Body.SetStream(s, 1)
	if err := r.Discard(); err != nil || s.closed != 1 || r.Status != 0 || r.Header.Len() != 0 || r.Body.Present() {
		t.Errorf("discarded: %+v, %v", r, err)
	}
	q := message.Request{Method: "GET", Upgrade: "websocket"}
	q.Header.Set(message.Host, "a")
	q.Reset()
	if diff := cmp.Diff("", q.Method+q.Upgrade); diff != "" || q.Header.Len() != 0 || q.ClientCertificate() != nil {
		t.Errorf("the request is %+v", q)
	}
}
