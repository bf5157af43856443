package settings

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// caches is the kind of the external caches. Their names are locations, or
// "default".
func caches() *resource.Node {
	return resource.New(access.Caches, resource.Kind{
		Collection: "caches", Title: "Cache",
		Contract: "CacheContract", Update: "CacheUpdateParameters",
		Hooks: resource.Hooks{Prepare: prepareCache, Deleting: deletingCache},
	})
}

const connectionString = "connectionString"

func prepareCache(s *resource.Session, e, _ *resource.Entity) error {
	reference, err := hide(s, e.ID, connectionString, "", e.Text(connectionString))
	if err != nil {
		return err
	}
	e.Set(connectionString, reference)
	return nil
}

func deletingCache(s *resource.Session, e *resource.Entity) error {
	return dropHidden(s, e.ID, connectionString)
}
