// Package settings holds the kinds of resources that are what APIs and policies
// refer to: named values, backends, certificates, loggers, diagnostics, caches,
// global schemas, tags and quota counters. The kinds by which people and
// gateways sign in elsewhere are in identity.
package settings

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/settings/identity"
)

// Kinds are the kinds that stand below a service, and those below a workspace.
func Kinds() (service, workspace []*resource.Node) {
	shared := func() []*resource.Node {
		return []*resource.Node{
			namedValues(), backends(), certificates(), loggers(), schemas(), tags(),
			Diagnostics(access.Diagnostics, "DiagnosticClientListByService"),
		}
	}
	service = append(shared(), caches())
	return append(service, identity.Kinds()...), shared()
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route {
	return append(quotaRoutes(), tagRoutes()...)
}

// servicePath is the path of a service in the routes.
const servicePath = "subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{service}/"
