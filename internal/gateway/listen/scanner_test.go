package listen

import (
	"bytes"
	"testing"
)

// scanAll feeds a stream in pieces, as a connection does, and returns what the
// engine would have got, the heads, and the refusal.
func scanAll(stream []byte, piece int) (out []byte, targets []string, refused *Refusal) {
	s := scanner{http2: mayHTTP2}
	for len(stream) > 0 {
		p := append([]byte(nil), stream[:min(piece, len(stream))]...)
		started := s.started
		n, used, r := s.scan(p)
		out = append(out, p[:n]...)
		if s.started > started {
			targets = append(targets, s.heads[started&1].method+" "+s.heads[started&1].target)
		}
		if r != nil {
			return out, targets, r
		}
		stream = stream[used:]
	}
	return out, targets, nil
}

// FuzzScanner holds the check of streams to what it must never do: panic, read a
// stream in two ways, or let bytes through that make lines of their own.
func FuzzScanner(f *testing.F) {
	for _, v := range vectors(f) {
		if len(v.bytes) < 500 {
			f.Add([]byte(v.bytes))
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		if len(stream) > 4096 {
			return
		}
		out, targets, refused := scanAll(stream, len(stream)+1)
		small, smallTargets, smallRefused := scanAll(stream, 1)
		if refused != smallRefused {
			t.Fatalf("whole: %v, byte by byte: %v", refused, smallRefused)
		}
		if len(targets) != len(smallTargets) {
			t.Fatalf("whole: %q, byte by byte: %q", targets, smallTargets)
		}
		if refused == nil && !bytes.Equal(out, small) {
			t.Fatalf("the engine gets %q, or %q", out, small)
		}
		if len(out) > len(stream) {
			t.Fatalf("%d bytes became %d", len(stream), len(out))
		}
	})
}

func TestScannerAllocations(t *testing.T) {
	stream := []byte("GET /a/b?c=d HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nUser-Agent: test\r\nX-Request-Id: 1\r\n\r\n")
	var s scanner
	buffer := make([]byte, len(stream))
	scan := func() {
		copy(buffer, stream)
		if out, used, refused := s.scan(buffer); refused != nil || out != len(stream) || used != out {
			t.Fatal(out, used, refused)
		}
	}
	scan()
	scan()
	// The one allocation is the head's text, which the request's strings share.
	if n := testing.AllocsPerRun(100, scan); n > 1 {
		t.Errorf("a head costs %v allocations, want at most 1", n)
	}
}

func BenchmarkScanner(b *testing.B) {
	stream := []byte("GET /a/b?c=d HTTP/1.1\r\nHost: a.example\r\nAccept: */*\r\nUser-Agent: test\r\nX-Request-Id: 1\r\n\r\n")
	var s scanner
	buffer := make([]byte, len(stream))
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		copy(buffer, stream)
		if _, _, refused := s.scan(buffer); refused != nil {
			b.Fatal(refused)
		}
	}
}
