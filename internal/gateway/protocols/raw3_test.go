package protocols

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"testing"

	"github.com/quic-go/qpack"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/quicvarint"
)

// The types of frames and streams of HTTP/3 (RFC 9114 §7.2, §6.2).
const (
	frameData3     = 0
	frameHeaders3  = 1
	frameSettings3 = 4
	controlStream3 = 0
)

// frame3 makes a frame.
func frame3(kind uint64, payload []byte) []byte {
	out := quicvarint.Append(nil, kind)
	out = quicvarint.Append(out, uint64(len(payload)))
	return append(out, payload...)
}

// encode3 compresses fields as they are.
func encode3(fields []field) []byte {
	var block bytes.Buffer
	encoder := qpack.NewEncoder(&block)
	for _, one := range fields {
		_ = encoder.WriteField(qpack.HeaderField{Name: one.name, Value: one.value}) // A buffer takes everything.
	}
	return block.Bytes()
}

// send3 sends an attack over a connection of HTTP/3 of its own, and returns the
// status that it is answered with, or 0 where there is no answer.
func send3(tb testing.TB, g *gateway, a *attack, id string) int {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	c, err := quic.DialAddr(ctx, g.quic, g.client("h3"), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.CloseWithError(0x100, "") }()
	control, err := c.OpenUniStream()
	if err != nil {
		tb.Fatal(err)
	}
	_, _ = control.Write(append([]byte{controlStream3}, frame3(frameSettings3, nil)...)) // As below.
	s, err := c.OpenStream()
	if err != nil {
		tb.Fatal(err)
	}
	out := frame3(frameHeaders3, encode3(append(slices.Clip(a.fields), field{"x-attack", id})))
	if !a.noData {
		out = append(out, frame3(frameData3, []byte(a.data))...)
	}
	if len(a.trailer) > 0 {
		out = append(out, frame3(frameHeaders3, encode3(a.trailer))...)
	}
	_, _ = s.Write(out) // Where it fails, reading tells.
	_ = s.Close()
	return readStatus3(s)
}

// readStatus3 reads up to the answer, or to the end.
func readStatus3(s io.Reader) int {
	r := quicvarint.NewReader(s)
	for {
		kind, err := quicvarint.Read(r)
		if err != nil {
			return 0
		}
		length, err := quicvarint.Read(r)
		if err != nil || length > 1<<20 {
			return 0
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(r, payload); err != nil {
			return 0
		}
		if kind != frameHeaders3 {
			continue
		}
		next := qpack.NewDecoder().Decode(payload)
		for {
			f, err := next()
			if err != nil {
				break
			}
			if status, err := strconv.Atoi(f.Value); f.Name == ":status" && err == nil && status >= 200 {
				return status
			}
		}
	}
}
