package http1

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// Framing is what a head says of its message beyond the fields.
type Framing struct {
	// Length is that of the body in bytes; -1 where no Content-Length says it.
	Length int64
	// Chunked says that the body is in chunks.
	Chunked bool
	// Absent says that an answer has no body, whatever its head declares of one
	// (RFC 9110 §6.4.1).
	Absent bool
	// UntilClose says that the body of an answer ends with the connection.
	UntilClose bool
	// Close says that the connection ends after the message.
	Close bool
	// Switches says that an answer changes the protocol to WebSocket: Upgrade names
	// it, and Connection names Upgrade.
	Switches bool
	// Continue says that the client waits for 100 (Continue) before it sends
	// the body.
	Continue bool
	// Authority is the one of the target or of Host; empty for a request of
	// HTTP/1.0 that names none. A view.
	Authority string
}

// HasBody reports whether bytes of a body follow the head.
func (f *Framing) HasBody() bool { return !f.Absent && (f.Chunked || f.UntilClose || f.Length > 0) }

// checkCoding lets the one transfer coding in that is implemented.
func checkCoding(value string) *Refusal {
	if message.EqualFold(value, "chunked") {
		return nil
	}
	for coding := range strings.SplitSeq(value, ",") {
		coding, _, _ = strings.Cut(coding, ";")
		coding = strings.Trim(coding, " \t")
		if !message.ValidFieldName(coding) {
			return RefusedCoding
		}
		if !message.EqualFold(coding, "chunked") {
			return RefusedOtherCoding
		}
	}
	return RefusedCoding // "chunked, chunked" and the like.
}

// maxLengthDigits keeps a length below 2^63.
const maxLengthDigits = 18

// ReadDecimal reads a Content-Length: digits and nothing else.
func ReadDecimal(text string) (n int64, ok bool) {
	if text == "" || len(text) > maxLengthDigits {
		return 0, false
	}
	for i := range len(text) {
		if text[i] < '0' || '9' < text[i] {
			return 0, false
		}
		n = n*10 + int64(text[i]-'0')
	}
	return n, true
}
