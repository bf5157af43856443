package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/apply"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
)

// errThere ends a transaction that finds nothing to do.
var errThere = errors.New("it is there already")

// First makes the service that the process serves, where it is not there yet,
// with this configuration (nil for none), in one transaction each. It reports
// whether it did.
func (in *Installation) First(ctx context.Context, c *transfer.Configuration) (bool, error) {
	id := in.Names.ID()
	_, err := in.Plane.Write(ctx, System("first start"), func(s *resource.Session) error {
		found, err := s.Has(id)
		if err != nil {
			return err
		}
		if found {
			return errThere
		}
		_, err = s.Put(id, map[string]any{
			"location": in.Names.Location,
			"sku":      map[string]any{"name": "Developer", "capacity": json.Number("1")},
			"properties": map[string]any{
				"publisherName": "Sallyport", "publisherEmail": "administrator@sallyport.invalid",
			},
		})
		return err
	})
	if errors.Is(err, errThere) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("making the service %s: %w", id, err)
	}
	if c == nil || len(c.Resources) == 0 && c.Portal == nil {
		return true, nil
	}
	o := apply.Options{Service: id, Specifications: c.Specifications, Portal: c.Portal, Visitors: true}
	if _, err := apply.Apply(ctx, in.Plane, System("first start"), c.Resources, o); err != nil {
		return false, fmt.Errorf("applying the first configuration: %w", err)
	}
	return true, nil
}
