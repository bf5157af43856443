package http1

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// TakeAuthority divides an authority that has been found valid.
func TakeAuthority(dst *message.URL, authority string) {
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
	}
	dst.Host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if port == "" {
		return // Trying to read it would cost an error.
	}
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n != uint64(message.DefaultPort(dst.Scheme)) {
		dst.Port = uint16(n)
	}
}

// CanonicalQuery escapes what a query may not hold as it is.
func CanonicalQuery(query string) string {
	if inSet(&queryBytes, query) {
		return query
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(query)+16)
	for i := range len(query) {
		if c := query[i]; queryBytes[c] {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&0xf])
		}
	}
	return string(b)
}
