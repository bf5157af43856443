package apiops

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// WriteOptions say what is written.
type WriteOptions struct {
	// Secrets writes subscription keys, the values of secret named values,
	// certificates and hashes of passwords, which API Management's own exports leave out. A value that
	// came from the environment or a file is never written; its source is.
	Secrets bool
}

// Write writes a configuration to a folder, which is made where it is missing.
// Each file is written whole or not at all. Files that are in the folder and
// not in the configuration stay.
func Write(dir string, c *transfer.Configuration, o WriteOptions) error {
	files, problems := Files(c, o)
	if err := problems.Err(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), files[name]); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// writeFile replaces a file by renaming.
func writeFile(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dir, ".sallyport-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// Files returns what Write writes: the contents by path, with slashes.
func Files(c *transfer.Configuration, o WriteOptions) (map[string][]byte, problem.Problems) {
	w := &writer{
		configuration: c, options: o, entries: layout(), files: map[string][]byte{},
		spelled: map[string]string{}, derived: derived(c),
	}
	for _, r := range c.Resources {
		w.resource(r)
	}
	for _, r := range c.Resources {
		if a, ok := r.(*model.API); ok {
			w.specification(a)
		}
	}
	w.portal(c)
	for _, name := range slices.Sorted(maps.Keys(c.Kept)) {
		w.put("", name, c.Kept[name])
	}
	w.problems.Sort()
	return w.files, w.problems
}

type writer struct {
	configuration *transfer.Configuration
	options       WriteOptions
	entries       []*entry
	files         map[string][]byte
	spelled       map[string]string // Paths in lower case, to find clashes.
	derived       map[model.Key][]byte
	problems      problem.Problems
}

func (w *writer) fail(id model.ID, message, hint string) {
	w.problems = append(w.problems, problem.Problem{
		Location: problem.Location{Resource: string(id)}, Message: message, Hint: hint,
	})
}

func (w *writer) put(id model.ID, name string, data []byte) {
	if !fs.ValidPath(name) {
		w.fail(id, fmt.Sprintf("%q is not the path of a file in a folder", name), "")
		return
	}
	folded := strings.ToLower(name)
	if _, ok := w.spelled[folded]; ok {
		w.fail(id, fmt.Sprintf("another resource has the same file, %s", name), "")
		return
	}
	w.spelled[folded] = name
	w.files[name] = data
}

func (w *writer) resource(r model.Resource) {
	id := r.ResourceID()
	switch r := r.(type) {
	case *model.Service:
		w.information(id, serviceFile, "", w.properties(r, nil))
		return
	case *model.Policy:
		w.policy(r)
		return
	case *model.Link:
		w.link(r)
		return
	}
	dir, e, ok := w.place(id)
	if !ok {
		w.fail(id, "the folder layout has no place for it", "")
		return
	}
	switch r := r.(type) {
	case *model.PolicyFragment:
		w.put(id, path.Join(dir, policyFile), []byte(r.Value))
		w.information(id, path.Join(dir, e.file), "", w.beside(r, r.Format))
		return
	case *model.Workspace:
		if bytes.Equal(w.properties(r, nil), []byte("{}")) && w.occupied(id) {
			return
		}
	case *model.Operation, *model.Schema:
		properties := w.properties(r, nil)
		if bytes.Equal(properties, w.derived[id.Key()]) {
			return
		}
		w.information(id, path.Join(dir, e.file), "", properties)
		return
	}
	w.information(id, path.Join(dir, e.file), "", w.properties(r, w.configuration.ValueSources[id.Key()]))
}

// occupied reports whether anything is in a workspace: its folder then needs no
// file of its own.
func (w *writer) occupied(workspace model.ID) bool {
	return slices.ContainsFunc(w.configuration.Resources, func(r model.Resource) bool {
		return r.ResourceID().Workspace().Equal(workspace) && !r.ResourceID().Equal(workspace)
	})
}

// beside returns the properties of a policy or a fragment that its policy.xml
// does not say. A policy.xml by itself is raw XML.
func (w *writer) beside(r model.Resource, format model.PolicyFormat) []byte {
	switch format {
	case model.PolicyRawXML:
		return without(w.properties(r, nil), "value", "format")
	case "":
		copied, err := model.Clone(r)
		if err != nil {
			w.fail(r.ResourceID(), err.Error(), "")
			return []byte("{}")
		}
		switch c := copied.(type) {
		case *model.Policy:
			c.Format = model.PolicyXML
		case *model.PolicyFragment:
			c.Format = model.PolicyXML
		}
		return without(w.properties(copied, nil), "value")
	default:
		return without(w.properties(r, nil), "value")
	}
}

// policy writes policy.xml, and what it cannot say beside it.
func (w *writer) policy(p *model.Policy) {
	dir := "."
	if scope := p.Scope(); scope != "" {
		var ok bool
		if dir, _, ok = w.place(scope); !ok {
			w.fail(p.ID, "the folder layout has no place for it", "")
			return
		}
	}
	w.put(p.ID, path.Join(dir, policyFile), []byte(p.Value))
	if rest := w.beside(p, p.Format); !bytes.Equal(rest, []byte("{}")) {
		w.information(p.ID, path.Join(dir, policyInformationFile), "", rest)
	}
}

// link writes an association as an empty object, and a link resource with its
// name.
func (w *writer) link(l *model.Link) {
	id := l.ID
	folder, name, holder := l.ID.Name(), "", id.Parent()
	member, err := l.Member()
	if err != nil {
		w.fail(id, err.Error(), "")
		return
	}
	reversed := id.Collection() == "tags" && id.Kind() != model.KindOperationTag
	switch {
	case reversed:
		holder, folder = l.Holder(), member.Name()
	case strings.HasSuffix(id.Collection(), "Links"):
		name, folder = id.Name(), member.Name()
	}
	if id.Kind() == model.KindOperationTag && name != "" {
		folder = name
	}
	dir, e, ok := w.place(holder)
	if !ok {
		w.fail(id, "the folder layout has no place for it", "")
		return
	}
	collection := id.Collection()
	if reversed {
		collection = member.Collection()
	}
	below := byCollection(e.children, collection)
	if below == nil {
		w.fail(id, "the folder layout has no place for it", "")
		return
	}
	w.information(id, path.Join(dir, below.folder, folder, below.file), name, w.properties(l, nil))
}

// place returns the folder of a resource, and its entry.
func (w *writer) place(id model.ID) (dir string, e *entry, ok bool) {
	if _, err := model.ParseID(string(id)); err != nil {
		return "", nil, false // Such a name could lead out of the folder.
	}
	entries, segments := w.entries, strings.Split(string(id), "/")
	for i := 0; i+1 < len(segments); i += 2 {
		if e = byCollection(entries, segments[i]); e == nil {
			return "", nil, false
		}
		dir = path.Join(dir, e.folder, segments[i+1])
		entries = e.children
	}
	return dir, e, e != nil
}

// information writes an information file. Properties are canonical JSON; an
// association without any is an empty object.
func (w *writer) information(id model.ID, file, name string, properties []byte) {
	members := map[string]any{}
	if name != "" {
		members["name"] = name
	}
	if name != "" || !bytes.Equal(properties, []byte("{}")) || !isLink(id.Kind()) {
		members["properties"] = json.RawMessage(properties)
	}
	if from := w.configuration.ValueSources[id.Key()]; len(from) > 0 {
		members[additionsMember] = map[string]any{"valueFrom": from}
	}
	data, err := indented(members)
	if err != nil {
		w.fail(id, err.Error(), "")
		return
	}
	w.put(id, file, data)
}

func isLink(k model.Kind) bool {
	switch k {
	case model.KindProductAPI, model.KindProductGroup, model.KindGroupUser, model.KindGatewayAPI,
		model.KindAPITag, model.KindProductTag, model.KindOperationTag:
		return true
	default:
		return false
	}
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// properties returns those of a resource that are written: not the secrets,
// unless they were asked for, and not what is elsewhere.
func (w *writer) properties(r model.Resource, elsewhere map[string]transfer.ValueSource) []byte {
	properties, err := model.Encode(r)
	if err != nil {
		w.fail(r.ResourceID(), err.Error(), "")
		return []byte("{}")
	}
	if !w.options.Secrets {
		properties = without(properties, secrets(r)...)
	}
	return without(properties, slices.Sorted(maps.Keys(elsewhere))...)
}

// secrets lists the properties of a resource that are secret.
func secrets(r model.Resource) []string {
	switch r := r.(type) {
	case *model.Subscription:
		return []string{"primaryKey", "secondaryKey", "sallyportPreviousPrimaryKey", "sallyportPreviousSecondaryKey"}
	case *model.NamedValue:
		if r.Secret {
			return []string{"value"}
		}
	case *model.Certificate:
		return []string{"data", "password"}
	case *model.User:
		return []string{"passwordHash"}
	}
	return nil
}

// without takes properties, by their paths, out of canonical JSON.
func without(properties []byte, paths ...string) []byte {
	if len(paths) == 0 {
		return properties
	}
	var tree map[string]json.RawMessage
	if err := json.Unmarshal(properties, &tree); err != nil {
		return properties // It was encoded just now.
	}
	for _, p := range paths {
		name, below, nested := strings.Cut(p, ".")
		if !nested {
			delete(tree, name)
		} else if tree[name] != nil {
			tree[name] = without(tree[name], below)
		}
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return properties // As above.
	}
	out, err := model.Canonical(raw)
	if err != nil {
		return properties // As above.
	}
	return out
}
