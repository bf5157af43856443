package resourcestest

import (
	"context"
	"strings"
	"sync"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
)

// Backups are a resource.Backups in memory.
type Backups struct {
	// Store is what is backed up.
	Store store.Store
	// Err fails everything where it is not nil.
	Err error

	mu   sync.Mutex
	kept map[string]*resource.BackedUp
}

// Put copies the records of the service.
func (b *Backups) Put(ctx context.Context, names []string, service resource.ID) error {
	if b.Err != nil {
		return b.Err
	}
	found := &resource.BackedUp{Service: service, Sealer: Sealer{}}
	err := b.Store.View(ctx, func(r store.Reader) error {
		for record, err := range r.Tree(service.Key()) {
			if err != nil {
				return err
			}
			found.Records = append(found.Records, record)
		}
		return nil
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[string]*resource.BackedUp{}
	}
	b.kept[strings.Join(names, "/")] = found
	return err
}

// Get returns what was copied.
func (b *Backups) Get(_ context.Context, names []string) (*resource.BackedUp, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept[strings.Join(names, "/")], b.Err
}
