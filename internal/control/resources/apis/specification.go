package apis

import (
	"bytes"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

// Specifications adds to a configuration of a service, whose resources are
// sorted, the OpenAPI documents of its APIs, as a folder has them. A document that
// would bring back what is no longer there is left out: the operations then have
// files of their own.
func Specifications(s *resource.Session, service resource.ID, c *transfer.Configuration) error {
	for _, r := range c.Resources {
		if r.Kind() != model.KindAPI {
			continue
		}
		e, err := s.Lookup((service + "/" + resource.ID(r.ResourceID())).Child(descriptionsName, original))
		if err != nil {
			return err
		}
		if e == nil || e.Text("format") != string(transfer.FormatOpenAPI) {
			continue
		}
		content, err := keptOf(e)
		if err != nil {
			return err
		}
		data, err := content.unpack()
		if err != nil {
			return err
		}
		if !allThere(c, r.ResourceID(), data) {
			continue
		}
		file := "specification.yaml"
		if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
			file = "specification.json"
		}
		c.Specifications[r.ResourceID().Key()] = transfer.Specification{Format: transfer.FormatOpenAPI, File: file, Data: data}
	}
	return nil
}

// allThere reports whether a configuration has all that reading the document
// makes.
func allThere(c *transfer.Configuration, api model.ID, data []byte) bool {
	imported, problems := openapi.Read(api, data, openapi.Options{})
	if problems.HasErrors() {
		return false
	}
	if imported.Schema != nil {
		if _, ok := c.Find(imported.Schema.ID); !ok {
			return false
		}
	}
	for _, o := range imported.Operations {
		if _, ok := c.Find(o.ID); !ok {
			return false
		}
	}
	return true
}
