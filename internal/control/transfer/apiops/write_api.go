package apiops

import (
	"fmt"
	"path"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

// derived returns the properties of the operations and schemas that reading
// the folder makes by itself: those of specifications, and the handshakes of
// WebSocket APIs. They need no file.
func derived(c *transfer.Configuration) map[model.Key][]byte {
	out := map[model.Key][]byte{}
	keep := func(r model.Resource) {
		if properties, err := model.Encode(r); err == nil {
			out[r.ResourceID().Key()] = properties
		}
	}
	for _, r := range c.Resources {
		a, ok := r.(*model.API)
		if !ok {
			continue
		}
		if a.Type == model.APIWebSocket {
			keep(handshake(a.ID))
		}
		s, ok := c.Specifications[a.ID.Key()]
		if !ok || s.Format != transfer.FormatOpenAPI {
			continue
		}
		imported, _ := openapi.Read(a.ID, s.Data, openapi.Options{QueryStaysQuery: queryStays(a)})
		for _, o := range imported.Operations {
			keep(o)
		}
		if imported.Schema != nil {
			keep(imported.Schema)
		}
	}
	return out
}

// specification writes the specification of an API as it was read. One whose
// operations are no longer all there cannot be written: reading it would bring
// them back.
func (w *writer) specification(a *model.API) {
	s, ok := w.configuration.Specifications[a.ID.Key()]
	if !ok {
		return
	}
	dir, _, ok := w.place(a.ID)
	if !ok {
		return
	}
	for key := range w.derived {
		id := model.ID(key)
		if id.Kind() != model.KindOperation || id.Parent().Key() != a.ID.Key() {
			continue
		}
		if _, ok := w.configuration.Find(id); !ok {
			w.fail(a.ID, fmt.Sprintf("its specification has the operation %q, which the configuration does not have", id.Name()),
				"leave the specification out; operations then have files of their own")
			return
		}
	}
	if path.Base(s.File) != s.File {
		w.fail(a.ID, fmt.Sprintf("%q is not the name of a specification file", s.File), "")
		return
	}
	w.put(a.ID, path.Join(dir, s.File), s.Data)
}
