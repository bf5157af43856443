// Package uri is System.Uri for policy expressions: absolute and relative references, their parts, their
// escaping and their combination.
package uri

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// reference is a Uri.
type reference struct {
	class    value.Type
	original string
	// relative says that there is no scheme; then only original is set.
	relative bool
	scheme   string
	user     string
	// host is in brackets where it is an IPv6 address; hierarchy says that "//" stands before it.
	host      string
	hierarchy bool
	// port is -1 where neither the text nor the scheme gives one.
	port int
	// path, query and fragment are escaped, query with "?" and fragment with "#".
	path, query, fragment string
}

// defaultPorts are the ports of the schemes that .NET knows.
var defaultPorts = map[string]int{
	"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443, "mailto": 25, "ldap": 389, "gopher": 70, "nntp": 119, "telnet": 23,
}

// needsHost are the schemes whose references have "//" and a host.
var needsHost = map[string]bool{
	"http": true, "https": true, "ftp": true, "ws": true, "wss": true, "gopher": true, "nntp": true, "telnet": true,
}

// ObjectType returns the type Uri.
func (r *reference) ObjectType() value.Type { return r.class }

// NetString returns the reference with what can be unescaped safely unescaped.
func (r *reference) NetString() (value.String, *value.Exception) {
	if r.relative {
		return value.Str(r.original), nil
	}
	return value.Str(readable(r.absolute())), nil
}

// EqualTo compares without the fragment and the user.
func (r *reference) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	s, ok := o.(*reference)
	if !ok || s.relative != r.relative {
		return false
	}
	if r.relative {
		return r.original == s.original
	}
	return r.key() == s.key()
}

// HashCode returns a hash that agrees with EqualTo.
func (r *reference) HashCode() uint64 { return object.HashString(r.key()) }

func (r *reference) key() string {
	if r.relative {
		return r.original
	}
	return r.scheme + "://" + r.authority() + r.path + r.query
}

// authority is the host, with the port where it is not the scheme's.
func (r *reference) authority() string {
	if r.isDefaultPort() {
		return r.host
	}
	return r.host + ":" + strconv.Itoa(r.port)
}

func (r *reference) isDefaultPort() bool {
	port, ok := defaultPorts[r.scheme]
	return !ok && r.port < 0 || ok && port == r.port
}

// left is everything up to the path.
func (r *reference) left() string {
	var b strings.Builder
	b.WriteString(r.scheme + ":")
	if r.hierarchy {
		b.WriteString("//")
	}
	if r.user != "" {
		b.WriteString(r.user + "@")
	}
	b.WriteString(r.authority())
	return b.String()
}

// absolute is the canonical form, escaped.
func (r *reference) absolute() string { return r.left() + r.path + r.query + r.fragment }
