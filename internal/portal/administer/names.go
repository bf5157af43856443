package administer

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/problem"
)

func asProblem(err error) (*problem.Error, bool) { return errors.AsType[*problem.Error](err) }

// maxNames bounds the resources that are read at once by their names.
const maxNames = 100

// named reads resources of a collection by their names, in one call: by their
// names in lower case, without those that are gone.
func named[P any](ctx context.Context, c *client.Client, collection string, names map[string]bool) (map[string]P, error) {
	found := map[string]P{}
	if len(names) == 0 {
		return found, nil
	}
	list := slices.Sorted(maps.Keys(names))
	list = list[:min(len(list), maxNames)]
	items, _, err := client.Page[P](ctx, c, collection, 0, maxNames, client.Query("sallyportNames", strings.Join(list, ",")))
	if client.IsNotFound(err) {
		return found, nil // The workspace is gone.
	}
	if err != nil {
		return nil, err
	}
	for _, one := range items {
		found[strings.ToLower(one.Name)] = one.Properties
	}
	return found, nil
}

// people reads the owners of subscriptions. One that is gone has no name.
func people(ctx context.Context, c *client.Client, subscriptions []client.Resource[client.Subscription]) (map[string]client.User, error) {
	names := map[string]bool{}
	for _, one := range subscriptions {
		if name := strings.ToLower(lastOf(one.Properties.OwnerID)); name != "" {
			names[name] = true
		}
	}
	return named[client.User](ctx, c, "users", names)
}

// scopes are what subscriptions are for, by collections and names in lower case.
type scopes map[string]map[string]called

// readScopes reads the products and APIs that subscriptions are for, one call for
// each collection.
func readScopes(ctx context.Context, c *client.Client, subscriptions []client.Resource[client.Subscription]) (scopes, error) {
	names := map[string]map[string]bool{}
	for _, one := range subscriptions {
		_, collection, name := scopeOf(one.Properties.Scope)
		if name == "" {
			continue
		}
		if names[collection] == nil {
			names[collection] = map[string]bool{}
		}
		names[collection][strings.ToLower(name)] = true
	}
	found := scopes{}
	for collection, list := range names {
		read, err := named[called](ctx, c, collection, list)
		if err != nil {
			return nil, err
		}
		found[collection] = read
	}
	return found, nil
}

// scopeOf is what a scope is for: "Product" or "API", the path of its collection
// and its name; "" for others.
func scopeOf(scope string) (kind, collection, name string) {
	for _, one := range [...]struct{ kind, collection string }{{"Product", "products"}, {"API", "apis"}} {
		qualified := client.NameIn(one.collection, scope)
		if qualified == "" {
			continue
		}
		workspace, name := client.WorkspaceOf(qualified)
		if workspace == "" {
			return one.kind, one.collection, name
		}
		return one.kind, client.Path("workspaces", workspace, one.collection), name
	}
	return "", "", ""
}

// name is what a subscription is for, in words.
func (s scopes) name(scope string) string {
	below := strings.Split(strings.Trim(client.BelowService(scope), "/"), "/")
	workspace := ""
	if len(below) > 1 && strings.EqualFold(below[0], "workspaces") {
		workspace = " of the workspace " + below[1]
	}
	kind, collection, name := scopeOf(scope)
	switch {
	case kind != "":
		return kind + " " + cmp.Or(s[collection][strings.ToLower(name)].DisplayName, name) + workspace
	case workspace != "":
		return "All APIs" + workspace
	case strings.EqualFold(below[0], "apis"):
		return "All APIs"
	}
	return "Everything"
}
