package desync

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// This file reads HTTP/1.1 as RFC 9112 has it, without a line of the gateway's
// own parser. It is slow and plain.

// field is a field line in parts.
type field struct{ name, value string }

// reading is a request that was read out of a stream of bytes.
type reading struct {
	method, target, version string
	fields                  []field
	body                    string
	trailer                 []field
	headWhole, whole        bool
	last                    bool // the connection ends behind it
}

// values returns the values of a field.
func values(fields []field, name string) (list []string) {
	for _, f := range fields {
		if strings.EqualFold(f.name, name) {
			list = append(list, f.value)
		}
	}
	return list
}

var errMore = errors.New("more of it is to come")

// readRequests divides a client's bytes into requests. What follows the last one
// that is whole is nothing, a part of one, or malformed; err says which.
func readRequests(text string) (all []reading, err error) {
	for {
		text = strings.TrimPrefix(text, "\r\n")
		if text == "" {
			return all, nil
		}
		r, rest, err := readRequest(text)
		if r.headWhole {
			all = append(all, r)
		}
		if err != nil || r.last {
			return all, err
		}
		text = rest
	}
}

// cutLine returns the next line without its end.
func cutLine(text string) (line, rest string, err error) {
	i := strings.IndexByte(text, '\n')
	if i < 0 {
		return "", text, errMore
	}
	if i == 0 || text[i-1] != '\r' {
		return "", text, errors.New("a bare line feed")
	}
	return text[:i-1], text[i+1:], nil
}

func readRequest(text string) (r reading, rest string, err error) {
	line, rest, err := cutLine(text)
	if err != nil {
		return r, rest, err
	}
	parts := strings.Split(line, " ")
	if len(parts) != 3 || !isToken(parts[0]) || parts[1] == "" {
		return r, rest, fmt.Errorf("the request line %q", line)
	}
	r.method, r.target, r.version = parts[0], parts[1], parts[2]
	if len(r.version) != 8 || !strings.HasPrefix(r.version, "HTTP/1.") || r.version[7] < '0' || r.version[7] > '9' {
		return r, rest, fmt.Errorf("the version %q", r.version)
	}
	if r.fields, rest, err = readFields(rest); err != nil {
		return r, rest, err
	}
	length, chunked, err := r.framing()
	if err != nil {
		return r, rest, err
	}
	r.headWhole = true
	switch {
	case chunked:
		r.body, r.trailer, rest, err = readChunks(rest)
	case len(rest) < length:
		err = errMore
	default:
		r.body, rest = rest[:length], rest[length:]
	}
	r.whole = err == nil
	return r, rest, err
}

// framing decides how long the body is, and whether the connection ends.
func (r *reading) framing() (length int, chunked bool, err error) {
	lengths, codings := values(r.fields, "Content-Length"), values(r.fields, "Transfer-Encoding")
	r.last = r.version == "HTTP/1.0"
	for _, v := range values(r.fields, "Connection") {
		for option := range strings.SplitSeq(v, ",") {
			switch option = strings.Trim(option, " \t"); {
			case strings.EqualFold(option, "close"):
				r.last = true
			case strings.EqualFold(option, "keep-alive") && r.version == "HTTP/1.0":
				r.last = false
			}
		}
	}
	switch {
	case len(lengths)+len(codings) > 1:
		return 0, false, errors.New("two framings")
	case len(codings) == 1:
		if !strings.EqualFold(codings[0], "chunked") || r.version == "HTTP/1.0" {
			return 0, false, fmt.Errorf("the coding %q in %s", codings[0], r.version)
		}
		return 0, true, nil
	case len(lengths) == 1:
		for _, c := range lengths[0] {
			if c < '0' || c > '9' {
				return 0, false, fmt.Errorf("the length %q", lengths[0])
			}
		}
		length, err = strconv.Atoi(lengths[0])
	}
	return length, false, err
}

// readFields reads field lines up to the empty one.
func readFields(text string) (fields []field, rest string, err error) {
	for {
		line, rest, err := cutLine(text)
		if err != nil {
			return nil, rest, err
		}
		text = rest
		if line == "" {
			return fields, rest, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return nil, rest, fmt.Errorf("the field line %q", line)
		}
		for _, c := range []byte(value) {
			if c < ' ' && c != '\t' || c == 0x7f {
				return nil, rest, fmt.Errorf("the field value %q", value)
			}
		}
		fields = append(fields, field{name, strings.Trim(value, " \t")})
	}
}

// readChunks reads a body in chunks.
func readChunks(text string) (body string, trailer []field, rest string, err error) {
	for {
		line, rest, err := cutLine(text)
		if err != nil {
			return body, nil, rest, err
		}
		size, extensions, _ := strings.Cut(line, ";")
		size = strings.TrimRight(size, " \t")
		n, err := strconv.ParseUint(size, 16, 40)
		if err != nil || strings.ContainsAny(extensions, "\r\n\x00") || strings.ContainsAny(size, "+-_xX") {
			return body, nil, rest, fmt.Errorf("the chunk's line %q", line)
		}
		if n == 0 {
			trailer, rest, err = readFields(rest)
			return body, trailer, rest, err
		}
		if uint64(len(rest)) < n+2 {
			return body, nil, rest, errMore
		}
		if rest[n:n+2] != "\r\n" {
			return body, nil, rest, errors.New("a chunk's end")
		}
		body += rest[:n]
		text = rest[n+2:]
	}
}

func isToken(text string) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"(),/:;<=>?@[\\]{}", c) >= 0 {
			return false
		}
	}
	return text != ""
}

// answer is an answer that was read.
type answer struct {
	status  int
	fields  []field
	body    string
	trailer []field
	last    bool // the connection ends behind it
}

// readAnswer reads an answer to a request with a method that is known once the
// head has been read.
func readAnswer(text string, methodOf func(*answer) string) (a answer, rest string, err error) {
	line, rest, err := cutLine(text)
	if err != nil {
		return a, rest, err
	}
	if len(line) < 13 || !strings.HasPrefix(line, "HTTP/1.1 ") || line[12] != ' ' {
		return a, rest, fmt.Errorf("the status line %q", line)
	}
	if a.status, err = strconv.Atoi(line[9:12]); err != nil {
		return a, rest, err
	}
	if a.fields, rest, err = readFields(rest); err != nil {
		return a, rest, err
	}
	lengths, codings := values(a.fields, "Content-Length"), values(a.fields, "Transfer-Encoding")
	for _, v := range values(a.fields, "Connection") {
		a.last = a.last || strings.EqualFold(v, "close")
	}
	bodiless := a.status < 200 || a.status == 204 || a.status == 304
	switch {
	case len(lengths)+len(codings) > 1, bodiless && a.status != 304 && len(lengths)+len(codings) > 0:
		return a, rest, fmt.Errorf("the framing of %d: %q, %q", a.status, lengths, codings)
	case bodiless || methodOf(&a) == "HEAD":
	case len(codings) == 1:
		a.body, a.trailer, rest, err = readChunks(rest)
	case len(lengths) == 1:
		var n int
		if n, err = strconv.Atoi(lengths[0]); err != nil || n < 0 {
			return a, rest, fmt.Errorf("the length %q", lengths[0])
		}
		if len(rest) < n {
			return a, rest, errMore
		}
		a.body, rest = rest[:n], rest[n:]
	case a.last:
		a.body, rest = rest, ""
	default:
		err = errors.New("an answer without an end")
	}
	return a, rest, err
}
