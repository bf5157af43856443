package apis

import (
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
)

func takeDocument(*resource.Session, *resource.Entity, *resource.Entity) (*transfer.Import, error) {
	return nil, nil
}

func importInto(*resource.Session, *resource.Entity, *transfer.Import) error { return nil }
