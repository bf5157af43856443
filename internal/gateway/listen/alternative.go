package listen

import (
	"strconv"
	"sync/atomic"
)

// alternative says in answers over TCP that HTTP/3 is spoken too (RFC 7838). The
// port is the one that the client has called: it knows that one, wherever a
// router or a container's port leads from it.
type alternative struct {
	on   atomic.Bool
	last atomic.Pointer[portValue]
}

// portValue is the value of Alt-Svc for a port.
type portValue struct {
	port  uint16
	value string
}

// standardAlternative is the value for the port of HTTPS. It holds for a day, so
// that a gateway whose HTTP/3 is switched off is not asked for it for long.
const standardAlternative = `h3=":443"; ma=86400`

// value returns the value of the field for requests that were sent to a port, 0
// for the scheme's own; it is empty where HTTP/3 is not spoken.
func (a *alternative) value(port uint16) string {
	if !a.on.Load() {
		return ""
	}
	if port == 0 {
		return standardAlternative
	}
	if last := a.last.Load(); last != nil && last.port == port {
		return last.value
	}
	v := &portValue{port, `h3=":` + strconv.Itoa(int(port)) + `"; ma=86400`}
	a.last.Store(v)
	return v.value
}
