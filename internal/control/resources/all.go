// Package resources is the list of all kinds of resources of the management API.
package resources

import (
	"slices"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
	"github.com/sallyport/sallyport/internal/control/resources/portal"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/control/resources/visitors"
)

// Registry holds every kind and every route. This is the only list of them.
func Registry() (*resource.Registry, error) {
	var service, workspace []*resource.Node
	for _, kinds := range []func() (service, workspace []*resource.Node){
		apis.Kinds, policies.Kinds, settings.Kinds, people.Kinds, portal.Kinds, visitors.Kinds,
	} {
		s, w := kinds()
		service, workspace = append(service, s...), append(workspace, w...)
	}
	routes := slices.Concat(services.Routes(), apis.Routes(), policies.Routes(), settings.Routes(), portal.Routes(),
		people.Routes(), visitors.Routes())
	return resource.NewRegistry(services.Roots(service, workspace), routes)
}
