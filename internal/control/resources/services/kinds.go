// Package services holds the kinds of resources that are services and workspaces
// themselves, self-hosted and workspace gateways, and what has a meaning in
// Azure only.
package services

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Roots are the kinds that stand below a resource group: services, with these
// kinds below them and below their workspaces, and workspace gateways.
func Roots(service, workspace []*resource.Node) []*resource.Node {
	workspaces := resource.New(access.Workspaces, resource.Kind{
		Collection: "workspaces", Title: "Workspace", Contract: "WorkspaceContract",
		Filter: "WorkspaceClientListByService", Children: workspace,
	})
	children := append(service, workspaces, tenantKind())
	return []*resource.Node{serviceKind(children), deletedKind(children), nameKind()}
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route { return nil }
