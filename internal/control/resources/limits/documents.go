package limits

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/policy/document"
	"github.com/sallyport/sallyport/internal/policy/stated"
)

// apis are the APIs that the scope opens, up to MaxAPIs.
func (r *reader) apis(scope resource.ID) ([]*resource.Entity, error) {
	switch collection := scope.Collection().Name(); {
	case strings.EqualFold(collection, "products"):
		return r.apisOf(scope)
	case strings.EqualFold(collection, "apis"):
		e, err := r.Lookup(scope)
		if err != nil || e == nil {
			return nil, err
		}
		return []*resource.Entity{e}, nil
	}
	var list []*resource.Entity
	for e, err := range r.Collection(r.subscription.ID.Scope() + "/apis") {
		if err != nil {
			return nil, err
		}
		if len(list) == MaxAPIs {
			r.truncated = true
			break
		}
		list = append(list, e)
	}
	return list, nil
}

// apisOf are the APIs of a product: named by links, which in workspaces have
// names of their own.
func (r *reader) apisOf(product resource.ID) ([]*resource.Entity, error) {
	links := product + "/apis"
	if product.Workspace() != "" {
		links = product + "/apiLinks"
	}
	var list []*resource.Entity
	for link, err := range r.Collection(links) {
		if err != nil {
			return nil, err
		}
		if len(list) == MaxAPIs {
			r.truncated = true
			break
		}
		id := resource.ID(link.Text("apiId"))
		if id == "" {
			id = product.Scope().Child("apis", link.ID.Name())
		}
		if !id.Scope().Equal(product.Scope()) {
			continue // Gateways do not follow it.
		}
		e, err := r.Lookup(id)
		if err != nil {
			return nil, err
		}
		if e != nil {
			list = append(list, e)
		}
	}
	return list, nil
}

// operations reads the policies of an API's operations, in one pass over them.
func (r *reader) operations(api resource.ID) error {
	key := api.Key() + "/operations"
	for record, err := range r.Reader().Tree(key) {
		if err != nil {
			return fmt.Errorf("reading the operations of %s: %w", api, err)
		}
		if r.records++; r.records > MaxRecords {
			r.truncated = true
			return nil
		}
		if !strings.HasSuffix(string(record.Key), "/policies/policy") || !stated.Mentions(string(record.Value)) {
			continue
		}
		e, err := r.Decode(store.Version{Record: record})
		if err != nil {
			return err
		}
		operation := e.ID.Parent()
		if err := r.state(e, operation, "operation", place{api.Name(), operation.Name()}); err != nil {
			return err
		}
	}
	return nil
}

// sourceOf is the document of a policy or fragment.
func sourceOf(e *resource.Entity) stated.Source {
	format := document.Auto
	if strings.EqualFold(e.Text("format"), document.RawXML.String()) {
		format = document.RawXML
	}
	return stated.Source{Text: []byte(e.Text("value")), Format: format}
}

// surroundings are what the documents of a service or workspace refer to, read
// when they are first asked for.
func (r *reader) surroundings(scope resource.ID) stated.Surroundings {
	if around, ok := r.around[scope]; ok {
		return around
	}
	fragments := map[string]stated.Source{}
	var values map[string]string
	around := stated.Surroundings{
		Fragment: func(id string) (stated.Source, bool) {
			src, read := fragments[strings.ToLower(id)]
			if !read {
				if e, err := r.Lookup(scope.Child("policyFragments", id)); err == nil && e != nil {
					src = sourceOf(e)
				}
				fragments[strings.ToLower(id)] = src
			}
			return src, len(src.Text) > 0
		},
		NamedValue: func(name string) (string, bool) {
			if values == nil {
				values = r.namedValues(scope)
			}
			value, ok := values[strings.ToLower(name)]
			return value, ok
		},
	}
	r.around[scope] = around
	return around
}

// namedValues are the values of a scope that are no secrets. Where they cannot be
// read, numbers that are named values are told as such that vary.
func (r *reader) namedValues(scope resource.ID) map[string]string {
	values := map[string]string{}
	read := 0
	for e, err := range r.Collection(scope + "/namedValues") {
		if read++; err != nil || read > maxNamedValues {
			break
		}
		if e.Bool("secret", false) {
			continue
		}
		name := e.Text("displayName")
		if name == "" {
			name = e.ID.Name()
		}
		values[strings.ToLower(name)] = e.Text("value")
	}
	return values
}
