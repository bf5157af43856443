package apis

import "github.com/sallyport/sallyport/internal/control/resource"

func exportAPI(*resource.Session, *resource.Entity) (resource.Result, bool, error) {
	return resource.Result{}, false, nil
}
