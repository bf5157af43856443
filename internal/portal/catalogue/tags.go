package catalogue

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// tagged holds the tags of everything that has any: display names by the names of what is tagged,
// "echo", "echo/get" (an operation) and, in products, "starter"; qualified by the workspace, as all names are.
type tagged struct{ apis, operations, products map[string][]string }

func (t tagged) clone() tagged {
	return tagged{cloneMap(t.apis), cloneMap(t.operations), cloneMap(t.products)}
}

// forget drops the tags of an API that is gone.
func (t tagged) forget(api string) {
	delete(t.apis, api)
	maps.DeleteFunc(t.operations, func(name string, _ []string) bool { return strings.HasPrefix(name, api+"/") })
}

// replace puts the tags of what belongs to a workspace, "" for the service itself, in the place of those that are
// known.
func (t tagged) replace(workspace string, by tagged) {
	workspace = strings.ToLower(workspace)
	for _, m := range [][2]map[string][]string{{t.apis, by.apis}, {t.operations, by.operations}, {t.products, by.products}} {
		maps.DeleteFunc(m[0], func(name string, _ []string) bool { return belongs(name, workspace) })
		for name, tags := range m[1] {
			m[0][name] = ordered(tags)
		}
	}
}

// belongs reports whether a qualified name, perhaps with that of an operation behind it, is of a workspace.
func belongs(name, workspace string) bool {
	of, _ := client.WorkspaceOf(name)
	return of == workspace
}

func newTagged() tagged {
	return tagged{apis: make(map[string][]string), operations: make(map[string][]string), products: make(map[string][]string)}
}

// of returns the map and the name in it that belong to a path below the service: "apis/echo",
// "apis/echo/operations/get", "products/starter".
func (t tagged) of(path string) (m map[string][]string, name string) {
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "apis":
		return t.apis, parts[1]
	case len(parts) == 4 && parts[0] == "apis" && parts[2] == "operations":
		return t.operations, parts[1] + "/" + parts[3]
	case len(parts) == 2 && parts[0] == "products":
		return t.products, parts[1]
	}
	return nil, ""
}

// ordered brings tags into the order in which they are shown, each once.
func ordered(tags []string) []string {
	slices.SortFunc(tags, func(a, b string) int { return byName(a, a, b, b) })
	return slices.Compact(tags)
}

// tagsOf reads the tags of one API, operation or product, which may be gone.
func (r *reading) tagsOf(ctx context.Context, path string) error {
	m, name := r.records.tagged.of(path)
	if m == nil {
		return nil
	}
	var tags []string
	escaped := client.Path(strings.Split(path, "/")...)
	err := list(ctx, r, escaped+"/tags", MaxTagged, func(t client.Resource[client.Tag]) {
		tags = append(tags, cmp.Or(t.Properties.DisplayName, t.Name))
	})
	if err != nil && !client.IsNotFound(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(tags) == 0 {
		delete(m, name)
	} else {
		m[name] = ordered(tags)
	}
	return nil
}

// identified is what the list of tags says of what is tagged.
type identified struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// tagResource is an item of that list; one of API, Operation and Product is set.
type tagResource struct {
	Tag       identified  `json:"tag"`
	API       *identified `json:"api"`
	Operation *identified `json:"operation"`
	Product   *identified `json:"product"`
}

// tags reads which tags everything of the service itself has, in one list.
func (r *reading) tags(ctx context.Context) error {
	t := newTagged()
	err := items(ctx, r, "tagResources", MaxTagged, func(item tagResource) {
		switch {
		case item.API != nil:
			add(t.apis, apiName(item.API.ID), item.Tag.Name)
		case item.Operation != nil:
			api, operation, _ := strings.Cut(strings.ToLower(item.Operation.ID), "/operations/")
			add(t.operations, apiName(api)+"/"+operation, item.Tag.Name)
		case item.Product != nil:
			add(t.products, lastName(item.Product.ID), item.Tag.Name)
		}
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records.tagged.replace("", t)
	return nil
}

func add(m map[string][]string, name, tag string) {
	if name != "" && tag != "" {
		m[name] = append(m[name], tag)
	}
}
