package catalogue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/problem"
)

// workspaces reads which workspaces there are, and what they are called.
func (r *reading) workspaces(ctx context.Context) (names []string, err error) {
	r.records.spaces = make(map[string]Place)
	err = list(ctx, r, "workspaces", MaxWorkspaces, func(w client.Resource[client.Workspace]) {
		names = append(names, w.Name)
		r.records.spaces[strings.ToLower(w.Name)] = placeOf(w)
	})
	if client.IsNotFound(err) || isForbidden(err) {
		// A management plane of the release before gives portals no way into workspaces: the rest is shown all the same.
		return nil, nil
	}
	return names, err
}

func isForbidden(err error) bool {
	p, ok := errors.AsType[*problem.Error](err)
	return ok && p.Status == http.StatusForbidden
}

func placeOf(w client.Resource[client.Workspace]) Place {
	return Place{Workspace: w.Name, WorkspaceName: cmp.Or(w.Properties.DisplayName, w.Name)}
}

// place is the place of what belongs to a workspace, in whatever case that is named; "" is the service itself.
func (r *records) place(workspace string) Place {
	if p, ok := r.spaces[strings.ToLower(workspace)]; ok || workspace == "" {
		return p
	}
	return Place{Workspace: workspace, WorkspaceName: workspace}
}

// workspaceAgain reads what a workspace is called. With one that is gone goes all that it has.
func (r *reading) workspaceAgain(ctx context.Context, name string) error {
	w, err := client.Get[client.Workspace](ctx, r.client, client.Path("workspaces", name), client.Within(callTimeout))
	if err != nil && !client.IsNotFound(err) {
		return fmt.Errorf("reading a workspace: %w", err)
	}
	if err == nil && full(r, r.records.spaces, name, MaxWorkspaces) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.records.spaces[name] = placeOf(w)
		return nil
	}
	delete(r.records.spaces, name)
	maps.DeleteFunc(r.records.apis, func(api string, _ *API) bool { return belongs(api, name) })
	maps.DeleteFunc(r.records.products, func(product string, _ *productRecord) bool { return belongs(product, name) })
	maps.DeleteFunc(r.records.sets, func(set string, _ versionSet) bool { return belongs(set, name) })
	r.records.tagged.replace(name, tagged{})
	return nil
}

// within is the path of a collection of a workspace, or of the service itself where that is "".
func within(workspace, collection string) string {
	if workspace == "" {
		return collection
	}
	return client.Path("workspaces", workspace, collection)
}

// found are the APIs and products of all places, whose names are qualified.
type found struct {
	apis     []client.Resource[client.API]
	products []client.Resource[client.Product]
}

// find lists the APIs and the products of a workspace, or of the service itself, and reads its version sets.
func (r *reading) find(ctx context.Context, workspace string, into *found) error {
	var here found
	err := list(ctx, r, within(workspace, "apis"), MaxAPIs, func(a client.Resource[client.API]) {
		a.Name = client.Qualify(workspace, a.Name)
		here.apis = append(here.apis, a)
	})
	if err != nil {
		return err
	}
	err = list(ctx, r, within(workspace, "products"), MaxProducts, func(p client.Resource[client.Product]) {
		p.Name = client.Qualify(workspace, p.Name)
		here.products = append(here.products, p)
	})
	if err != nil {
		return err
	}
	if err := r.versionSets(ctx, workspace); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	into.apis = fit(r, into.apis, here.apis, MaxAPIs)
	into.products = fit(r, into.products, here.products, MaxProducts)
	return nil
}

// fit appends what there is place for, and counts the rest as left out. The caller holds mu.
func fit[T any](r *reading, list, more []T, limit int) []T {
	n := min(len(more), limit-len(list))
	if n < len(more) {
		r.leftOut++
	}
	return append(list, more[:n]...)
}

// workspaceTags reads which tags the APIs, operations and products of a workspace have: its tags have links to
// them, and they themselves do not say.
func (r *reading) workspaceTags(ctx context.Context, workspace string) error {
	t, n := newTagged(), 0
	var names []client.Resource[client.Tag]
	err := list(ctx, r, within(workspace, "tags"), MaxTags, func(tag client.Resource[client.Tag]) { names = append(names, tag) })
	for _, tag := range names {
		if err != nil {
			break
		}
		shown := cmp.Or(tag.Properties.DisplayName, tag.Name)
		for _, links := range []string{"apiLinks", "operationLinks", "productLinks"} {
			err = errors.Join(err, list(ctx, r, client.Path("workspaces", workspace, "tags", tag.Name, links), MaxTagged-n,
				func(l client.Resource[client.Link]) {
					n++
					r.tag(t, l.Properties, shown)
				}))
		}
	}
	if client.IsNotFound(err) { // The workspace, or the tag, went in between: that is a change of its own.
		return nil
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records.tagged.replace(workspace, t)
	return nil
}

// tag notes what a link of a tag leads to.
func (r *reading) tag(t tagged, l client.Link, shown string) {
	if product := r.member("products", l.ProductID); product != "" {
		add(t.products, product, shown)
	}
	if api := r.member("apis", l.APIID); api != "" {
		add(t.apis, api, shown)
	}
	if api := r.member("apis", l.OperationID); api != "" {
		add(t.operations, api+"/"+lastName(l.OperationID), shown)
	}
}

// member is the name, in lower case, of what a link leads to; "" for what is no full id of this service, which
// the management plane follows no more than this package does.
func (r *reading) member(collection, id string) string {
	service := r.client.ID("")
	if len(id) < len(service) || !strings.EqualFold(id[:len(service)], service) {
		return ""
	}
	name, _, _ := strings.Cut(strings.ToLower(client.NameIn(collection, id)), ";")
	return name
}
