package fleet

import (
	"log/slog"
	"math/rand/v2"

	"github.com/sallyport/sallyport/internal/gateway/tracing"
)

// ShipTraces sends what the gateway records of calls to the management plane that
// is followed.
func (f *Following) ShipTraces(t *tracing.Traces, log *slog.Logger) {
	t.Ship(tracing.Shipping{Instance: f.instance, Deliver: f.Client.DeliverTrace, Random: rand.Float64, Log: log})
}
