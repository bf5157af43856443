package server

// frames follows the frames of a WebSocket (RFC 6455 §5.2), to know where one
// ends. The zero value is between two frames.
type frames struct {
	header [14]byte
	have   int    // bytes of the header that have come
	left   uint64 // bytes of the payload that have not come
	closed bool   // a Close frame has passed
}

// atBoundary reports whether another frame may be put in here.
func (f *frames) atBoundary() bool { return f.have == 0 && f.left == 0 && !f.closed }

// follow passes over bytes.
func (f *frames) follow(p []byte) {
	for len(p) > 0 {
		p = p[f.step(p):]
	}
}

// toBoundary passes over bytes up to the next boundary and returns how many
// these are.
func (f *frames) toBoundary(p []byte) int {
	n := 0
	for n < len(p) && !f.atBoundary() {
		n += f.step(p[n:])
	}
	return n
}

// step passes over some bytes, at most to the end of a frame.
func (f *frames) step(p []byte) int {
	if f.left > 0 {
		n := int(min(uint64(len(p)), f.left))
		f.left -= uint64(n)
		return n
	}
	f.header[f.have] = p[0]
	f.have++
	if f.have < 2 || f.have < f.headerLength() {
		return 1
	}
	f.left = f.payload()
	f.closed = f.closed || f.header[0]&0xf == 8
	f.have = 0
	return 1
}

// headerLength returns the length of the header, whose first two bytes have
// come.
func (f *frames) headerLength() int {
	n := 2
	switch f.header[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.header[1]&0x80 != 0 {
		n += 4
	}
	return n
}

// payload returns the length of the payload.
func (f *frames) payload() uint64 {
	short := uint64(f.header[1] & 0x7f)
	var extended int
	switch short {
	case 126:
		extended = 2
	case 127:
		extended = 8
	default:
		return short
	}
	var n uint64
	for _, b := range f.header[2 : 2+extended] {
		n = n<<8 | uint64(b)
	}
	return n
}
