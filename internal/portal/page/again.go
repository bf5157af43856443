package page

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxAgain bounds what a failure page keeps of a form, in bytes.
const maxAgain = 512 << 10

// unkept are fields that a page must not hold, and without which a form is not
// what was sent; unsent are those that a form gets anew. They are never written.
var (
	unkept = []string{"password", "again", "old", "secret", "clientsecret", "validationkey", "typedkey", "token"}
	unsent = []string{tokenField}
)

// again is a form that was sent, to be sent again as it was.
type again struct {
	Action string
	Fields []keptField
}

// keptField is a field of it.
type keptField struct{ Name, Value string }

// sendable is the form that was sent, where a page can keep it: one that was
// checked to come from here, without files and passwords, and not too large. nil is none.
func (x *Exchange) sendable() *again {
	if x.R.Method != http.MethodPost || x.route == nil || x.route.Streams || x.form == nil || x.R.MultipartForm != nil {
		return nil
	}
	kept, size := &again{Action: x.R.URL.Path}, 0
	for _, name := range slices.Sorted(maps.Keys(x.form)) {
		if slices.Contains(unkept, strings.ToLower(name)) {
			return nil
		}
		if slices.Contains(unsent, name) {
			continue
		}
		for _, value := range x.form[name] {
			size += len(name) + len(value)
			kept.Fields = append(kept.Fields, keptField{name, value})
		}
	}
	if size > maxAgain {
		return nil
	}
	return kept
}

// maxReload bounds the address that a failure page leads back to, in bytes.
const maxReload = 2 << 10

// readable is the address of a page that was only to be read; "" is none.
func (x *Exchange) readable() string {
	address := x.R.URL.RequestURI()
	if x.R.Method != http.MethodGet || x.route == nil || len(address) > maxReload || strings.HasPrefix(address, "//") {
		return ""
	}
	return address
}
