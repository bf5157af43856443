package catalogue

import (
	"context"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
)

// plan is what of the service is read again after a change.
type plan struct {
	whole          bool
	service        bool
	sets, tags     bool
	apis, products map[string]bool
	// tagged are the paths of APIs, operations and products whose tags were put or removed.
	tagged map[string]bool
}

func (p *plan) empty() bool {
	return !p.whole && !p.service && !p.sets && !p.tags && len(p.apis) == 0 && len(p.products) == 0 && len(p.tagged) == 0
}

// planFor says what a change concerns. What is no part of the catalogue concerns nothing: sessions, mail,
// users, policies.
func planFor(changes client.Changes, current records) *plan {
	p := &plan{whole: !changes.Complete, apis: make(map[string]bool), products: make(map[string]bool), tagged: make(map[string]bool)}
	for _, path := range changes.Changed {
		p.add(strings.Split(strings.Trim(strings.ToLower(path), "/"), "/"), current)
	}
	p.whole = p.whole || len(p.apis) > maxChangedAPIs
	p.tags = p.tags || len(p.tagged) > maxChangedTags
	return p
}

func (p *plan) add(path []string, current records) {
	if len(path) < 2 {
		p.service = p.service || path[0] == ""
		return
	}
	switch path[0] {
	case "apis":
		p.addAPI(path)
	case "products":
		p.addProduct(path)
	case "apiversionsets":
		p.sets = true
	case "tags":
		p.tags = p.tags || len(path) == 2 // The links below a tag are changed together with what they lead to.
	case "groups":
		for name, product := range current.products {
			if slices.Contains(product.groups, path[1]) {
				p.products[name] = true
			}
		}
	}
}

// addAPI notes a change of an API, or of what is below it.
func (p *plan) addAPI(path []string) {
	name := apiName(path[1])
	switch {
	case len(path) > 3 && path[len(path)-2] == "tags":
		path[1] = name
		p.tagged[strings.Join(path[:len(path)-2], "/")] = true
	case len(path) == 2, path[2] == "operations" && len(path) <= 4, path[2] == "releases", path[2] == "revisions":
		p.apis[name] = true
	}
}

func (p *plan) addProduct(path []string) {
	switch {
	case len(path) > 3 && path[2] == "tags":
		p.tagged[strings.Join(path[:2], "/")] = true
	case len(path) == 2, slices.Contains([]string{"apis", "groups", "apilinks", "grouplinks"}, path[2]):
		p.products[path[1]] = true
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
	if p.sets {
		if err := r.versionSets(ctx); err != nil {
			return err
		}
	}
	r.records.tagged = r.records.tagged.clone()
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
	a, err := client.Get[client.API](ctx, r.client, "apis/"+client.Path(name), client.Within(callTimeout))
	if err == nil && full(r, r.records.apis, name, MaxAPIs) {
		return nil
	}
	if err == nil {
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
	p, err := client.Get[client.Product](ctx, r.client, "products/"+client.Path(name), client.Within(callTimeout))
	if err == nil && full(r, r.records.products, name, MaxProducts) {
		return nil
	}
	if err == nil {
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
