package http1

import (
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// CheckTarget checks a request target (RFC 9112 §3.2).
func CheckTarget(method, target []byte) *Refusal {
	switch string(method) {
	case "CONNECT", "TRACE":
		return RefusedConnect
	}
	if !targetBytes.all(target) {
		return RefusedTarget
	}
	if target[0] == '/' {
		return nil
	}
	if len(target) == 1 && target[0] == '*' {
		if string(method) == "OPTIONS" {
			return nil
		}
		return RefusedTarget
	}
	if _, _, ok := cutAbsolute(string(target)); !ok {
		return RefusedTarget
	}
	return nil
}

// cutAbsolute divides a target in absolute form into authority and the rest in
// origin form.
func cutAbsolute(target string) (authority, rest string, ok bool) {
	scheme, after, found := strings.Cut(target, "://")
	if !found || !(message.EqualFold(scheme, "http") || message.EqualFold(scheme, "https")) {
		return "", "", false
	}
	end := strings.IndexAny(after, "/?")
	if end < 0 {
		return after, "/", ValidAuthority(after)
	}
	authority, rest = after[:end], after[end:]
	if rest[0] == '?' {
		rest = "/" + rest
	}
	return authority, rest, ValidAuthority(authority)
}

// ValidAuthority reports whether text is host[:port], without user information.
func ValidAuthority(text string) bool {
	host, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		host, port = text[:i], text[i+1:]
	}
	if len(port) > 5 {
		return false
	}
	for i := range len(port) {
		if port[i] < '0' || '9' < port[i] {
			return false
		}
	}
	if strings.HasPrefix(host, "[") {
		return strings.HasSuffix(host, "]") && len(host) > 4 && inSet(&addressBytes, host[1:len(host)-1])
	}
	return host != "" && inSet(&hostBytes, host)
}

func inSet(s *byteSet, text string) bool {
	for i := range len(text) {
		if !s[text[i]] {
			return false
		}
	}
	return true
}

// SameAuthority reports whether two authorities are the same but for case and
// a default port.
func SameAuthority(a, b string) bool {
	return message.EqualFold(a, b) || message.EqualFold(withoutDefaultPort(a), withoutDefaultPort(b))
}

func withoutDefaultPort(authority string) string {
	for _, port := range [...]string{":80", ":443", ":"} {
		if cut, ok := strings.CutSuffix(authority, port); ok {
			return cut
		}
	}
	return authority
}
