// Package portal holds the kinds of resources that are the developer portal: its
// settings, revisions and content, templates, notifications, issues, wikis and
// documentation.
package portal

import "github.com/sallyport/sallyport/internal/control/resource"

// Kinds are the kinds that stand below a service, and those below a workspace.
func Kinds() (service, workspace []*resource.Node) {
	service = []*resource.Node{
		portalSettings(), portalConfigs(), portalRevisions(), contentTypes(),
		templateKind(), notificationKind(), issues(), documentations(),
	}
	return service, []*resource.Node{notificationKind()}
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route { return nil }
