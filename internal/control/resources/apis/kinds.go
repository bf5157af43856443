// Package apis holds the kinds of resources that are APIs with their operations,
// schemas, revisions, releases, version sets and resolvers, and the import and
// export of their descriptions.
package apis

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
	"github.com/sallyport/sallyport/internal/control/resources/portal"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
)

// Kinds are the kinds that stand below a service, and those below a workspace.
func Kinds() (service, workspace []*resource.Node) {
	service = []*resource.Node{
		api("APIClientListByService", resource.Put|resource.Delete, serviceChildren()),
		versionSets("APIVersionSetClientListByService"),
		apisByTags(),
	}
	workspace = []*resource.Node{
		api("WorkspaceAPIClientListByService", resource.Put, workspaceChildren()),
		versionSets("WorkspaceAPIVersionSetClientListByService"),
	}
	return service, workspace
}

// Routes are the routes that are no part of a kind.
func Routes() []resource.Route { return nil }

// serviceChildren are the kinds below an API of a service.
func serviceChildren() []*resource.Node {
	return []*resource.Node{
		operations("APIOperationClientListByAPI",
			policies.Node(access.APIOperationPolicies),
			settings.TagsOf(access.APIOperationTags, "TagClientListByOperation")),
		schemas("APISchemaClientListByAPI"),
		releases("APIReleaseClientListByService"),
		revisions("APIRevisionClientListByService"),
		policies.Node(access.APIPolicies),
		settings.Diagnostics(access.APIDiagnostics, "APIDiagnosticClientListByService"),
		settings.TagsOf(access.APITags, "TagClientListByAPI"),
		tagDescriptions(),
		operationsByTags(),
		productsOf(),
		resolvers(),
		portal.Wiki(access.APIWikis, "APIWikisClientList"),
		portal.IssuesOf(),
		descriptions(),
	}
}

// workspaceChildren are the kinds below an API of a workspace.
func workspaceChildren() []*resource.Node {
	return []*resource.Node{
		operations("WorkspaceAPIOperationClientListByAPI", policies.Node(access.APIOperationPolicies)),
		schemas("WorkspaceAPISchemaClientListByAPI"),
		releases("WorkspaceAPIReleaseClientListByService"),
		revisions("WorkspaceAPIRevisionClientListByService"),
		policies.Node(access.APIPolicies),
		settings.Diagnostics(access.APIDiagnostics, "WorkspaceAPIDiagnosticClientListByWorkspace"),
		descriptions(),
	}
}

// maxName bounds the names of APIs, in characters; maxShortName those of what is
// in them.
const (
	maxName      = 256
	maxShortName = 80
)
