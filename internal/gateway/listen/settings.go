package listen

import "encoding/binary"

// settings follows the frames that a client of HTTP/2 sends, for the sake of one
// kind: the engine closes the connection over a SETTINGS frame that sets
// something twice, which RFC 9113 §6.5.3 allows. The values are processed in
// order, so the last one counts; the others are made settings that no one knows.
type settings struct {
	header [frameHeaderBytes]byte
	have   int  // bytes of the header that have come
	left   int  // bytes of the payload that have not come
	fresh  bool // the payload of a SETTINGS frame begins
}

const (
	frameHeaderBytes = 9
	settingBytes     = 6
	frameSettings    = 0x4
	// firstUnknown is where identifiers begin that mean nothing (RFC 9113
	// §6.5.2: unknown ones are ignored).
	firstUnknown = 0xf000
	// maxSettings is how many settings of a frame are looked at. The engine
	// refuses more.
	maxSettings = 100
)

// between reports whether a frame has ended and no other has begun.
func (s *settings) between() bool { return s.have == 0 && s.left == 0 }

// follow passes over bytes.
func (s *settings) follow(p []byte) {
	for len(p) > 0 {
		if s.left > 0 {
			n := min(s.left, len(p))
			if s.fresh && n == s.left {
				dropRepeated(p[:n-n%settingBytes])
			}
			s.fresh = false
			s.left -= n
			p = p[n:]
			continue
		}
		n := copy(s.header[s.have:], p)
		s.have += n
		p = p[n:]
		if s.have < frameHeaderBytes {
			return
		}
		s.have = 0
		s.left = int(s.header[0])<<16 | int(s.header[1])<<8 | int(s.header[2])
		s.fresh = s.header[3] == frameSettings && s.left <= maxSettings*settingBytes
	}
}

// dropRepeated leaves of each setting only the last one in force.
func dropRepeated(payload []byte) {
	for i := 0; i < len(payload); i += settingBytes {
		id := binary.BigEndian.Uint16(payload[i:])
		for j := i + settingBytes; j < len(payload); j += settingBytes {
			if binary.BigEndian.Uint16(payload[j:]) == id {
				binary.BigEndian.PutUint16(payload[i:], firstUnknown+uint16(i/settingBytes))
				break
			}
		}
	}
}
