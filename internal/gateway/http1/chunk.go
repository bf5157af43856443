package http1

// extensionState is where in a chunk's extensions its first line is. The
// extensions are checked and left out: what is forwarded is framed anew.
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

// ChunkLine reads the line that begins a chunk, byte by byte (RFC 9112 §7.1).
// The zero ChunkLine is at the beginning of a body's first.
type ChunkLine struct {
	Size      int64 // of the chunk's data, as far as it has been read
	digits    int
	bytes     int
	ended     bool // the carriage return has come
	extension extensionState
	total     int // bytes of chunk extensions in this body
}

// Next prepares for the next chunk of the same body.
func (l *ChunkLine) Next() { *l = ChunkLine{total: l.total} }

// Take takes a byte of the line. kept says whether it belongs to the line
// without its extensions; done, that it was the last.
func (l *ChunkLine) Take(c byte) (kept, done bool, refused *Refusal) {
	if l.ended {
		if c != '\n' {
			return false, false, RefusedChunkSize
		}
		return true, true, nil
	}
	kept, refused = l.takeByte(c)
	return kept, false, refused
}

// takeByte takes a byte before the line's end.
func (l *ChunkLine) takeByte(c byte) (kept bool, refused *Refusal) {
	if l.bytes++; l.bytes > MaxChunkLineBytes {
		return false, RefusedChunkLine
	}
	if l.extension == beforeExtension {
		if digit, ok := hexDigit(c); ok {
			if l.digits++; l.digits > maxSizeDigits {
				return false, RefusedChunkSize
			}
			l.Size = l.Size<<4 | digit
			return true, nil
		}
		if l.digits == 0 {
			return false, RefusedChunkSize
		}
	}
	if c == '\r' {
		switch l.extension {
		case beforeExtension, inName, inValue, afterQuotes:
			l.ended = true
			return true, nil
		}
		return false, RefusedExtension
	}
	if l.total++; l.total > MaxExtensionBytes {
		return false, RefusedExtensions
	}
	next, ok := l.extension.after(c)
	if !ok {
		if l.extension == beforeExtension {
			return false, RefusedChunkSize
		}
		return false, RefusedExtension
	}
	l.extension = next
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
