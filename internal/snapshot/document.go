package snapshot

import (
	"bytes"
	"fmt"

	"github.com/sallyport/sallyport/internal/model"
)

// Document is what is published to gateways: every resource that they need, at
// one revision of the store. Its encoding is specified in
// docs/formats/snapshot.md.
type Document struct {
	// Revision is the store's revision, or a number that grows with each
	// reading of a configuration folder.
	Revision uint64
	// Resources are in no particular order; their ids differ.
	Resources []model.Resource
}

// Delta is what changed from one revision to another.
type Delta struct {
	Base     uint64 // revision that the delta is applied to
	Revision uint64 // revision that results
	Put      []model.Resource
	Delete   []model.ID
}

// Difference returns the delta that makes document b of document a. Resources
// are compared by their canonical encoding. A document in which a resource is
// empty or stands twice has no difference: compiling it says what is wrong.
func Difference(a, b *Document) (*Delta, error) {
	d := &Delta{Base: a.Revision, Revision: b.Revision}
	before := make(map[model.Key]model.Resource, len(a.Resources))
	for _, r := range a.Resources {
		before[r.ResourceID().Key()] = r
	}
	seen := make(map[model.Key]bool, len(b.Resources))
	for i, r := range b.Resources {
		if isNil(r) {
			return nil, fmt.Errorf("comparing documents: resources[%d] is empty", i)
		}
		key := r.ResourceID().Key()
		if seen[key] {
			return nil, fmt.Errorf("comparing documents: %s stands twice", r.ResourceID())
		}
		seen[key] = true
		same, err := equalResources(before[key], r)
		if err != nil {
			return nil, err
		}
		if !same {
			d.Put = append(d.Put, r)
		}
		delete(before, key)
	}
	for _, r := range a.Resources {
		if _, gone := before[r.ResourceID().Key()]; gone {
			d.Delete = append(d.Delete, r.ResourceID())
		}
	}
	return d, nil
}

// equalResources reports whether two resources have the same encoding.
func equalResources(a, b model.Resource) (bool, error) {
	if a == nil || b == nil || a.Kind() != b.Kind() {
		return false, nil
	}
	if a == b {
		return true, nil
	}
	x, err := model.Encode(a)
	if err != nil {
		return false, err
	}
	y, err := model.Encode(b)
	if err != nil {
		return false, err
	}
	return bytes.Equal(x, y), nil
}

// Empty reports whether the delta changes nothing.
func (d *Delta) Empty() bool { return len(d.Put) == 0 && len(d.Delete) == 0 }
