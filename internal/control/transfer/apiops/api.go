package apiops

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// handshakeOperation is the one operation of a WebSocket API, which API
// Management makes by itself.
const handshakeOperation = "onHandshake"

// api reads the folder of an API or of one of its revisions.
func (r *reader) api(e *entry, dir, text string, err error, id model.ID) {
	if !r.information(e, path.Join(dir, e.file), text, err, id) {
		return
	}
	a, ok := r.out.resources[len(r.out.resources)-1].(*model.API)
	if !ok {
		return
	}
	r.specification(dir, a)
	if a.Type == model.APIWebSocket {
		r.put(handshake(id), r.out.sources[id.Key()], nil)
	}
	operations := r.operationNames()
	later := servedLater(a, r.out.specifications[id.Key()])
	r.policy(dir, id)
	for _, j := range r.collections(r.list(dir), dir, id, e.children) {
		if j.entry.collection == "operations" {
			r.operation(j, operations, later)
			continue
		}
		r.member(j.entry, j.dir, j.name, j.parent)
	}
}

func handshake(api model.ID) *model.Operation {
	return &model.Operation{
		ID: api.Child("operations", handshakeOperation), DisplayName: "onHandshake", Method: "GET", URLTemplate: "/",
	}
}

// operationNames returns the names of the operations that were read, by
// themselves and as the import normalizes them, in lower case.
func (r *reader) operationNames() map[string]string {
	names := map[string]string{}
	for _, resource := range r.out.resources {
		if o, ok := resource.(*model.Operation); ok {
			names[openapi.Normalize(o.ID.Name())] = o.ID.Name()
		}
	}
	for _, resource := range r.out.resources {
		if o, ok := resource.(*model.Operation); ok {
			names[strings.ToLower(o.ID.Name())] = o.ID.Name()
		}
	}
	return names
}

// operation reads the folder of an operation. The operation comes from the
// specification, or from a file of ours that then wins; a folder of an
// operation that is in neither is an error.
// The operations of an API that is served later are not known: their policies
// are kept as they are.
func (r *reader) operation(j job, names map[string]string, later bool) {
	name, known := names[strings.ToLower(j.name)]
	if !known {
		name = j.name
	}
	id, err := model.ParseID(string(j.parent.Child(j.entry.collection, name)))
	if err != nil {
		r.add(problem.Location{File: j.dir}, err.Error(), "rename the folder")
		return
	}
	r.list(j.dir)
	file := path.Join(j.dir, j.entry.file)
	text, err := r.text(file, MaxInformationSize, "MaxInformationSize")
	if !errors.Is(err, errMissing) {
		r.drop(id)
		known = r.information(j.entry, file, text, err, id)
		if !known {
			return
		}
	}
	if !known && later {
		r.keep(path.Join(j.dir, policyFile))
		return
	}
	if !known {
		at := j.dir
		if r.listed[j.dir][policyFile] {
			at = path.Join(j.dir, policyFile)
		}
		r.add(problem.Location{File: at, Resource: string(id)}, fmt.Sprintf("the API has no operation %q", j.name),
			"the folder of an operation is named as its operationId in the specification")
		return
	}
	r.policy(j.dir, id)
	r.below(j.entry, j.dir, id)
}

// servedLater reports whether the operations of an API come from a
// specification that is not read yet.
func servedLater(a *model.API, s transfer.Specification) bool {
	switch a.Type {
	case model.APISOAP, model.APIGraphQL, model.APIOData, model.APIGRPC:
		return true
	default:
		return s.Format != "" && s.Format != transfer.FormatOpenAPI
	}
}

// keep keeps a file that is not served yet, so that writing loses nothing.
func (r *reader) keep(file string) {
	text, err := r.text(file, MaxPolicySize, "MaxPolicySize")
	if err != nil {
		if !errors.Is(err, errMissing) {
			r.add(problem.Location{File: file}, err.Error(), "")
		}
		return
	}
	r.out.kept[file] = []byte(text)
	r.warning(problem.Location{File: file}, "the policy is kept, but its operation is not served yet", "")
}

// drop takes out an operation of the specification that a file of its own
// replaces.
func (r *reader) drop(id model.ID) {
	kept := r.out.resources[:0]
	for _, resource := range r.out.resources {
		if resource.Kind() != model.KindOperation || !resource.ResourceID().Equal(id) {
			kept = append(kept, resource)
		}
	}
	r.out.resources = kept
	delete(r.out.sources, id.Key())
}

// specificationFiles are the names that a specification may have.
func specificationFiles() []struct {
	name   string
	format transfer.SpecificationFormat
} {
	return []struct {
		name   string
		format transfer.SpecificationFormat
	}{
		{specificationBase + ".yaml", transfer.FormatOpenAPI},
		{specificationBase + ".yml", transfer.FormatOpenAPI},
		{specificationBase + ".json", transfer.FormatOpenAPI},
		{specificationBase + ".graphql", transfer.FormatGraphQL},
		{specificationBase + ".wsdl", transfer.FormatWSDL},
		{specificationBase + ".wadl", transfer.FormatWADL},
	}
}

// specification finds and reads the specification of an API, which may be
// absent.
func (r *reader) specification(dir string, a *model.API) {
	found := ""
	for _, s := range specificationFiles() {
		file := path.Join(dir, s.name)
		data, err := r.read(file, MaxSpecificationSize, "MaxSpecificationSize")
		if errors.Is(err, errMissing) {
			continue
		}
		if err != nil {
			r.add(problem.Location{File: file, Resource: string(a.ID)}, err.Error(), "")
			continue
		}
		if found != "" {
			r.add(problem.Location{File: file, Resource: string(a.ID)},
				"the API has a second specification, besides "+found, "keep one of them")
			continue
		}
		found = s.name
		r.out.specifications[a.ID.Key()] = transfer.Specification{Format: s.format, File: s.name, Data: data}
		if s.format != transfer.FormatOpenAPI {
			r.warning(problem.Location{File: file, Resource: string(a.ID)},
				fmt.Sprintf("%s specifications are kept, but their APIs are not served yet", s.format), "")
			continue
		}
		r.openapi(file, data, a)
	}
}

// openapi puts the operations and the schema of a specification.
func (r *reader) openapi(file string, data []byte, a *model.API) {
	imported, problems := openapi.Read(a.ID, data, openapi.Options{File: file, QueryStaysQuery: queryStays(a)})
	r.out.problems = append(r.out.problems, problems...)
	if a.ServiceURL == "" {
		a.ServiceURL = imported.ServiceURL
	}
	for _, o := range imported.Operations {
		at := imported.Positions[o.ID.Key()]
		r.put(o, transfer.Source{File: file, Line: at.Line, Column: at.Column}, nil)
	}
	if imported.Schema != nil {
		r.put(imported.Schema, transfer.Source{File: file}, nil)
	}
}

// queryStays reads the property translateRequiredQueryParameters, which belongs
// to the import and not to the API.
func queryStays(a *model.API) bool {
	return string(a.Rest["translateRequiredQueryParameters"]) == `"query"`
}
