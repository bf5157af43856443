// Package policies holds the kinds of resources that are policies of every
// scope, policy fragments and policy restrictions.
//
// A policy document is kept as it was given, together with its format, xml or
// rawxml; the document of a link is fetched and kept in its stead. Whoever asks
// for the other format gets it with the expressions escaped, or as typed, and
// with all else as it was. So a document comes back in the format it was given
// in byte by byte.
package policies

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// Kinds are the kinds that stand below a service, and those below a workspace.
func Kinds() (service, workspace []*resource.Node) {
	service = []*resource.Node{
		Node(access.Policies), fragments(), restrictions(), descriptions(), allPolicies(),
	}
	workspace = []*resource.Node{Node(access.Policies), fragments()}
	return service, workspace
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route { return []resource.Route{validationRoute()} }
