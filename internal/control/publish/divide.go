package publish

import (
	"log/slog"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// Part is what one revision changed of one service.
type Part struct {
	Service ID
	// Delta is what of it gateways need. Its base is not set.
	Delta *snapshot.Delta
	// Gone says that the service was deleted.
	Gone bool
}

// Divide sorts out what a revision changed of which service. What cannot be
// published is logged and stays as it was.
func Divide(s *resource.Session, change store.Change, log *slog.Logger) ([]*Part, error) {
	var parts []*Part
	found := map[store.Key]*Part{}
	for _, v := range change.Versions {
		id := ID(v.ID)
		service := id.Service() // "" for what the program keeps for itself.
		if service == "" {
			continue
		}
		part := found[service.Key()]
		if part == nil {
			part = &Part{Service: service, Delta: &snapshot.Delta{Revision: uint64(change.Revision)}}
			found[service.Key()] = part
			parts = append(parts, part)
		}
		part.Gone = part.Gone || isService(id) && v.Deleted
		after, err := s.Decode(v)
		if err != nil {
			return nil, err
		}
		if err := extend(s, part.Delta, id, after); err != nil {
			log.Error("a stored resource cannot be published", slog.String("resource", v.ID), slog.Any("error", err))
		}
	}
	return parts, nil
}
