package backup

import (
	"bytes"
	"encoding/json"

	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// opener opens sealed values.
type opener interface {
	Open(sealed, context string) ([]byte, error)
}

// openSealed opens every sealed value of a record, and returns how many opened
// and how many did not. A text of a caller may look sealed and not be: it does
// not open, here and there.
func openSealed(with opener, key store.Key, value []byte) (opened, closed int) {
	if !bytes.Contains(value, []byte(secret.Prefix)) {
		return 0, 0
	}
	var tree any
	if json.Unmarshal(value, &tree) != nil {
		return 0, 0
	}
	walk(tree, string(key)+"#", "", func(place, text string) {
		if _, err := with.Open(text, place); err != nil {
			closed++
			return
		}
		opened++
	})
	return opened, closed
}

// walk calls f with every sealed text of a body, and the place that it is sealed
// for: the key of the record, and the path of the field. The place in a list is
// no part of the path.
func walk(node any, place, separator string, f func(place, text string)) {
	switch n := node.(type) {
	case string:
		if secret.IsSealed(n) {
			f(place, n)
		}
	case map[string]any:
		for name, value := range n {
			walk(value, place+separator+name, ".", f)
		}
	case []any:
		for _, value := range n {
			walk(value, place+separator+"*", ".", f)
		}
	}
}
