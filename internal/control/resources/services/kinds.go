// Package services holds the kinds of resources that are services and workspaces
// themselves, self-hosted and workspace gateways, and what has a meaning in
// Azure only, which is kept as state.
package services

import (
	"slices"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Roots are the kinds that stand below a resource group: services, with these
// kinds below them and below their workspaces, and workspace gateways.
func Roots(service, workspace []*resource.Node) []*resource.Node {
	children := slices.Concat(service, []*resource.Node{
		workspaceKind(workspace), workspaceLinks(), tenantKind(), tenantSettings(), gatewayKind(), managedKeysKind(),
		privateEndpointConnections(), privateLinkResources(),
	})
	return []*resource.Node{
		serviceKind(children), deletedKind(children), nameKind(),
		workspaceGateways(), gatewayNameKind(), backupKind(),
	}
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route {
	return slices.Concat(statusRoutes(), subscriptionRoutes(), networkRoutes(), reportRoutes(), skuRoutes(), operationRoutes())
}

// workspaceKind is the kind of workspaces, with what stands below them.
func workspaceKind(children []*resource.Node) *resource.Node {
	return resource.New(access.Workspaces, resource.Kind{
		Collection: "workspaces", Title: "Workspace", Contract: "WorkspaceContract",
		Filter: "WorkspaceClientListByService", Children: children,
	})
}
