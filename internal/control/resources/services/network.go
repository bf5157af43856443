package services

import (
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// networkRoutes are what a service tells of the network that it is in. Virtual
// networks and private links have a meaning in Azure only and are kept as state.
func networkRoutes() []resource.Route {
	return []resource.Route{
		ofService("networkstatus", access.NetworkStatus.Read(), func(s *resource.Session, service *resource.Entity) any {
			var all []any
			for _, location := range locationsOf(service) {
				all = append(all, map[string]any{"location": location, "networkStatus": networkStatus(s)})
			}
			return all
		}),
		ofService("locations/{location}/networkstatus", access.LocationNetworkStatus.Read(),
			func(s *resource.Session, _ *resource.Entity) any { return networkStatus(s) }),
		ofService("outboundNetworkDependenciesEndpoints", access.OutboundNetworkDependencies.Read(),
			func(*resource.Session, *resource.Entity) any {
				return map[string]any{"value": []any{}} // Nothing outside is depended on.
			}),
		ofService("regions", access.Regions.Read(), func(_ *resource.Session, service *resource.Entity) any {
			var all []any
			for i, location := range locationsOf(service) {
				all = append(all, map[string]any{"name": location, "isMasterRegion": i == 0, "isDeleted": false})
			}
			return page(all...)
		}),
	}
}

// locationsOf are the location of a service, and its additional ones.
func locationsOf(service *resource.Entity) []string {
	all := []string{text(service, "location")}
	more, _ := service.Properties()["additionalLocations"].([]any)
	for _, value := range more {
		one, _ := value.(map[string]any)
		if location, ok := one["location"].(string); ok {
			all = append(all, location)
		}
	}
	return all
}

// networkStatus says that the one thing that a service here needs, its store,
// is there: it has just been read.
func networkStatus(s *resource.Session) map[string]any {
	return map[string]any{"dnsServers": []any{}, "connectivityStatus": []any{map[string]any{
		"name": "store", "status": "success", "error": "", "isOptional": false, "resourceType": "Store",
		"lastUpdated": s.Stamp(), "lastStatusChange": s.Stamp(),
	}}}
}

// connectivityCheck answers where a check would go, and that none was sent:
// whoever may call the management API must not be able to call on from the host
// that it runs on.
func connectivityCheck(_ *resource.Session, e *resource.Entity, in resource.Input) (resource.Result, error) {
	destination, _ := in.Body["destination"].(map[string]any)
	address, _ := destination["address"].(string)
	if strings.TrimSpace(address) == "" {
		return resource.Result{}, resource.Invalid("destination.address", "the address is empty")
	}
	from, to := derivedGUID("hop", string(e.ID.Key())), derivedGUID("hop", address+fmt.Sprint(destination["port"]))
	return resource.Result{Body: map[string]any{
		"connectionStatus": "Unknown", "probesSent": 0, "probesFailed": 0,
		"avgLatencyInMs": 0, "minLatencyInMs": 0, "maxLatencyInMs": 0,
		"hops": []any{
			map[string]any{"type": "Source", "id": from, "address": "", "resourceId": string(e.ID), "nextHopIds": []any{to}, "issues": []any{}},
			map[string]any{"type": "Internet", "id": to, "address": address, "nextHopIds": []any{}, "issues": []any{}},
		},
	}}, nil
}

// privateEndpointConnections is the kind of the connections of private
// endpoints.
func privateEndpointConnections() *resource.Node {
	return resource.New(access.PrivateEndpointConnections, resource.Kind{
		Collection: "privateEndpointConnections", Title: "PrivateEndpointConnection",
		Verbs: resource.NoPatch, Contract: "PrivateEndpointConnection", Create: "PrivateEndpointConnectionRequest",
		Statuses: resource.Statuses{Put: statusOK}, Unpaged: true, LongRunning: resource.Put | resource.Delete,
		Hooks: resource.Hooks{Prepare: func(_ *resource.Session, e, _ *resource.Entity) error {
			e.SetDefault("privateLinkServiceConnectionState", map[string]any{"status": "Pending"})
			e.Set("provisioningState", "Succeeded")
			group, _, _ := strings.Cut(string(e.ID), "/providers/")
			e.SetDefault("privateEndpoint", map[string]any{
				"id": group + "/providers/Microsoft.Network/privateEndpoints/" + e.ID.Name(),
			})
			return nil
		}},
	})
}

// privateLinkResources shows the one thing that private endpoints can lead to.
// It is answered for every name, as the service does.
func privateLinkResources() *resource.Node {
	gateway := func(_ *resource.Session, collection resource.ID) *resource.Entity {
		return &resource.Entity{ID: collection + "/Gateway", Body: resource.Object(map[string]any{
			"groupId": "Gateway", "requiredMembers": []any{"Gateway"}, "requiredZoneNames": []any{},
		})}
	}
	return resource.New(access.PrivateLinkResources, resource.Kind{
		Collection: "privateLinkResources", Title: "PrivateLinkResource", Verbs: resource.ReadOnly, Unpaged: true,
		Hooks: resource.Hooks{
			Load: func(s *resource.Session, id resource.ID) (*resource.Entity, error) {
				return gateway(s, id.Collection()), nil
			},
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				return []*resource.Entity{gateway(s, collection)}, nil
			},
		},
	})
}
