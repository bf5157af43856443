package services

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// workspaceGateways is the kind of the gateways that run workspaces in Azure.
// They are kept as state: the gateway of the installation runs all workspaces.
func workspaceGateways() *resource.Node {
	return resource.New(access.WorkspaceGateways, resource.Kind{
		Collection: "gateways", Title: "ApiManagementGateway",
		Contract: "GatewayResource", Update: "GatewayUpdateParameters",
		LongRunning: resource.Put | resource.Patch | resource.Delete,
		Keep:        []string{"properties.createdAtUtc", "systemData"},
		Stamps:      []string{"systemData.lastModifiedAt", "systemData.lastModifiedBy"},
		Hooks: resource.Hooks{
			Prepare: func(s *resource.Session, e, _ *resource.Entity) error {
				e.SetDefault("createdAtUtc", s.Stamp())
				stampSystemData(s, e)
				return nil
			},
			Written: func(s *resource.Session, e, _ *resource.Entity) error {
				return s.Store(gatewayNameID(e.ID), resource.Object(map[string]any{"gatewayId": string(e.ID)}))
			},
			Deleting: func(s *resource.Session, e *resource.Entity) error { return s.Drop(gatewayNameID(e.ID)) },
			Present:  presentGateway,
		},
		Children: []*resource.Node{configConnections()},
	})
}

func presentGateway(s *resource.Session, e *resource.Entity) error {
	_, host, _ := strings.Cut(strings.TrimSuffix(s.GatewayURL(e.ID.Name()), "/"), "://")
	e.Set("provisioningState", "Succeeded")
	e.Set("targetProvisioningState", "")
	e.Set("frontend", map[string]any{"defaultHostname": host})
	e.Set("configurationApi", map[string]any{"hostname": host})
	e.Body["etag"] = strings.Trim(e.ETag(), `"`)
	return nil
}

// configConnections is the kind of the connections of a gateway to workspaces.
func configConnections() *resource.Node {
	return resource.New(access.WorkspaceGatewayConfigurations, resource.Kind{
		Collection: "configConnections", Title: "GatewayConfigConnection", Verbs: resource.NoPatch,
		Contract: "GatewayConfigConnectionResource", LongRunning: resource.Put | resource.Delete,
		Hooks: resource.Hooks{Present: func(s *resource.Session, e *resource.Entity) error {
			_, host, _ := strings.Cut(strings.TrimSuffix(s.GatewayURL(e.ID.Parent().Name()), "/"), "://")
			e.Set("provisioningState", "Succeeded")
			e.Set("defaultHostname", host)
			e.Body["etag"] = strings.Trim(e.ETag(), `"`)
			return nil
		}},
	})
}

// gatewayNameKind notes the workspace gateways of all resource groups.
func gatewayNameKind() *resource.Node {
	return resource.New(access.WorkspaceGateways, resource.Kind{
		Collection: "gatewayNames", Title: "GatewayName", MaxName: maxGatewayName, Internal: true,
	})
}

// maxGatewayName bounds the names of notes, which are made of those of a
// subscription, a resource group and a gateway.
const maxGatewayName = 300

func gatewayNameID(gateway resource.ID) resource.ID {
	segments := strings.Split(strings.Trim(string(gateway), "/"), "/")
	const subscription, resourceGroup = 1, 3
	return installation.Child("gatewayNames", segments[subscription]+"|"+segments[resourceGroup]+"|"+gateway.Name())
}

// allGateways are the workspace gateways of the installation.
func allGateways(s *resource.Session) ([]*resource.Entity, error) {
	var all []*resource.Entity
	for note, err := range s.Collection(installation + "/gatewayNames") {
		if err != nil {
			return nil, err
		}
		e, err := s.Lookup(resource.ID(note.Text("gatewayId")))
		if err != nil {
			return nil, err
		}
		if e != nil {
			all = append(all, e)
		}
	}
	return all, nil
}

func gatewaysOfSubscription(s *resource.Session, segments map[string]string, _ resource.Input) (resource.Result, error) {
	all, err := allGateways(s)
	return resource.Result{Items: inSubscription(all, segments)}, err
}

// workspaceLinks shows which gateways are connected to a workspace.
func workspaceLinks() *resource.Node {
	link := func(s *resource.Session, id resource.ID) (*resource.Entity, error) {
		workspace, err := s.Lookup(id.Service().Child("workspaces", id.Name()))
		if err != nil || workspace == nil {
			return nil, err
		}
		gateways, err := gatewaysOf(s, workspace.ID)
		if err != nil {
			return nil, err
		}
		e := &resource.Entity{ID: id, Body: resource.Object(map[string]any{"workspaceId": string(workspace.ID), "gateways": gateways})}
		e.Body["etag"] = strings.Trim(workspace.ETag(), `"`)
		return e, nil
	}
	return resource.New(access.WorkspaceLinks, resource.Kind{
		Collection: "workspaceLinks", Title: "WorkspaceLink", Verbs: resource.ReadOnly,
		Hooks: resource.Hooks{
			Load: link,
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				var links []*resource.Entity
				for workspace, err := range s.Collection(collection.Service() + "/workspaces") {
					if err != nil {
						return nil, err
					}
					e, err := link(s, collection+"/"+resource.ID(workspace.ID.Name()))
					if err != nil {
						return nil, err
					}
					links = append(links, e)
				}
				return links, nil
			},
		},
	})
}

// gatewaysOf are the ids of the gateways that have a connection to a workspace.
func gatewaysOf(s *resource.Session, workspace resource.ID) ([]any, error) {
	gateways, err := allGateways(s)
	if err != nil {
		return nil, err
	}
	found := []any{}
	for _, gateway := range gateways {
		for connection, err := range s.Collection(gateway.ID + "/configConnections") {
			if err != nil {
				return nil, err
			}
			if strings.EqualFold(connection.Text("sourceId"), string(workspace)) {
				found = append(found, map[string]any{"id": string(gateway.ID)})
				break
			}
		}
	}
	return found, nil
}
