package trial

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// The bounds of a request's text.
const (
	// maxHeadLine is the length of the request line and of a field line, in bytes.
	maxHeadLine = 64 << 10
	// maxFields is the number of field lines.
	maxFields = 1000
)

// defaultHost is the authority of a request that names none.
const defaultHost = "localhost"

// loopback is the address that the request comes from.
var loopback = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// ReadRequest reads the text of an HTTP/1.1 message: request line, field lines, an empty line, the body. Lines may
// end without a carriage return, as editors write them. Without Content-Length all that follows the empty line is
// the body, and where nothing follows there is none. A target without authority takes that of Host and the scheme
// https. The text is kept.
func ReadRequest(text []byte) (*message.Request, error) {
	r := &message.Request{Protocol: message.HTTP11, Client: loopback}
	lines := &headReader{rest: text}
	first, err := lines.next()
	if err != nil {
		return nil, err
	}
	method, rest, _ := strings.Cut(first, " ")
	target, version, _ := strings.Cut(rest, " ")
	if !message.ValidFieldName(method) || target == "" {
		return nil, fmt.Errorf("request line %q: write METHOD TARGET HTTP/1.1", first)
	}
	if version != "" && version != "HTTP/1.1" && version != "HTTP/1.0" {
		return nil, fmt.Errorf("request line %q: the version %q is not HTTP/1.1", first, version)
	}
	r.Method = method
	if err := lines.fields(&r.Header); err != nil {
		return nil, err
	}
	if r.URL, err = targetURL(target, &r.Header); err != nil {
		return nil, err
	}
	r.Header.Delete(message.Host)
	return r, readBody(r, lines.rest)
}

// headReader takes the lines of a head off a text.
type headReader struct {
	rest []byte
	line int
}

// next returns the next line without its end; the end of the text is an empty line.
func (h *headReader) next() (string, error) {
	h.line++
	end := bytes.IndexByte(h.rest, '\n')
	line := h.rest
	if end >= 0 {
		line, h.rest = h.rest[:end], h.rest[end+1:]
	} else {
		h.rest = nil
	}
	if len(line) > maxHeadLine {
		return "", fmt.Errorf("line %d: it has %d bytes, more than the %d that are read", h.line, len(line), maxHeadLine)
	}
	return string(bytes.TrimSuffix(line, []byte("\r"))), nil
}

// fields reads field lines up to the empty line.
func (h *headReader) fields(header *message.Header) error {
	for {
		line, err := h.next()
		if err != nil || line == "" {
			return err
		}
		name, value, found := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if !found || !message.ValidFieldName(name) || !message.ValidFieldValue(value) {
			return fmt.Errorf("line %d: %q is no field line: write Name: value", h.line, line)
		}
		if header.Len() == maxFields {
			return fmt.Errorf("line %d: there are more than %d field lines", h.line, maxFields)
		}
		header.Add(message.NameOf(name), value)
	}
}

// targetURL is the URL of a request's target.
func targetURL(target string, h *message.Header) (message.URL, error) {
	if strings.HasPrefix(target, "/") {
		authority, ok := h.Get(message.Host)
		if !ok {
			authority = defaultHost
		}
		target = "https://" + authority + target
	}
	u, err := message.ParseURL(target)
	if err != nil {
		return u, fmt.Errorf("reading the target of the request: %w", err)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// readBody makes what follows the head the request's body.
func readBody(r *message.Request, rest []byte) error {
	if r.Header.Has(message.TransferEncoding) {
		return errors.New("the request has a Transfer-Encoding: write the body as it is, without one")
	}
	length, ok := r.Header.Get(message.ContentLength)
	if ok {
		n, err := strconv.ParseUint(length, 10, 32)
		if err != nil || n > uint64(len(rest)) {
			return fmt.Errorf("the Content-Length is %s, and %d bytes follow the head: leave the field out, and all of them are the body",
				length, len(rest))
		}
		rest = rest[:n]
	}
	if len(rest) == 0 && !ok {
		return nil
	}
	return r.Body.SetBytes(rest)
}
