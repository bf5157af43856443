package listen

// extensionState is where in a chunk's extensions its first line is. The
// extensions are checked and left out: the engine behind knows none, and what
// is forwarded is framed anew.
type extensionState uint8

const (
	beforeExtension extensionState = iota // in the size
	spaceBefore                           // after the size or a value, in white space
	afterSemicolon                        // before the name
	inName
	afterName // in white space after the name
	afterEquals
	inValue
	inQuotes
	afterBackslash
	afterQuotes
)

// maxSizeDigits keeps a chunk's size below 2^60.
const maxSizeDigits = 15

// beginChunk prepares for a chunk's first line.
func (s *scanner) beginChunk() {
	s.remaining, s.digits, s.lineBytes, s.extension = 0, 0, 0, beforeExtension
}

// scanChunk takes what is around the data of chunks (RFC 9112 §7.1), up to the
// next data.
func (s *scanner) scanChunk(p []byte) (out, used int, refused *Refusal) {
	for used < len(p) {
		c, keep := p[used], true
		switch s.state {
		case atSize:
			keep, refused = s.takeSizeByte(c)
		case atSizeEnd:
			refused = s.endSize(c)
		case atEnd:
			if c != '\r' {
				refused = refusedChunkEnd
			}
			s.state = atEndLF
		case atEndLF:
			if c != '\n' {
				refused = refusedChunkEnd
			}
			s.state = atSize
			s.beginChunk()
		default:
			return out, used, nil
		}
		if refused != nil {
			return out, used, refused
		}
		if keep {
			p[out] = c
			out++
		}
		used++
	}
	return out, used, nil
}

// takeSizeByte takes a byte of a chunk's first line, and says whether the
// engine is to see it.
func (s *scanner) takeSizeByte(c byte) (keep bool, refused *Refusal) {
	if s.lineBytes++; s.lineBytes > MaxChunkLineBytes {
		return false, refusedChunkLine
	}
	if s.extension == beforeExtension {
		if digit, ok := hexDigit(c); ok {
			if s.digits++; s.digits > maxSizeDigits {
				return false, refusedChunkSize
			}
			s.remaining = s.remaining<<4 | digit
			return true, nil
		}
		if s.digits == 0 {
			return false, refusedChunkSize
		}
	}
	if c == '\r' {
		switch s.extension {
		case beforeExtension, inName, inValue, afterQuotes:
			s.state = atSizeEnd
			return true, nil
		}
		return false, refusedExtension
	}
	if s.extensions++; s.extensions > MaxExtensionBytes {
		return false, refusedExtensions
	}
	next, ok := s.extension.after(c)
	if !ok {
		if s.extension == beforeExtension {
			return false, refusedChunkSize
		}
		return false, refusedExtension
	}
	s.extension = next
	return false, nil
}

// after returns the state after another byte, and whether it may stand there.
//
//	chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
func (x extensionState) after(c byte) (extensionState, bool) {
	token, space := tokenBytes[c], isSpace(c)
	switch x {
	case beforeExtension, spaceBefore, afterQuotes:
		return pick(space, spaceBefore, c == ';', afterSemicolon)
	case afterSemicolon:
		return pick(space, afterSemicolon, token, inName)
	case inName:
		if token {
			return inName, true
		}
		return afterName.after(c)
	case afterName:
		if c == '=' {
			return afterEquals, true
		}
		return pick(space, afterName, c == ';', afterSemicolon)
	case afterEquals:
		if c == '"' {
			return inQuotes, true
		}
		return pick(space, afterEquals, token, inValue)
	case inValue:
		if token {
			return inValue, true
		}
		return pick(space, spaceBefore, c == ';', afterSemicolon)
	case inQuotes:
		if c == '"' {
			return afterQuotes, true
		}
		return pick(c == '\\', afterBackslash, valueBytes[c], inQuotes)
	case afterBackslash:
		return inQuotes, valueBytes[c]
	}
	return x, false
}

// pick returns the state whose condition holds.
func pick(first bool, a extensionState, second bool, b extensionState) (extensionState, bool) {
	if first {
		return a, true
	}
	return b, second
}

// endSize ends a chunk's first line.
func (s *scanner) endSize(c byte) *Refusal {
	switch {
	case c != '\n':
		return refusedChunkSize
	case s.remaining == 0:
		s.state = inTrailer
	default:
		s.state = inChunk
	}
	return nil
}

// hexDigit returns the value of a hexadecimal digit.
func hexDigit(c byte) (int64, bool) {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0'), true
	case 'a' <= c && c <= 'f':
		return int64(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return int64(c-'A') + 10, true
	}
	return 0, false
}
