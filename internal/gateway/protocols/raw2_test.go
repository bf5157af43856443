package protocols

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// send2 sends an attack over a connection of HTTP/2 of its own, and returns the
// status that it is answered with, or 0 where there is no answer.
func send2(tb testing.TB, c net.Conn, a *attack, id string) int {
	tb.Helper()
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return 0
	}
	f := http2.NewFramer(c, c)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = f.WriteSettings() // As all that is written: where it fails, reading tells.
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encode := func(fields []field) []byte {
		block.Reset()
		for _, one := range fields {
			_ = encoder.WriteField(hpack.HeaderField{Name: one.name, Value: one.value}) // A buffer takes everything.
		}
		return block.Bytes()
	}
	writeHead(f, encode(append(slices.Clip(a.fields), field{"x-attack", id})), a.noData)
	if !a.noData {
		_ = f.WriteData(1, len(a.trailer) == 0, []byte(a.data))
	}
	if len(a.trailer) > 0 {
		writeHead(f, encode(a.trailer), true)
	}
	return readStatus2(f)
}

// writeHead writes a block of fields in frames of the size that all take.
func writeHead(f *http2.Framer, block []byte, last bool) {
	const size = 16 << 10
	first, rest := block[:min(size, len(block))], block[min(size, len(block)):]
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: first, EndStream: last, EndHeaders: len(rest) == 0})
	for len(rest) > 0 {
		first, rest = rest[:min(size, len(rest))], rest[min(size, len(rest)):]
		_ = f.WriteContinuation(1, len(rest) == 0, first)
	}
}

// readStatus2 reads up to the answer, or to the end.
func readStatus2(f *http2.Framer) int {
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return 0
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			status, _ := strconv.Atoi(frame.PseudoValue("status"))
			if status >= 200 {
				return status
			}
		case *http2.RSTStreamFrame, *http2.GoAwayFrame:
			return 0
		}
	}
}

// dialTLS connects with a protocol.
func dialTLS(tb testing.TB, address string, config *tls.Config) net.Conn {
	tb.Helper()
	c, err := tls.Dial("tcp", address, config)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
