package http1

import (
	"errors"
	"io"

	"github.com/sallyport/sallyport/internal/message"
)

// ErrCutOff is the failure of a body that ends before its framing says.
var ErrCutOff = errors.New("the body ends before it is complete")

// BodyReader reads the body of a message from its connection, and stops where
// the message ends. The zero BodyReader is at the end of a message without a
// body.
type BodyReader struct {
	src     io.Reader
	buf     *Buffer
	trailer *message.Header // nil where nobody wants it
	state   bodyState
	left    int64 // bytes of the body, or of the chunk
	line    ChunkLine
	parser  Parser // of the trailer
	err     error  // that ended it
}

// bodyState is where in a body the reader is.
type bodyState uint8

const (
	atEnd bodyState = iota
	inLength
	untilClose
	inChunkLine
	inChunk
	afterChunk   // before the carriage return behind a chunk's data
	afterChunkCR // before the line feed behind it
	inTrailer
	failed
)

// Start begins a body. Its first bytes may be in buf; the rest is read from src.
// The fields behind it go to trailer, as copies.
func (b *BodyReader) Start(src io.Reader, buf *Buffer, f *Framing, trailer *message.Header) {
	fields := b.parser.fields
	*b = BodyReader{src: src, buf: buf, trailer: trailer, left: f.Length}
	b.parser.fields = fields[:0]
	switch {
	case !f.HasBody():
		b.state = atEnd
	case f.Chunked:
		b.state = inChunkLine
	case f.UntilClose:
		b.state = untilClose
	default:
		b.state = inLength
	}
}

// Reset puts the reader at the end of a message without a body, and keeps its
// memory.
func (b *BodyReader) Reset() {
	fields := b.parser.fields
	*b = BodyReader{}
	b.parser.fields = fields[:0]
}

// Done reports whether the body has been read to its end, so that the next
// message may follow.
func (b *BodyReader) Done() bool { return b.state == atEnd }

// largeRead is from how many bytes on a read goes around the buffer.
const largeRead = 4 << 10

// Read reads from the body. With the last bytes it returns io.EOF, where it
// knows that they are the last.
func (b *BodyReader) Read(p []byte) (n int, err error) {
	for len(p) > 0 {
		switch b.state {
		case atEnd:
			return n, io.EOF
		case failed:
			return n, b.err
		case inLength, untilClose, inChunk:
			if n > 0 && b.buf.Len() == 0 {
				return n, nil // The next read may have to wait.
			}
			m, err := b.readData(p)
			n, p = n+m, p[m:]
			if err != nil {
				return n, err
			}
		default:
			starved, err := b.readFraming()
			switch {
			case err != nil:
				return n, b.fail(err)
			case !starved:
			case n > 0:
				return n, nil // As above.
			default:
				if err := b.fill(); err != nil {
					return n, err
				}
			}
		}
	}
	if b.state == atEnd {
		return n, io.EOF
	}
	return n, nil
}

// readData reads data, from the buffer or around it.
func (b *BodyReader) readData(p []byte) (n int, err error) {
	if b.state != untilClose && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	switch {
	case b.buf.Len() > 0:
		n = copy(p, b.buf.Bytes())
		b.buf.Advance(n)
	case len(p) >= largeRead:
		if n, err = b.src.Read(p); err != nil && n == 0 {
			return 0, b.readFailed(err)
		}
	default:
		if err := b.fill(); err != nil {
			return 0, err
		}
		n = copy(p, b.buf.Bytes())
		b.buf.Advance(n)
	}
	if b.state == untilClose {
		return n, nil
	}
	if b.left -= int64(n); b.left == 0 {
		if b.state == inChunk {
			b.state = afterChunk
		} else {
			b.state = atEnd
		}
	}
	return n, nil
}

// fill reads more of what frames the body, or of data.
func (b *BodyReader) fill() error {
	if _, err := b.buf.Fill(b.src); err != nil {
		return b.readFailed(err)
	}
	return nil
}

// readFailed decides what it means that nothing more can be read.
func (b *BodyReader) readFailed(err error) error {
	if !errors.Is(err, io.EOF) {
		return b.fail(err)
	}
	if b.state == untilClose {
		b.state = atEnd
		return io.EOF
	}
	return b.fail(ErrCutOff)
}

func (b *BodyReader) fail(err error) error {
	b.state, b.err = failed, err
	return err
}

// readFraming takes what is in the buffer of what frames chunks (RFC 9112 §7.1).
// It is starved when nothing more can be said before more has come.
func (b *BodyReader) readFraming() (starved bool, err error) {
	if b.state == inTrailer {
		return b.readTrailer()
	}
	used := 0
	defer func() { b.buf.Advance(used) }()
	for _, c := range b.buf.Bytes() {
		used++
		switch b.state {
		case inChunkLine:
			_, done, refused := b.line.Take(c)
			if refused != nil {
				return false, refused
			}
			if done {
				b.beginChunk()
				return false, nil
			}
		case afterChunk:
			if c != '\r' {
				return false, RefusedChunkEnd
			}
			b.state = afterChunkCR
		default:
			if c != '\n' {
				return false, RefusedChunkEnd
			}
			b.state = inChunkLine
			b.line.Next()
		}
	}
	return true, nil
}

// beginChunk goes on behind a chunk's line.
func (b *BodyReader) beginChunk() {
	if b.left = b.line.Size; b.left > 0 {
		b.state = inChunk
		return
	}
	b.state = inTrailer
	b.parser.Reset()
}

// readTrailer takes the lines of the trailer, once all of them are there: it is
// shorter than the least room of a buffer.
func (b *BodyReader) readTrailer() (starved bool, err error) {
	text := b.buf.Bytes()
	for {
		row, ok, refused := b.parser.nextLine(text, &trailerLimits)
		switch {
		case refused == RefusedBareLF:
			return false, refused
		case refused != nil:
			return false, RefusedLongTrailer
		case !ok:
			return true, nil
		case len(row) == 0:
			b.takeTrailer(text)
			b.buf.Advance(b.parser.at)
			b.state = atEnd
			return false, nil
		}
		if refused := b.parser.addField(row, MaxFields); refused != nil {
			return false, refused
		}
		f := &b.parser.fields[len(b.parser.fields)-1]
		if name := message.NameOf(view(text[f.name:f.nameEnd])); !mayTrail(name) {
			return false, RefusedTrailerName
		}
	}
}

// trailerLimits are those of a trailer.
var trailerLimits = limits{first: MaxTrailerBytes, field: MaxTrailerBytes, head: MaxTrailerBytes, fields: MaxFields}

// mayTrail reports whether a field can stand behind a body without changing
// where the message ends or whom it is for.
func mayTrail(name message.Name) bool {
	return !name.ForConnection() && !name.Is(message.Host) && !IsTwin(name.String())
}

// IsTrailerField reports whether a field of a trailer is passed on: one that says
// where a message goes, who sent it or what it is made of is not (RFC 9110
// §6.5.1), and what is known by name is all of that kind but for the entity tag.
func IsTrailerField(n message.Name) bool {
	return n.Is(message.ETag) || !n.WellKnown() && !IsTwin(n.String())
}

// takeTrailer copies the fields of the trailer.
func (b *BodyReader) takeTrailer(text []byte) {
	if b.trailer == nil {
		return
	}
	b.trailer.Reset() // What was announced may not have come.
	if len(b.parser.fields) == 0 {
		return
	}
	all := string(text[:b.parser.at])
	for i := range b.parser.fields {
		if name, value := b.parser.fields[i].of(all); IsTrailerField(name) {
			b.trailer.Add(name, value)
		}
	}
}
