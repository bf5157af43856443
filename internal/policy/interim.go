package policy

import "github.com/sallyport/sallyport/internal/message"

// The limits of interim answers (1xx) that are passed on for one request, over
// all its calls of backends. What is beyond them is not passed on; the final
// answer is.
const (
	// MaxInterim bounds how many there are.
	MaxInterim = 16
	// MaxInterimBytes bounds the names and values of their fields, in bytes.
	MaxInterimBytes = 16 << 10
)

// Interim is what passes interim answers (1xx) of backends on to the client.
type Interim struct {
	// To takes them; nil where nobody does.
	To    message.Responder
	count int
	bytes int
}

// Inform passes an interim answer of a backend on to the client, at once: it is
// of use only before the final one, and binds nobody to it. A client of HTTP/1.0
// gets none. The policies of outbound never see it; where there are any, it keeps
// only the fields that are hints, so that it does not say what they would take
// out. The header may be changed. The error is that of the client's connection.
func (c *Call) Inform(status int, header *message.Header) error {
	i := &c.Interim
	if i.To == nil || c.Request.Protocol == message.HTTP10 {
		return nil
	}
	if c.Chain.hasSteps(Outbound) {
		header.Filter(isHint)
	}
	size := 0
	for _, f := range header.Fields() {
		size += len(f.Name) + len(f.Value)
	}
	if i.count >= MaxInterim || i.bytes+size > MaxInterimBytes {
		return nil
	}
	i.count++
	i.bytes += size
	return i.To.Inform(status, header)
}

// hints are the fields by which clients begin to work before the final answer
// (RFC 8297 §2, and what browsers read beside it).
var hints = [...]message.Name{
	message.NameOf("Link"), message.NameOf("Content-Security-Policy"), message.NameOf("Content-Security-Policy-Report-Only"),
}

func isHint(f message.Field) bool {
	for _, n := range hints {
		if f.Is(n) {
			return true
		}
	}
	return false
}

// hasSteps reports whether a section has anything but <base/> to run.
func (ch *Chain) hasSteps(s Section) bool {
	for _, d := range ch {
		if d == nil || !d.present[s.index()] {
			continue
		}
		for i := range d.sections[s.index()] {
			if _, base := d.sections[s.index()][i].Step.(baseStep); !base {
				return true
			}
		}
		if !d.hasBase(s) {
			return false
		}
	}
	return false
}
