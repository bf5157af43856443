package apis

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer/export"
	"github.com/sallyport/sallyport/internal/model"
)

// exportAPI answers a GET with export=true: with a link to the description of the
// API in the format that is asked for.
func exportAPI(s *resource.Session, e *resource.Entity) (resource.Result, bool, error) {
	if !s.Call.Bool("export") {
		return resource.Result{}, false, nil
	}
	format := s.Call.Query["format"]
	if !export.Known(format) {
		return resource.Result{}, false, resource.Invalid("format",
			"%q is not a format of exports: give openapi-link, openapi+json-link, swagger-link, wadl-link or wsdl-link", format)
	}
	link, err := s.ExportLink(e.ID, format)
	if err != nil {
		return resource.Result{}, false, err
	}
	value := map[string]any{"link": link}
	body := map[string]any{"id": string(e.ID), "format": export.ResultFormat(format), "value": value}
	if e.ID.Workspace() != "" {
		// The two levels differ, and clients of workspaces read the one or the other.
		body["properties"] = map[string]any{"format": body["format"], "value": value}
	}
	return resource.Result{Body: body}, true, nil
}

// Exporter describes APIs in the formats of exports.
type Exporter struct{}

// Export returns the description of an API in a format. It fails with a problem
// where there is no such API, or it cannot be described so.
func (Exporter) Export(s *resource.Session, id resource.ID, format string) (resource.Document, error) {
	source, err := sourceOf(s, id)
	if err != nil {
		return resource.Document{}, err
	}
	document, problems := export.Write(format, source)
	if problems.HasErrors() {
		return resource.Document{}, problems.ToError("The API cannot be exported.").WithTarget(string(id))
	}
	return resource.Document{ContentType: document.ContentType, Data: document.Data}, nil
}

// sourceOf collects what an API is described from.
func sourceOf(s *resource.Session, id resource.ID) (export.Source, error) {
	kept, err := s.Locate(id)
	if err != nil {
		return export.Source{}, err
	}
	api, err := s.Get(kept)
	if err != nil {
		return export.Source{}, err
	}
	source := export.Source{Tags: map[model.Key][]string{}}
	if source.API, err = modelOf[*model.API](api); err != nil {
		return export.Source{}, err
	}
	if source.Operations, err = modelsOf[*model.Operation](s, api.ID+"/operations"); err != nil {
		return export.Source{}, err
	}
	if source.Schemas, err = modelsOf[*model.Schema](s, api.ID+"/schemas"); err != nil {
		return export.Source{}, err
	}
	for _, operation := range source.Operations {
		tags, err := tagsOf(s, api.ID.Child("operations", operation.ID.Name()))
		if err != nil {
			return export.Source{}, err
		}
		for _, t := range tags {
			source.Tags[operation.ID.Key()] = append(source.Tags[operation.ID.Key()], t.name)
		}
	}
	source.Servers, err = serversOf(s, api)
	return source, err
}

// modelsOf are the resources of a collection, in the order of their names.
func modelsOf[R model.Resource](s *resource.Session, collection resource.ID) ([]R, error) {
	var all []R
	for e, err := range s.Collection(collection) {
		if err != nil {
			return nil, err
		}
		r, err := modelOf[R](e)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// modelOf is an entity as a resource of the model.
func modelOf[R model.Resource](e *resource.Entity) (R, error) {
	var none R
	raw, err := json.Marshal(e.Properties())
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", e.ID, err)
	}
	decoded, err := model.Decode(model.ID(e.ID.Relative()), raw)
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", e.ID, err)
	}
	r, ok := decoded.(R)
	if !ok {
		return none, fmt.Errorf("reading %s: it is no %T", e.ID, none)
	}
	return r, nil
}

// serversOf are the URLs at which the gateway serves an API.
func serversOf(s *resource.Session, api *resource.Entity) ([]string, error) {
	if s.GatewayURL == nil {
		return nil, nil
	}
	path := ""
	if api.Text("path") != "" {
		path = "/" + api.Text("path")
	}
	if set := api.Text("apiVersionSetId"); set != "" && api.Text("apiVersion") != "" {
		kept, err := s.Lookup(resource.ID(set))
		if err != nil {
			return nil, err
		}
		if kept != nil && kept.Text("versioningScheme") == string(model.VersionInSegment) {
			path += "/" + api.Text("apiVersion")
		}
	}
	if _, revision := resource.SplitRevision(api.ID.Name()); revision != "" {
		path += ";rev=" + revision
	}
	return []string{strings.TrimSuffix(s.GatewayURL(api.ID.Service().Name()), "/") + path}, nil
}
