package http1

import (
	"bytes"
	"errors"
	"io"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/message"
)

// pieces is a connection that gives some bytes at a time.
type pieces struct {
	text  string
	piece int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(b, p.text[:min(p.piece, len(p.text))])
	p.text = p.text[n:]
	return n, nil
}

// readBody reads a body and returns it with what is behind it.
func readBody(text string, f Framing, piece int, trailer *message.Header) (body, rest string, err error) {
	src := &pieces{text, piece}
	var buf Buffer
	defer buf.Release()
	var b BodyReader
	b.Start(src, &buf, &f, trailer)
	all, err := io.ReadAll(iotest.OneByteReader(&b))
	return string(all), string(buf.Bytes()) + src.text, err
}

func TestBodyReader(t *testing.T) {
	chunked, length := Framing{Length: -1, Chunked: true}, func(n int64) Framing { return Framing{Length: n} }
	tests := []struct {
		name, in, body, rest string
		framing              Framing
		err                  error
	}{
		{"length", "abcdef", "abc", "def", length(3), nil},
		{"nothing", "abc", "", "abc", length(0), nil},
		{"cut off", "abc", "abc", "", length(4), ErrCutOff},
		{"until the end", "abc", "abc", "", Framing{Length: -1, UntilClose: true}, nil},
		{"chunks", "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\n\r\nGET", "abcde", "GET", chunked, nil},
		{"trailer", "1\r\na\r\n0\r\nX-Sum: 1\r\nContent-Type: x\r\n\r\nGET", "a", "GET", chunked, nil},
		{"no chunk", "0\r\n\r\nGET", "", "GET", chunked, nil},
		{"chunk cut off", "3\r\nab", "ab", "", chunked, ErrCutOff},
		{"trailer cut off", "0\r\nX: 1\r\n", "", "", chunked, ErrCutOff},
		{"chunk too long", "1\r\nab\r\n", "a", "", chunked, RefusedChunkEnd},
		{"no size", "\r\n", "", "", chunked, RefusedChunkSize},
		{"sign", "+1\r\na\r\n", "", "", chunked, RefusedChunkSize},
		{"prefix", "0x1\r\na\r\n", "", "", chunked, RefusedChunkSize},
		{"bare line feed", "1\na\r\n", "", "", chunked, RefusedChunkSize},
		{"bare line feed in the trailer", "0\r\nX: 1\n\r\n", "", "", chunked, RefusedBareLF},
		{"host in the trailer", "0\r\nHost: a\r\n\r\n", "", "", chunked, RefusedTrailerName},
		{"long trailer", "0\r\nX: " + strings.Repeat("x", MaxTrailerBytes) + "\r\n\r\n", "", "", chunked, RefusedLongTrailer},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, piece := range []int{1, 2, 1 << 20} {
				var trailer message.Header
				body, rest, err := readBody(test.in, test.framing, piece, &trailer)
				if body != test.body || !errors.Is(err, test.err) || (err == nil && rest != test.rest) {
					t.Errorf("in pieces of %d: %q, rest %q, %v; want %q, rest %q, %v", piece, body, rest, err, test.body, test.rest, test.err)
				}
				if test.name == "trailer" {
					if diff := cmp.Diff(1, trailer.Len()); diff != "" {
						t.Errorf("fields of the trailer (-want +got):\n%s", diff)
					}
				}
			}
		})
	}
}

// FuzzChunked holds the reading of chunks to reading them in one way, however
// they are cut, and to agreeing with net/http about all that is let through.
func FuzzChunked(f *testing.F) {
	f.Add("3\r\nabc\r\n0\r\n\r\nrest")
	f.Add("1;a=\"b\\\"\"\r\nx\r\n0\r\nX: y\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		chunked := Framing{Length: -1, Chunked: true}
		body1, rest1, err1 := readBody(text, chunked, 1<<20, nil)
		body2, rest2, err2 := readBody(text, chunked, 1, nil)
		if body1 != body2 || !errors.Is(err1, err2) || (err1 == nil && rest1 != rest2) {
			t.Fatalf("whole: %q %v rest %q, cut: %q %v rest %q", body1, err1, rest1, body2, err2, rest2)
		}
		if err1 != nil {
			return
		}
		theirs, err := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(text)))
		if err != nil || string(theirs) != body1 {
			t.Fatalf("net/http reads %q as %q, %v; we as %q", text, theirs, err, body1)
		}
	})
}

// FuzzBuffer holds the window to giving back what was put in, whatever is used,
// pinned and released.
func FuzzBuffer(f *testing.F) {
	f.Add([]byte("abcdefgh"), []byte{1, 2, 3})
	f.Add(bytes.Repeat([]byte("x"), 5000), []byte{200, 9, 77})
	f.Fuzz(func(t *testing.T, text []byte, steps []byte) {
		text, steps = text[:min(len(text), 4<<10)], steps[:min(len(steps), 32)]
		src := bytes.NewReader(bytes.Repeat(text, 4))
		want := bytes.Repeat(text, 4)
		buf := Buffer{Poison: true}
		defer buf.Release()
		var pinned, copied []byte
		for _, step := range steps {
			if _, err := buf.Fill(src); err != nil {
				break
			}
			if !bytes.HasPrefix(want, buf.Bytes()) {
				t.Fatalf("the window is %q, want the beginning of %q", buf.Bytes(), want)
			}
			n := min(int(step), buf.Len())
			switch {
			case step%5 == 0:
				buf.Unpin()
				pinned, copied = nil, nil
			case step%5 == 1 && pinned == nil:
				pinned = buf.Bytes()[:n]
				copied = bytes.Clone(pinned)
				buf.Advance(n)
				buf.Pin()
				want = want[n:]
			default:
				buf.Advance(n)
				want = want[n:]
			}
			if !bytes.Equal(pinned, copied) {
				t.Fatalf("what was pinned became %q, was %q", pinned, copied)
			}
		}
	})
}
