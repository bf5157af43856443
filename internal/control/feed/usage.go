package feed

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// parcelRetry is what a gateway is asked to wait for where MaxParcels are taken
// already.
const parcelRetry = 2 * time.Second

// usage takes what a gateway counted of calls. The answer says that it is kept,
// and counted once: a gateway that does not get it sends the parcel again.
func (s *Server) usage(w http.ResponseWriter, r *http.Request) error {
	c, err := s.identify(r)
	if err != nil {
		return err
	}
	if s.o.Usage == nil {
		return later(http.StatusServiceUnavailable, "The store of this management plane keeps no usage.", fullRetry)
	}
	select {
	case s.parcels <- struct{}{}:
		defer func() { <-s.parcels }()
	default:
		return later(http.StatusServiceUnavailable, "Usage of MaxParcels gateways is being taken.", parcelRetry)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, usage.MaxParcel))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refused(http.StatusRequestEntityTooLarge, problem.CodeTooLarge, "The parcel has more than MaxParcel bytes.")
	}
	if err != nil {
		return later(http.StatusServiceUnavailable, "The parcel did not come whole.", parcelRetry)
	}
	parcel, err := usage.DecodeParcel(body)
	if err != nil {
		return refused(http.StatusBadRequest, problem.CodeValidation, err.Error()+".")
	}
	if parcel.Instance != c.instance {
		return refused(http.StatusBadRequest, problem.CodeValidation, "The parcel is another instance's than its request.")
	}
	if err := s.o.Usage.Take(r.Context(), string(c.service), c.token.Gateway, parcel); err != nil {
		return err
	}
	s.stats.parcels.Add(1)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
