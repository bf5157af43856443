package durabilitytest

import (
	"github.com/anishathalye/porcupine"

	"github.com/sallyport/sallyport/internal/control/store"
)

// operation is what a client asks of one record: the operations of the
// management API on a resource, with its ETag, which is the revision that wrote
// it last.
type operation struct {
	kind  kind
	key   store.Key
	etag  store.Revision // If-Match, of replace and remove.
	value string
}

type kind int

const (
	get     kind = iota
	create       // If-None-Match: *
	replace      // If-Match
	remove       // If-Match
)

// outcome is what the client was told.
type outcome struct {
	told  told
	etag  store.Revision // Of get, create and replace.
	value string         // Of get.
}

type told int

const (
	done     told = iota
	notFound      // Get found no record.
	refused       // The precondition does not hold.
	failed        // Nothing happened.
)

// resource is the state of one record.
type resource struct {
	etag  store.Revision // 0 where there is none.
	value string
}

// model is what a store must look like to its clients, taken as one after the
// other.
var model = porcupine.Model{
	Partition: byKey,
	Init:      func() any { return resource{} },
	Step: func(state, input, output any) (bool, any) {
		return step(state.(resource), input.(operation), output.(outcome))
	},
}

func step(is resource, op operation, out outcome) (bool, resource) {
	holds := is.etag != 0 && is.etag == op.etag
	if op.kind == create {
		holds = is.etag == 0
	}
	switch {
	case out.told == failed:
		return true, is
	case op.kind == get && out.told == notFound:
		return is.etag == 0, is
	case op.kind == get:
		return is.etag == out.etag && is.value == out.value, is
	case out.told == refused:
		return !holds, is
	case op.kind == remove:
		return holds, resource{}
	default:
		// A revision writes a record once, and later ones are higher.
		return holds && out.etag > is.etag, resource{etag: out.etag, value: op.value}
	}
}

// byKey takes a history apart: records have nothing to do with each other here.
func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	var parts [][]porcupine.Operation
	place := map[store.Key]int{}
	for _, op := range history {
		key := op.Input.(operation).key
		i, ok := place[key]
		if !ok {
			i = len(parts)
			place[key] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], op)
	}
	return parts
}
