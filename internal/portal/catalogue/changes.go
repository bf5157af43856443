package catalogue

import (
	"context"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// plan is what of the service is read again after a change. Names are qualified.
type plan struct {
	whole   bool
	service bool
	// tags says that those of the service itself are; spaceTags has the workspaces of which they are.
	tags bool
	// spaces are the workspaces that have changed themselves.
	spaces, spaceTags map[string]bool
	// sets are the places of which the version sets are read: workspaces, and "" for the service itself.
	sets           map[string]bool
	apis, products map[string]bool
	// tagged are the paths of APIs, operations and products whose tags were put or removed.
	tagged map[string]bool
}

func (p *plan) empty() bool {
	return !p.whole && !p.service && !p.tags &&
		len(p.spaces)+len(p.spaceTags)+len(p.sets)+len(p.apis)+len(p.products)+len(p.tagged) == 0
}

// planFor says what a change concerns. What is no part of the catalogue concerns nothing: sessions, mail,
// users, policies.
func planFor(changes client.Changes, current records) *plan {
	p := &plan{
		whole: !changes.Complete, spaces: make(map[string]bool), spaceTags: make(map[string]bool), sets: make(map[string]bool),
		apis: make(map[string]bool), products: make(map[string]bool), tagged: make(map[string]bool),
	}
	for _, path := range changes.Changed {
		parts, workspace := strings.Split(strings.Trim(strings.ToLower(path), "/"), "/"), ""
		if parts[0] == "workspaces" && len(parts) > 1 {
			workspace, parts = parts[1], parts[2:]
			if len(parts) == 0 {
				p.spaces[workspace] = true
				continue
			}
		}
		p.add(workspace, parts, current)
	}
	p.whole = p.whole || len(p.apis) > maxChangedAPIs || len(p.spaceTags) > maxChangedTags
	p.tags = p.tags || len(p.tagged) > maxChangedTags
	return p
}

func (p *plan) add(workspace string, path []string, current records) {
	if len(path) < 2 {
		p.service = p.service || path[0] == "" && workspace == ""
		return
	}
	switch path[0] {
	case "apis":
		p.addAPI(workspace, path)
	case "products":
		p.addProduct(workspace, path)
	case "apiversionsets":
		p.sets[workspace] = true
	case "tags":
		if workspace != "" {
			p.spaceTags[workspace] = true
		}
		// In the service itself the links below a tag are changed together with what they lead to.
		p.tags = p.tags || workspace == "" && len(path) == 2
	case "groups":
		group := client.Qualify(workspace, path[1])
		for name, product := range current.products {
			if slices.Contains(product.groups, group) {
				p.products[name] = true
			}
		}
	}
}

// addAPI notes a change of an API, or of what is below it.
func (p *plan) addAPI(workspace string, path []string) {
	name := apiName(path[1])
	switch {
	case len(path) > 3 && path[len(path)-2] == "tags":
		if workspace == "" { // In workspaces the tags say what has them.
			path[1] = name
			p.tagged[strings.Join(path[:len(path)-2], "/")] = true
		}
	case len(path) == 2, path[2] == "operations" && len(path) <= 4, path[2] == "releases", path[2] == "revisions":
		p.apis[client.Qualify(workspace, name)] = true
	}
}

func (p *plan) addProduct(workspace string, path []string) {
	switch {
	case len(path) > 3 && path[2] == "tags":
		if workspace == "" {
			p.tagged[strings.Join(path[:2], "/")] = true
		}
	case len(path) == 2, slices.Contains([]string{"apis", "groups", "apilinks", "grouplinks"}, path[2]):
		p.products[client.Qualify(workspace, path[1])] = true
	}
}

// run reads what the plan says.
func (r *reading) run(ctx context.Context, p *plan) error {
	if p.whole {
		return r.everything(ctx)
	}
	if p.service {
		if err := r.service(ctx); err != nil {
			return err
		}
	}
	r.records.tagged = r.records.tagged.clone()
	for _, part := range []struct {
		names map[string]bool
		read  func(context.Context, string) error
	}{{p.spaces, r.workspaceAgain}, {p.sets, r.versionSets}, {p.spaceTags, r.workspaceTags}} {
		if err := each(ctx, keys(part.names), part.read); err != nil {
			return err
		}
	}
	if p.tags {
		if err := r.tags(ctx); err != nil {
			return err
		}
	} else if err := each(ctx, keys(p.tagged), r.tagsOf); err != nil {
		return err
	}
	if err := each(ctx, keys(p.apis), r.apiAgain); err != nil {
		return err
	}
	return each(ctx, keys(p.products), r.productAgain)
}

func keys(m map[string]bool) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// apiAgain reads one API, which may be gone.
func (r *reading) apiAgain(ctx context.Context, name string) error {
	a, err := client.Get[client.API](ctx, r.client, client.PathIn("apis", name), client.Within(callTimeout))
	if err == nil && full(r, r.records.apis, name, MaxAPIs) {
		return nil
	}
	if err == nil {
		a.Name = r.records.qualified(name, a.Name)
		err = r.api(ctx, a)
	}
	if !client.IsNotFound(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.records.apis, name)
	r.records.tagged.forget(name)
	return nil
}

// productAgain reads one product, which may be gone.
func (r *reading) productAgain(ctx context.Context, name string) error {
	p, err := client.Get[client.Product](ctx, r.client, client.PathIn("products", name), client.Within(callTimeout))
	if err == nil && full(r, r.records.products, name, MaxProducts) {
		return nil
	}
	if err == nil {
		p.Name = r.records.qualified(name, p.Name)
		err = r.product(ctx, p)
	}
	if !client.IsNotFound(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.records.products, name)
	delete(r.records.tagged.products, name)
	return nil
}

// full reports whether there is no place for one more, and counts it as left out.
func full[V any](r *reading, m map[string]V, name string, limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := m[name]; there || len(m) < limit {
		return false
	}
	r.leftOut++
	return true
}

// qualified is the name of a resource as it is spelled, in the workspace of a name that may be in another case.
func (r *records) qualified(name, spelled string) string {
	workspace, _ := client.WorkspaceOf(name)
	return client.Qualify(r.place(workspace).Workspace, spelled)
}
