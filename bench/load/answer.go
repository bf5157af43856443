package load

import (
	"bytes"
	"fmt"
	"strconv"
)

var (
	okay          = []byte("HTTP/1.1 200 ")
	contentLength = []byte("content-length:")
)

// parseHead reads the head of an answer: how long it is, and how long the body
// that follows. The length of the head is 0 while it is not whole.
func parseHead(p []byte) (head, body int, err error) {
	end := bytes.Index(p, endOfHead)
	if end < 0 {
		if len(p) > maxHead {
			return 0, 0, fmt.Errorf("answered with a head of more than %d bytes", maxHead)
		}
		return 0, 0, nil
	}
	lines := p[:end]
	line, lines, _ := bytes.Cut(lines, []byte("\r\n"))
	if !bytes.HasPrefix(line, okay) {
		return 0, 0, fmt.Errorf("answered with %q; want status 200", line)
	}
	for len(lines) > 0 {
		line, lines, _ = bytes.Cut(lines, []byte("\r\n"))
		if len(line) < len(contentLength) || !bytes.EqualFold(line[:len(contentLength)], contentLength) {
			continue
		}
		body, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):])))
		if err != nil || body < 0 {
			return 0, 0, fmt.Errorf("answered with %q", line)
		}
		return end + len(endOfHead), body, nil
	}
	return 0, 0, fmt.Errorf("answered without Content-Length, which the origin sent:\n%s", p[:end])
}
