package odata

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/markup"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// system adds what every service has: the service document, its metadata and
// batches.
func (r *reader) system(at *markup.Element) {
	r.add(at, "Service document", "GET", "/", nil)
	r.add(at, "Metadata", "GET", "/$metadata", nil)
	r.add(at, "Batch", "POST", "/$batch", nil)
}

func (r *reader) container(c *markup.Element) {
	for _, e := range c.Children {
		if e.Name.Space != c.Name.Space || r.full {
			continue
		}
		name := e.Attribute("Name")
		switch e.Name.Local {
		case "EntitySet", "Singleton", "FunctionImport", "ActionImport":
			if !identifier(name) {
				r.fail(e, fmt.Sprintf("the name %q is not an identifier", clip(name)), "")
				continue
			}
		}
		switch e.Name.Local {
		case "EntitySet":
			r.entitySet(e, name)
		case "Singleton":
			r.singleton(e, name)
		case "FunctionImport":
			r.functionImport(e, name)
		case "ActionImport":
			r.add(e, "Call "+name, "POST", "/"+name, nil)
		}
	}
}

// identifier reports whether a name may stand in a URL as it is. OData's own
// rule allows letters of all scripts, digits and the underscore.
func identifier(name string) bool {
	if name == "" || len(name) > 128 {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`!"#$%&'()*+,/:;<=>?@[\]^{|}~`+"`", r)
	})
}

func (r *reader) entitySet(e *markup.Element, name string) {
	r.add(e, "List "+name, "GET", "/"+name, r.listOptions())
	r.add(e, "Create "+name, "POST", "/"+name, nil)
	if r.v4 {
		r.add(e, "Count "+name, "GET", "/"+name+"/$count", r.countOptions())
	}
	keys, ok := r.keys(e)
	if !ok {
		return
	}
	one := "/" + name + keyTemplate(keys)
	r.add(e, "Get "+name+" by key", "GET", one, oneOptions(), keys...)
	r.add(e, "Replace "+name, "PUT", one, nil, keys...)
	r.add(e, "Update "+name, "PATCH", one, nil, keys...)
	if !r.v4 {
		r.add(e, "Merge "+name, "MERGE", one, nil, keys...)
	}
	r.add(e, "Delete "+name, "DELETE", one, nil, keys...)
	r.add(e, "Navigate from "+name, "GET", one+"/*", r.listOptions(), keys...)
}

func (r *reader) singleton(e *markup.Element, name string) {
	r.add(e, "Get "+name, "GET", "/"+name, oneOptions())
	r.add(e, "Update "+name, "PATCH", "/"+name, nil)
	r.add(e, "Navigate from "+name, "GET", "/"+name+"/*", r.listOptions())
}

// keys returns the key properties of the set's entity type, as parameters. It
// is false where the type is in another document.
func (r *reader) keys(set *markup.Element) ([]model.Parameter, bool) {
	text := set.Attribute("EntityType")
	at := text
	for range MaxBases {
		types := r.find("EntityType", at)
		if len(types) == 0 {
			r.report(problem.SeverityWarning, set,
				fmt.Sprintf("the document has no entity type %q; the operations on one entity are left out", clip(at)), "")
			return nil, false
		}
		t := types[0]
		if key := t.First(t.Name.Space, "Key"); key != nil {
			return r.keyProperties(t, key)
		}
		if at = t.Attribute("BaseType"); at == "" {
			r.report(problem.SeverityWarning, set,
				fmt.Sprintf("the entity type %q has no key; the operations on one entity are left out", clip(text)), "")
			return nil, false
		}
	}
	r.fail(set, fmt.Sprintf("more than %d types are based on each other, perhaps in a circle (limit MaxBases)", MaxBases), "")
	return nil, false
}

func (r *reader) keyProperties(t, key *markup.Element) ([]model.Parameter, bool) {
	if out, ok := r.keysOf[t]; ok {
		return out, len(out) > 0
	}
	out := r.readKey(t, key)
	r.keysOf[t] = out
	return out, len(out) > 0
}

func (r *reader) readKey(t, key *markup.Element) []model.Parameter {
	types := map[string]string{}
	for property := range t.All(t.Name.Space, "Property") {
		types[property.Attribute("Name")] = property.Attribute("Type")
	}
	var out []model.Parameter
	seen := map[string]bool{}
	for ref := range key.All(t.Name.Space, "PropertyRef") {
		if len(out) == MaxParameters {
			r.fail(ref, fmt.Sprintf("the key has more than %d properties (limit MaxParameters)", MaxParameters), "")
			return nil
		}
		name := cmp.Or(ref.Attribute("Alias"), ref.Attribute("Name"))
		if !identifier(name) || seen[strings.ToLower(name)] {
			r.fail(ref, fmt.Sprintf("the key property %q is not an identifier, or is there twice", clip(name)), "")
			return nil
		}
		seen[strings.ToLower(name)] = true
		out = append(out, model.Parameter{Name: name, Type: jsonType(types[ref.Attribute("Name")]), Required: true})
	}
	if len(out) == 0 {
		r.fail(key, "the key names no property", "")
	}
	return out
}

// keyTemplate is how a key stands behind the set: "({Id})" and, with several
// properties, "(A={A},B={B})".
func keyTemplate(keys []model.Parameter) string {
	if len(keys) == 1 {
		return "({" + keys[0].Name + "})"
	}
	return named(keys)
}

func named(parameters []model.Parameter) string {
	parts := make([]string, len(parameters))
	for i := range parameters {
		parts[i] = parameters[i].Name + "={" + parameters[i].Name + "}"
	}
	return "(" + strings.Join(parts, ",") + ")"
}

// jsonType gives a type of OData the name that parameters have for it.
func jsonType(edm string) string {
	switch edm {
	case "Edm.Boolean":
		return "boolean"
	case "Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64":
		return "integer"
	case "Edm.Decimal", "Edm.Double", "Edm.Single":
		return "number"
	default:
		return "string"
	}
}

// functionImport adds an operation for each overload of a function: parameters
// stand in the path in version 4, and in the query before.
func (r *reader) functionImport(e *markup.Element, name string) {
	if !r.v4 {
		method := e.Attribute("HttpMethod")
		for _, a := range e.Attributes {
			if a.Name.Space == metadataSpace && a.Name.Local == "HttpMethod" {
				method = a.Value
			}
		}
		if method = strings.ToUpper(method); method != "POST" {
			method = "GET"
		}
		query, _ := r.parameters(e, false)
		r.add(e, "Call "+name, method, "/"+name, query)
		return
	}
	overloads := r.find("Function", e.Attribute("Function"))
	if len(overloads) == 0 {
		r.report(problem.SeverityWarning, e,
			fmt.Sprintf("the document has no function %q; the operation is left out", clip(e.Attribute("Function"))), "")
	}
	for _, f := range overloads {
		if f.Attribute("IsBound") == "true" {
			continue
		}
		if parameters, ok := r.parameters(f, true); ok {
			r.add(e, "Call "+name, "GET", "/"+name+named(parameters), nil, parameters...)
		}
	}
}

// parameters returns those of a function that are given in calls.
func (r *reader) parameters(f *markup.Element, required bool) ([]model.Parameter, bool) {
	var out []model.Parameter
	seen := map[string]bool{}
	for p := range f.All(f.Name.Space, "Parameter") {
		name := p.Attribute("Name")
		if mode := p.Attribute("Mode"); mode != "" && mode != "In" {
			continue
		}
		if !identifier(name) || seen[strings.ToLower(name)] {
			r.fail(p, fmt.Sprintf("the parameter %q is not an identifier, or is there twice", clip(name)), "")
			return nil, false
		}
		if len(out) == MaxParameters {
			r.fail(p, fmt.Sprintf("the function has more than %d parameters (limit MaxParameters)", MaxParameters), "")
			return nil, false
		}
		seen[strings.ToLower(name)] = true
		out = append(out, model.Parameter{
			Name: name, Type: jsonType(p.Attribute("Type")), Required: required || p.Attribute("Nullable") == "false",
		})
	}
	return out, true
}

// add makes an operation. Template are the parameters of the URL template.
func (r *reader) add(at *markup.Element, display, method, path string, query []model.Parameter, template ...model.Parameter) {
	if len(r.out.Operations) == MaxOperations {
		if !r.full {
			r.fail(at, fmt.Sprintf("the document makes more than %d operations (limit MaxOperations)", MaxOperations), "")
		}
		r.full = true
		return
	}
	base := openapi.Normalize(display)
	name := base
	for i := 1; r.names[name]; i++ {
		name = base + "-" + strconv.Itoa(i)
	}
	r.names[name] = true
	out := &model.Operation{
		ID: r.api.Child("operations", name), DisplayName: display, Method: method, URLTemplate: path, TemplateParameters: template,
	}
	if len(query) > 0 {
		out.Request = &model.Request{QueryParameters: query}
	}
	r.out.Operations = append(r.out.Operations, out)
	r.out.Positions[out.ID.Key()] = transfer.Position{Line: at.Line, Column: at.Column}
}

// listOptions are the query options of collections.
func (r *reader) listOptions() []model.Parameter {
	out := []model.Parameter{
		option("$filter", "string"), option("$select", "string"), option("$expand", "string"), option("$orderby", "string"),
		option("$top", "integer"), option("$skip", "integer"),
	}
	if r.v4 {
		return append(out, option("$count", "boolean"), option("$search", "string"))
	}
	return append(out, option("$inlinecount", "string"), option("$format", "string"))
}

func (r *reader) countOptions() []model.Parameter {
	return []model.Parameter{option("$filter", "string"), option("$search", "string")}
}

func oneOptions() []model.Parameter {
	return []model.Parameter{option("$select", "string"), option("$expand", "string")}
}

func option(name, typeName string) model.Parameter {
	return model.Parameter{Name: name, Type: typeName}
}
