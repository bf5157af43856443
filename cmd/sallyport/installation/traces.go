package installation

import (
	"context"
	"fmt"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/gateway/tracing"
)

// RecordTraces lets the gateway of the process believe the debug tokens that the
// management API gives, and lets listTrace answer what that gateway recorded.
func (in *Installation) RecordTraces(t *tracing.Traces) {
	in.Plane.Environment().Trace = t.Find
	t.Use(func(ctx context.Context) (keys []string, err error) {
		err = in.Plane.Read(ctx, System("reading the keys of debug tokens"), func(s *resource.Session) error {
			keys, err = services.DebugKeys(s, in.Names.ID())
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the keys of debug tokens: %w", err)
		}
		return keys, nil
	})
}
