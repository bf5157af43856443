package apis

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/description"
	"github.com/sallyport/sallyport/internal/model"
)

// takeDocument reads the document that a request brings, or links to, and gives
// the API what the document says and the request does not. It returns nil where
// there is no document.
func takeDocument(s *resource.Session, e, old *resource.Entity, w *work) (*transfer.Import, error) {
	format, value := e.Text("format"), e.Text("value")
	switch {
	case format == "" && value == "":
		return nil, nil
	case value == "":
		return nil, resource.Invalid("properties.value",
			"the format %s is given without a document: give its text, or its URL where the format ends in -link", format)
	case format == "":
		return nil, resource.Invalid("properties.format", "a document is given without its format, such as openapi or openapi-link")
	}
	options := documentOptions(e)
	data := []byte(value)
	if description.Linked(format) {
		fetched, err := s.Fetch("properties.value", value)
		if err != nil {
			return nil, err
		}
		data, options.File = fetched, value
	}
	imported, problems := description.Read(model.ID(e.ID.Relative()), format, data, options)
	if problems.HasErrors() {
		return nil, problems.ToError("The document cannot be imported.").WithTarget("properties.value")
	}
	w.document = document{format: format, data: data}
	return imported, fillFrom(e, old, imported)
}

// documentOptions are what a request says of how its document is read.
func documentOptions(e *resource.Entity) description.Options {
	options := description.Options{
		APIType:         model.APIType(strings.ToLower(cmp.Or(e.Text("apiType"), e.Text("type")))),
		QueryStaysQuery: strings.EqualFold(e.Text("translateRequiredQueryParameters"), "query"),
	}
	if selector, ok := e.Properties()["wsdlSelector"].(map[string]any); ok {
		options.WSDLService = textOf(selector["wsdlServiceName"])
		options.WSDLEndpoint = textOf(selector["wsdlEndpointName"])
	}
	return options
}

// described are the properties that a document may say.
var described = []string{
	"displayName", "description", "type", "serviceUrl", "protocols", "termsOfServiceUrl", "contact", "license",
}

// fillFrom gives an API what neither the request nor, in a new import, the
// document leaves out.
func fillFrom(e, old *resource.Entity, imported *transfer.Import) error {
	says, err := propertiesOf(&imported.Properties)
	if err != nil {
		return err
	}
	for _, name := range described {
		value, said := says[name]
		if given, ok := e.Properties()[name]; said && (!ok || given == "") {
			e.Set(name, value)
		}
	}
	if old == nil {
		// Some documents have no title: then the API is called as what it serves.
		if url := e.Text("serviceUrl"); e.Text("displayName") == "" && url != "" {
			e.Set("displayName", url)
		}
		return nil
	}
	for name, value := range old.Clone().Properties() {
		e.SetDefault(name, value)
	}
	return nil
}

// propertiesOf are the properties of a resource of the model as a body has them.
func propertiesOf(r model.Resource) (map[string]any, error) {
	raw, err := model.Encode(r)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var properties map[string]any
	if err := d.Decode(&properties); err != nil {
		return nil, fmt.Errorf("reading the properties of %s: %w", r.ResourceID(), err)
	}
	return properties, nil
}

// importInto replaces the schemas and the operations of an API by those of a
// document, and keeps the document beside them.
func importInto(s *resource.Session, e *resource.Entity, w *work) error {
	imported := w.imported
	if err := importSchemas(s, e, imported); err != nil {
		return err
	}
	i := &importing{s: s, api: e.ID, names: map[model.Key]resource.ID{}}
	if err := i.operations(imported.Operations); err != nil {
		return err
	}
	if err := i.policies(imported.Policies); err != nil {
		return err
	}
	sums, err := digests(s, slices.Collect(maps.Values(i.names)))
	if err != nil {
		return err
	}
	if err := describe(s, e.ID, w.document, sums); err != nil {
		return err
	}
	if e.ID.Workspace() != "" {
		return nil // Operations of workspaces have no tags.
	}
	return i.tags(imported.Tags)
}

func importSchemas(s *resource.Session, e *resource.Entity, imported *transfer.Import) error {
	fresh := map[string]bool{}
	for _, schema := range imported.Schemas {
		fresh[strings.ToLower(schema.ID.Name())] = true
		properties, err := propertiesOf(schema)
		if err != nil {
			return err
		}
		if err := s.Store(e.ID.Child("schemas", schema.ID.Name()), resource.Object(properties)); err != nil {
			return err
		}
	}
	var stale []resource.ID
	for schema, err := range s.Collection(e.ID + "/schemas") {
		if err != nil {
			return err
		}
		if !fresh[strings.ToLower(schema.ID.Name())] {
			stale = append(stale, schema.ID)
		}
	}
	for _, id := range stale {
		if err := s.Drop(id); err != nil {
			return err
		}
	}
	return nil
}
