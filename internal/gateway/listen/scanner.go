package listen

import (
	"bytes"

	"github.com/sallyport/sallyport/internal/message"
)

// scanner checks the bytes that a client sends on one connection of HTTP/1, in
// front of the engine. It follows the stream through heads and bodies, so that
// every request of a connection is checked. It reads each byte once, and holds
// the end of a line back until the line has been found right: the engine can
// never act on a head that is refused.
//
// Two heads are kept, in turns: the one that is being served, and the one whose
// beginning may already arrive.
type scanner struct {
	state   state
	heads   [2]head
	started int // heads that are complete; the parity chooses the next one

	text   []byte // of the head or the trailer that is arriving
	begin  int    // of its current line
	line   line
	fields []span

	remaining  int64 // bytes of the body or the chunk
	digits     int   // of the chunk size
	lineBytes  int   // of the chunk's first line
	extension  extensionState
	extensions int // bytes of chunk extensions in this body

	http2   http2Use
	preface int // bytes of the preface's second part that have come

	settings settings
}

// http2Use says whether a connection may, or must, be one of HTTP/2.
type http2Use uint8

const (
	noHTTP2 http2Use = iota
	mayHTTP2
	mustHTTP2
)

// state is where in a message the stream is.
type state uint8

const (
	atStart   state = iota // between messages
	afterCR                // between messages, after a carriage return
	inHead                 // in a head
	inLength               // in a body with a Content-Length
	inChunk                // in a chunk's data
	atSize                 // in a chunk's first line
	atSizeEnd              // before the line feed of that line
	atEnd                  // after a chunk's data
	atEndLF                // before the line feed after a chunk's data
	inTrailer              // in a trailer
	inPreface              // in the rest of the preface of HTTP/2
	inFrames               // in the frames of HTTP/2
	passing                // not HTTP any more
)

// scan checks p, which may be changed: it returns how many bytes of it, from
// its beginning, are for the engine, and how many have been used. They end
// where the message ends, so that rest can be handed over when the engine asks
// for the next one. A refusal is about the byte that follows.
func (s *scanner) scan(p []byte) (out, used int, refused *Refusal) {
	for used < len(p) && refused == nil {
		var o, u int
		at := p[used:]
		switch s.state {
		case passing:
			o, u = len(at), len(at)
		case inFrames:
			s.settings.follow(at)
			o, u = len(at), len(at)
		case atStart, afterCR:
			u, refused = s.skipBlank(at)
		case inHead:
			o, refused = s.scanHead(at)
			u = o
		case inLength, inChunk:
			o = s.skipBody(at)
			u = o
		case inTrailer:
			o, refused = s.scanTrailer(at)
			u = o
		case inPreface:
			o, refused = s.scanPreface(at)
			u = o
		default:
			o, u, refused = s.scanChunk(at)
		}
		if out != used {
			copy(p[out:], at[:o]) // What was left out leaves a gap.
		}
		out, used = out+o, used+u
		if s.state == atStart && out > 0 {
			break
		}
	}
	return out, used, refused
}

// skipBlank leaves an empty line before a request out (RFC 9112 §2.2).
func (s *scanner) skipBlank(p []byte) (used int, refused *Refusal) {
	switch {
	case s.state == atStart && p[0] == '\r':
		s.state = afterCR
		return 1, nil
	case s.state == afterCR && p[0] == '\n':
		s.state = inHead
		return 1, nil
	case s.state == afterCR:
		return 0, refusedBareCR
	case p[0] == '\n':
		return 0, refusedBareLF
	}
	s.state = inHead
	return 0, nil
}

// scanHead takes the lines of a head.
func (s *scanner) scanHead(p []byte) (used int, refused *Refusal) {
	for used < len(p) && s.state == inHead {
		end := bytes.IndexByte(p[used:], '\n')
		if end < 0 {
			s.text = append(s.text, p[used:]...)
			return len(p), s.checkLimits(len(s.text) - s.begin)
		}
		s.text = append(s.text, p[used:used+end+1]...)
		if refused := s.checkLimits(len(s.text) - s.begin); refused != nil {
			return used + end, refused
		}
		if refused := s.takeLine(); refused != nil {
			return used + end, refused
		}
		used += end + 1
	}
	return used, nil
}

// checkLimits checks what has arrived of a head. A line that is too long is
// refused before its end is seen.
func (s *scanner) checkLimits(lineBytes int) *Refusal {
	switch {
	case s.begin == 0 && lineBytes > MaxTargetBytes+MaxMethodBytes+len("  HTTP/1.1\r\n"):
		return refusedLongTarget
	case lineBytes > MaxFieldBytes:
		return refusedLongField
	case len(s.text) > MaxHeadBytes:
		return refusedLongHead
	}
	return nil
}

// takeLine takes the line of a head that has just ended.
func (s *scanner) takeLine() *Refusal {
	text := s.text[s.begin:]
	if len(text) < 2 || text[len(text)-2] != '\r' {
		return refusedBareLF
	}
	text = text[:len(text)-2]
	var refused *Refusal
	switch {
	case s.begin == 0:
		if s.http2 != noHTTP2 && s.started == 0 && string(text) == "PRI * HTTP/2.0" {
			s.state = inPreface
			return nil
		}
		if s.http2 == mustHTTP2 {
			return refusedPreface
		}
		s.line, refused = readRequestLine(text)
	case len(text) == 0:
		return s.endHead()
	case len(s.fields) >= MaxFields:
		return refusedManyFields
	default:
		refused = s.addField(text)
	}
	s.begin = len(s.text)
	return refused
}

// addField takes a field line of a head or a trailer.
func (s *scanner) addField(text []byte) *Refusal {
	f, refused := readField(text)
	if refused != nil {
		return refused
	}
	f.name, f.nameEnd, f.value, f.valueEnd = f.name+s.begin, f.nameEnd+s.begin, f.value+s.begin, f.valueEnd+s.begin
	s.fields = append(s.fields, f)
	return nil
}

// keptText is how much memory for a head a connection keeps for the next.
const keptText = 4 << 10

// endHead reads the head as a whole and decides what follows it.
func (s *scanner) endHead() *Refusal {
	h := &s.heads[s.started&1]
	refused := readHead(h, string(s.text), s.line, s.fields)
	s.text, s.fields, s.begin = s.text[:0], s.fields[:0], 0
	if cap(s.text) > keptText {
		s.text = nil // A connection does not keep the memory of its largest head.
	}
	if refused != nil {
		return refused
	}
	s.started++
	switch {
	case h.chunked:
		s.state, s.extensions = atSize, 0
		s.beginChunk()
	case h.length > 0:
		s.state, s.remaining = inLength, h.length
	default:
		s.state = atStart
	}
	return nil
}

// skipBody passes over data by its count.
func (s *scanner) skipBody(p []byte) (used int) {
	used = int(min(int64(len(p)), s.remaining))
	s.remaining -= int64(used)
	if s.remaining == 0 {
		if s.state == inLength {
			s.state = atStart
		} else {
			s.state = atEnd
		}
	}
	return used
}

// scanTrailer takes the lines of a trailer.
func (s *scanner) scanTrailer(p []byte) (used int, refused *Refusal) {
	for used < len(p) && s.state == inTrailer {
		part := p[used:]
		end := bytes.IndexByte(part, '\n')
		if end >= 0 {
			part = part[:end+1]
		}
		if len(s.text)+len(part) > MaxTrailerBytes {
			return used, refusedLongTrailer
		}
		s.text = append(s.text, part...)
		if end >= 0 {
			if refused := s.takeTrailerLine(); refused != nil {
				return used + end, refused
			}
		}
		used += len(part)
	}
	return used, nil
}

// takeTrailerLine takes the line of a trailer that has just ended.
func (s *scanner) takeTrailerLine() *Refusal {
	text := s.text[s.begin:]
	if len(text) < 2 || text[len(text)-2] != '\r' {
		return refusedBareLF
	}
	if text = text[:len(text)-2]; len(text) == 0 {
		s.state, s.text, s.fields, s.begin = atStart, s.text[:0], s.fields[:0], 0
		return nil
	}
	if refused := s.addField(text); refused != nil {
		return refused
	}
	f := s.fields[len(s.fields)-1]
	s.fields, s.begin = s.fields[:0], len(s.text)
	name := message.NameOf(string(s.text[f.name:f.nameEnd]))
	if isConnectionField(name) || name.Is(message.Host) || isTwin(name.String()) {
		return refusedTrailerName
	}
	return nil
}

// prefaceEnd follows the line "PRI * HTTP/2.0" (RFC 9113 §3.4).
const prefaceEnd = "\r\nSM\r\n\r\n"

// scanPreface checks the rest of the preface of HTTP/2.
func (s *scanner) scanPreface(p []byte) (used int, refused *Refusal) {
	for used < len(p) && s.preface < len(prefaceEnd) {
		if p[used] != prefaceEnd[s.preface] {
			return used, refusedPreface
		}
		s.preface++
		used++
	}
	if s.preface == len(prefaceEnd) {
		s.state, s.text, s.begin = inFrames, nil, 0
	}
	return used, nil
}

// inBody reports whether the stream is in a body that the engine reads.
func (s *scanner) inBody() bool {
	switch s.state {
	case inLength, inChunk, atSize, atSizeEnd, atEnd, atEndLF, inTrailer:
		return true
	}
	return false
}
