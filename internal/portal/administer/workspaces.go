package administer

import (
	"context"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

const (
	// maxWorkspaces is how many workspaces are looked through.
	maxWorkspaces = 1000
	// maxWaiting is how many approvals that wait are listed: others come when
	// these are decided.
	maxWaiting = 500
)

// workspaces are the workspaces of the service. A management plane of the release
// before shows portals none.
func workspaces(ctx context.Context, c *client.Client) ([]client.Resource[client.Workspace], error) {
	found, _, err := client.Page[client.Workspace](ctx, c, "workspaces", 0, maxWorkspaces)
	if p, ok := asProblem(err); ok && p.Status == http.StatusForbidden || client.IsNotFound(err) {
		return nil, nil
	}
	return found, err
}

// within is the path of a collection of a workspace, or of the service itself
// where that is "".
func within(workspace, collection string) string {
	if workspace == "" {
		return collection
	}
	return client.Path("workspaces", workspace, collection)
}

// qualify gives subscriptions of a workspace the names by which the portal calls
// them.
func qualify(workspace string, found []client.Resource[client.Subscription]) {
	for i := range found {
		found[i].Name = client.Qualify(workspace, found[i].Name)
	}
}

// place is where a list is from: a workspace, or the service itself.
type place struct {
	Workspace string
	known     []client.Resource[client.Workspace]
}

// placeOf reads where a list is asked for.
func placeOf(x *page.Exchange) (*place, error) {
	known, err := workspaces(x.R.Context(), x.Client())
	if err != nil {
		return nil, err
	}
	p := &place{known: known}
	asked := query(x, "workspace")
	for _, w := range known {
		if strings.EqualFold(w.Name, asked) {
			p.Workspace = w.Name
		}
	}
	if asked != "" && p.Workspace == "" {
		return nil, problem.NotFound("Workspace", asked)
	}
	return p, nil
}

// fields let one choose the place, where there is more than one.
func (p *place) fields() []field {
	if len(p.known) == 0 {
		return nil
	}
	options := []page.Option{{Value: "", Text: "None: the service itself"}}
	for _, w := range p.known {
		text := w.Properties.DisplayName
		if text == "" {
			text = w.Name
		}
		options = append(options, page.Option{Value: w.Name, Text: text})
	}
	return []field{{Kind: "select", Name: "workspace", Label: "Workspace", Value: p.Workspace, Options: options}}
}

// waiting are the subscriptions that wait for approval, at most maxWaiting, those
// of the service itself first.
func waiting(ctx context.Context, c *client.Client) ([]client.Resource[client.Subscription], error) {
	known, err := workspaces(ctx, c)
	if err != nil {
		return nil, err
	}
	var all []client.Resource[client.Subscription]
	for _, w := range append([]client.Resource[client.Workspace]{{}}, known...) {
		list, _, err := client.Page[client.Subscription](ctx, c, within(w.Name, "subscriptions"), 0, maxWaiting-len(all),
			client.Filter("state eq 'submitted'"))
		if err != nil && (w.Name == "" || !client.IsNotFound(err)) { // A workspace may go in between.
			return nil, err
		}
		qualify(w.Name, list)
		if all = append(all, list...); len(all) >= maxWaiting {
			break
		}
	}
	return all, nil
}
