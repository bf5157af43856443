package uri

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// maxLength is the length of the longest reference, .NET's own limit.
const maxLength = 65519

func invalid(message string) *value.Exception {
	return value.Throw("System.UriFormatException", "Invalid URI: "+message)
}

// kinds are UriKind's numbers.
const (
	relativeOrAbsolute = iota
	absoluteOnly
	relativeOnly
)

// parse reads a reference.
func parse(class value.Type, text string, kind int64) (*reference, *value.Exception) {
	s := strings.Trim(text, " \t\r\n\f\v")
	r := &reference{class: class, original: text, port: -1}
	switch {
	case len(text) > maxLength:
		return nil, invalid("The Uri string is too long.")
	case s == "" && kind == absoluteOnly:
		return nil, invalid("The URI is empty.")
	case kind == relativeOnly:
		if _, _, ok := cutScheme(s); ok {
			return nil, value.Throw("System.UriFormatException", "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI.")
		}
		r.relative = true
		return r, nil
	case strings.HasPrefix(s, "/") && (kind == absoluteOnly || kind == relativeOrAbsolute && !strings.HasPrefix(s, "//")):
		e := r.file(s)
		return r, e
	}
	scheme, rest, ok := cutScheme(s)
	if !ok {
		if kind == absoluteOnly {
			return nil, invalid("The format of the URI could not be determined.")
		}
		r.relative = true
		return r, nil
	}
	r.scheme = strings.ToLower(scheme)
	if port, ok := defaultPorts[r.scheme]; ok {
		r.port = port
	}
	e := r.rest(rest)
	return r, e
}

// cutScheme splits scheme:rest.
func cutScheme(s string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(s, ':')
	if i <= 1 || !isScheme(s[:i]) {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// file reads a path of the machine.
func (r *reference) file(s string) *value.Exception {
	r.scheme, r.hierarchy = "file", true
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			i = len(rest)
		}
		s = rest[i:]
		if e := r.readAuthority(rest[:i]); e != nil {
			return e
		}
	}
	r.path = compress(strings.NewReplacer("?", "%3F", "#", "%23").Replace(escape(s)))
	if r.path == "" {
		r.path = "/"
	}
	return nil
}

// rest reads what stands after the scheme.
func (r *reference) rest(s string) *value.Exception {
	after, ok := strings.CutPrefix(s, "//")
	if ok {
		r.hierarchy = true
		end := strings.IndexAny(after, "/?#\\")
		if end < 0 {
			end = len(after)
		}
		if e := r.readAuthority(after[:end]); e != nil {
			return e
		}
		s = after[end:]
	} else if needsHost[r.scheme] {
		return invalid("The hostname could not be parsed.")
	}
	if r.host == "" && needsHost[r.scheme] {
		return invalid("The hostname could not be parsed.")
	}
	if r.scheme == "mailto" {
		return r.mail(s)
	}
	s, r.fragment = cutAt(s, '#')
	s, r.query = cutAt(s, '?')
	r.fragment, r.query = escape(r.fragment), escape(r.query)
	if r.hierarchy {
		s = compress(escape(strings.ReplaceAll(s, `\`, "/")))
		if s == "" && (needsHost[r.scheme] || r.scheme == "file") {
			s = "/"
		}
		r.path = s
		return nil
	}
	r.path = escape(s)
	return nil
}

func cutAt(s string, sep byte) (before, rest string) {
	if i := strings.IndexByte(s, sep); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// mail reads user@host after mailto.
func (r *reference) mail(s string) *value.Exception {
	s, r.query = cutAt(s, '?')
	user, host, ok := strings.Cut(s, "@")
	if ok {
		r.user = escape(user)
		return r.readHost(host)
	}
	r.path = escape(s)
	return nil
}

// readAuthority reads user@host:port.
func (r *reference) readAuthority(s string) *value.Exception {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if strings.ContainsAny(s[:i], `/\?#`) {
			return invalid("The hostname could not be parsed.")
		}
		r.user, s = escape(s[:i]), s[i+1:]
	}
	host, port := s, ""
	if strings.HasPrefix(s, "[") {
		i := strings.IndexByte(s, ']')
		if i < 0 {
			return invalid("The hostname could not be parsed.")
		}
		host, port = s[:i+1], s[i+1:]
		addr, err := netip.ParseAddr(s[1:i])
		if err != nil || !addr.Is6() {
			return invalid("The hostname could not be parsed.")
		}
		r.host = "[" + addr.WithZone("").String() + "]"
	} else if i := strings.IndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i:]
	}
	if port = strings.TrimPrefix(port, ":"); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return invalid("Invalid port specified.")
		}
		r.port = int(n)
	}
	if r.host != "" {
		return nil
	}
	return r.readHost(host)
}

// readHost checks a host and takes it in lower case.
func (r *reference) readHost(host string) *value.Exception {
	for _, c := range host {
		if c <= ' ' || c == 0x7F || c == utf8.RuneError || strings.ContainsRune("<>\"%^`{|}\\,;:@/?#", c) {
			return invalid("The hostname could not be parsed.")
		}
	}
	r.host = strings.ToLower(host)
	return nil
}

// compress removes the segments . and .. from a path.
func compress(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	parts := strings.Split(path, "/")
	var out []string
	for i, p := range parts {
		last := i == len(parts)-1
		switch p {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 1 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, p)
		}
	}
	return strings.Join(out, "/")
}

// combine resolves a reference against a base.
func combine(base, ref *reference) (*reference, *value.Exception) {
	if !ref.relative {
		c := *ref
		return &c, nil
	}
	s := strings.Trim(ref.original, " \t\r\n\f\v")
	var text string
	switch {
	case strings.HasPrefix(s, "//"):
		text = base.scheme + ":" + s
	case strings.HasPrefix(s, "/"), strings.HasPrefix(s, `\`):
		text = base.left() + s
	case strings.HasPrefix(s, "?"):
		text = base.left() + base.path + s
	case strings.HasPrefix(s, "#"), s == "":
		text = base.left() + base.path + base.query + s
	default:
		text = base.left() + base.path[:strings.LastIndexByte(base.path, '/')+1] + s
	}
	return parse(base.class, text, absoluteOnly)
}
