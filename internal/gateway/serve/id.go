package serve

import "math/rand/v2"

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
	const digits = "0123456789abcdef"
	var b [36]byte
	at := 0
	for i, v := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b[at] = '-'
			at++
		}
		b[at], b[at+1] = digits[v>>4], digits[v&15]
		at += 2
	}
	return append(dst, b[:]...)
}
