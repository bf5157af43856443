package apiops

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// information reads an information file into a resource. Err is that of
// reading the file. It reports whether there is one.
func (r *reader) information(e *entry, file, text string, err error, id model.ID) bool {
	if errors.Is(err, errMissing) && (e.bare || model.IsBuiltInGroup(id)) {
		return false
	}
	root, ok := r.object(file, text, err)
	if !ok {
		return false
	}
	properties, ok := r.properties(file, root)
	if !ok {
		return false
	}
	return r.decode(file, properties, root.Get(additionsMember), id) != nil
}

// object parses an information file.
func (r *reader) object(file, text string, err error) (*document.Node, bool) {
	if err != nil {
		hint := ""
		if errors.Is(err, errMissing) {
			hint = "each resource needs its information file"
		}
		r.add(problem.Location{File: file}, err.Error(), hint)
		return nil, false
	}
	root, err := document.ParseJSON([]byte(text))
	if err != nil {
		r.syntax(file, err)
		return nil, false
	}
	if !root.Is(document.Object) {
		r.at(file, root, "", "the file holds "+root.Kind.String()+", not an object", `write {"properties": {…}}`)
		return nil, false
	}
	for i := range root.Members {
		switch m := &root.Members[i]; m.Name {
		case "properties", "name", additionsMember, "id", "type":
		default:
			r.warn(file, m.Value, m.Name, "is not part of the layout, and is ignored", "properties of the resource stand below properties")
		}
	}
	return root, true
}

// properties returns the member of that name; absent ones are empty.
func (r *reader) properties(file string, root *document.Node) (*document.Node, bool) {
	properties := root.Get("properties")
	switch {
	case properties == nil || properties.Is(document.Null):
		return &document.Node{Kind: document.Object, Line: root.Line, Column: root.Column}, true
	case !properties.Is(document.Object):
		r.at(file, properties, "properties", "is "+properties.Kind.String()+", not an object", "")
		return nil, false
	default:
		return properties, true
	}
}

// decode makes a resource of properties, overrides and values that are
// elsewhere, and checks it by itself. It returns nil where it cannot.
func (r *reader) decode(file string, properties, additions *document.Node, id model.ID) model.Resource {
	properties, sources := r.valuesFrom(file, properties, additions)
	if o := r.over.byKey[id.Key()]; o != nil {
		properties = merge(properties, o.properties)
		var more map[string]transfer.ValueSource
		properties, more = r.valuesFrom(r.over.file, properties, o.additions)
		for name, source := range more {
			if sources == nil {
				sources = map[string]transfer.ValueSource{}
			}
			sources[name] = source
		}
	}
	resource, err := model.Decode(id, properties.AppendJSON(nil))
	if err != nil {
		location := problem.Location{File: file, Resource: string(id)}
		message := err.Error()
		if wrong, ok := errors.AsType[*model.WrongTypeError](err); ok {
			message = "must not be a " + wrong.Value
			location.Element = cmp.Or(wrong.Element, "properties")
			r.locate(&location, properties)
		}
		r.add(location, message, "")
		return nil
	}
	if len(sources) > 0 {
		r.out.valueSources[id.Key()] = sources
	}
	line, column := properties.Position()
	r.put(resource, transfer.Source{File: file, Line: line, Column: column}, properties)
	return resource
}

// link reads the folder of a link.
func (r *reader) link(e *entry, file, name, text string, err error, parent model.ID) {
	root, ok := r.object(file, text, err)
	if !ok {
		return
	}
	properties, ok := r.properties(file, root)
	if !ok {
		return
	}
	named := ""
	if properties.Get(e.link.property).String() != "" {
		if named = root.Get("name").String(); named == "" {
			named = name
		}
	}
	if named == "" && e.link.collection == "operationLinks" {
		r.at(file, root, e.link.property, "is missing", "a tag's operation is named by operationId, as in /apis/a/operations/o")
		return
	}
	id, err := model.ParseID(string(e.linkID(parent, name, named)))
	if err != nil {
		r.add(problem.Location{File: path.Dir(file)}, err.Error(), "rename the folder")
		return
	}
	r.decode(file, properties, root.Get(additionsMember), id)
}

// policy reads the policy of a scope, which may be absent. Its file is raw XML
// unless a file of ours beside it says otherwise.
func (r *reader) policy(dir string, scope model.ID) {
	file := path.Join(dir, policyFile)
	text, err := r.text(file, MaxPolicySize, "MaxPolicySize")
	id := model.PolicyID(scope)
	if errors.Is(err, errMissing) {
		return
	}
	if err != nil {
		r.add(problem.Location{File: file, Resource: string(id)}, err.Error(), "")
		return
	}
	properties := &document.Node{Kind: document.Object}
	information := path.Join(dir, policyInformationFile)
	extra, err := r.text(information, MaxInformationSize, "MaxInformationSize")
	if !errors.Is(err, errMissing) {
		root, ok := r.object(information, extra, err)
		if !ok {
			return
		}
		if properties, ok = r.properties(information, root); !ok {
			return
		}
	}
	r.decode(file, withText(properties, text), nil, id)
}

// fragment reads a policy fragment: its description and its text are in files
// of their own.
func (r *reader) fragment(e *entry, dir, text string, err error, id model.ID) {
	root, ok := r.object(path.Join(dir, e.file), text, err)
	if !ok {
		return
	}
	properties, ok := r.properties(path.Join(dir, e.file), root)
	if !ok {
		return
	}
	file := path.Join(dir, policyFile)
	value, err := r.text(file, MaxPolicySize, "MaxPolicySize")
	if err != nil {
		r.add(problem.Location{File: file, Resource: string(id)}, err.Error(), "each policy fragment needs its policy.xml")
		return
	}
	r.decode(file, withText(properties, value), root.Get(additionsMember), id)
}

// withText puts the text of a policy file in its properties. Positions in the
// text are its own, so the resource has none.
func withText(properties *document.Node, text string) *document.Node {
	out := &document.Node{Kind: document.Object}
	format := string(model.PolicyRawXML)
	for _, m := range properties.Members {
		switch m.Name {
		case "value":
		case "format":
			format = m.Value.String()
		default:
			out.Members = append(out.Members, m)
		}
	}
	scalar := func(name, text string) document.Member {
		return document.Member{Name: name, Value: &document.Node{Kind: document.String, Text: text}}
	}
	out.Members = append(out.Members, scalar("format", format), scalar("value", text))
	return out
}

// isYAML reports whether a file's name says that it is YAML.
func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

func (r *reader) add(location problem.Location, message, hint string) {
	r.out.problems = append(r.out.problems, problem.Problem{Location: location, Message: message, Hint: hint})
}

func (r *reader) warning(location problem.Location, message, hint string) {
	r.out.problems = append(r.out.problems, problem.Problem{
		Severity: problem.SeverityWarning, Location: location, Message: message, Hint: hint,
	})
}

// at reports an error at a value of a file.
func (r *reader) at(file string, n *document.Node, element, message, hint string) {
	line, column := n.Position()
	r.add(problem.Location{File: file, Line: line, Column: column, Element: element}, message, hint)
}

func (r *reader) warn(file string, n *document.Node, element, message, hint string) {
	line, column := n.Position()
	r.warning(problem.Location{File: file, Line: line, Column: column, Element: element}, message, hint)
}

func (r *reader) syntax(file string, err error) {
	location := problem.Location{File: file}
	message := err.Error()
	if at, ok := errors.AsType[*document.SyntaxError](err); ok {
		location.Line, location.Column, message = at.Line, at.Column, at.Message
	}
	kind := "JSON"
	if isYAML(file) {
		kind = "YAML"
	}
	r.add(location, fmt.Sprintf("the file is not %s: %s", kind, message), "")
}
