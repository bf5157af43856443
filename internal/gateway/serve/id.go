package serve

import (
	"encoding/hex"
	"math/rand/v2"
)

// requestID makes a random id of a request (a version 4 UUID). It names the
// request and protects nothing.
func requestID() (id [16]byte) {
	hi, lo := rand.Uint64(), rand.Uint64() //nolint:gosec // See above.
	for i := range 8 {
		id[i], id[8+i] = byte(hi>>(8*i)), byte(lo>>(8*i))
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// appendID appends an id as UUIDs are written.
func appendID(dst []byte, id [16]byte) []byte {
	var b [36]byte
	hex.Encode(b[:8], id[:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:], id[10:])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return append(dst, b[:]...)
}
