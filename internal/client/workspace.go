package client

import (
	"net/url"
	"strings"
)

// A portal calls a resource of a workspace by both names, "sales:orders": no name
// of a resource can have a colon, so it is one segment of a path, and never the
// name of a resource of the service or of another workspace. A resource of the
// service is called by its own name.
const workspaceMark = ":"

// Qualify is what a portal calls a resource of a workspace; that of the service
// where the workspace is "".
func Qualify(workspace, name string) string {
	if workspace == "" {
		return name
	}
	return workspace + workspaceMark + name
}

// WorkspaceOf is the workspace of what a portal calls a resource, and the
// resource's own name; "" and the whole name for one of the service.
func WorkspaceOf(qualified string) (workspace, name string) {
	workspace, name, found := strings.Cut(qualified, workspaceMark)
	if !found || workspace == "" || name == "" {
		return "", qualified // What only looks like both names is the name of nothing.
	}
	return workspace, name
}

// PathIn is the management path of what a portal calls a resource of a
// collection, and of what lies below it: "workspaces/sales/apis/orders" of "apis"
// and "sales:orders". It is escaped.
func PathIn(collection, qualified string, below ...string) string {
	workspace, name := WorkspaceOf(qualified)
	path := Path(append([]string{collection, name}, below...)...)
	if workspace != "" {
		path = Path("workspaces", workspace) + "/" + path
	}
	return path
}

// NameIn is what a portal calls the resource of a collection that an id names, or
// below which it is: "sales:orders" of "apis" and an id that ends in
// "/workspaces/sales/apis/orders". The id is a full one, or one below the service.
// It is "" where there is no such resource in the id.
func NameIn(collection, id string) string {
	parts := strings.Split(strings.Trim(BelowService(id), "/"), "/")
	workspace := ""
	if len(parts) > 2 && strings.EqualFold(parts[0], "workspaces") {
		workspace, parts = unescaped(parts[1]), parts[2:]
	}
	if len(parts) < 2 || !strings.EqualFold(parts[0], collection) {
		return ""
	}
	return Qualify(workspace, unescaped(parts[1]))
}

// BelowService is what of an id follows the service: "apis/orders", or all of an id
// that is relative to it.
func BelowService(id string) string {
	const service = "providers/Microsoft.ApiManagement/service/"
	for at := 0; at+len(service) <= len(id); at++ {
		if strings.EqualFold(id[at:at+len(service)], service) && (at == 0 || id[at-1] == '/') {
			_, below, _ := strings.Cut(id[at+len(service):], "/")
			return below
		}
	}
	return id
}

// unescaped is a segment of an id as it is meant.
func unescaped(segment string) string {
	if plain, err := url.PathUnescape(segment); err == nil {
		return plain
	}
	return segment
}
