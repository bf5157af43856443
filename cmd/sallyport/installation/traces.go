package installation

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/gateway/tracing"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// ownInstance is the name under which the gateway of the process sends traces.
const ownInstance = "own"

// RecordTraces lets the gateway of the process believe the debug tokens that the
// management API gives for the managed gateway, and keeps what it records where
// that of separate gateways is kept.
func (in *Installation) RecordTraces(t *tracing.Traces) {
	book := in.Plane.Environment().Traces
	if book == nil {
		return
	}
	service := in.Names.ID()
	t.Use(func(ctx context.Context) (keys []string, err error) {
		err = in.Plane.Read(ctx, System("reading the keys of debug tokens"), func(s *resource.Session) error {
			keys, err = services.DebugKeys(s, service, feed.ManagedGateway)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading the keys of debug tokens: %w", err)
		}
		return keys, nil
	})
	t.Ship(tracing.Shipping{
		Instance: ownInstance, Random: rand.Float64, Log: in.log,
		Deliver: func(ctx context.Context, body []byte) error {
			trace, err := feed.DecodeTrace(bytes.NewReader(body))
			if err != nil {
				return fmt.Errorf("%w: %w", tracing.ErrRefused, err)
			}
			return book.Take(ctx, string(service), feed.ManagedGateway, trace)
		},
	})
}
