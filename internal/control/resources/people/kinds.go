// Package people holds the kinds of resources that are products, groups, users
// and subscriptions: who may call what.
package people

import (
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
	"github.com/sallyport/sallyport/internal/control/resources/portal"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
)

// longName is how long the names of products, groups and subscriptions may be,
// in characters.
const longName = 256

// Kinds are the kinds that stand below a service, and those below a workspace.
func Kinds() (service, workspace []*resource.Node) {
	service = []*resource.Node{
		productKind("ProductClientListByService",
			policies.Node(access.ProductPolicies),
			settings.TagsOf(access.ProductTags, "TagClientListByProduct"),
			portal.Wiki(access.ProductWikis, "ProductWikisClientList"),
			productAPIs(), productGroups(), productSubscriptions(),
			apiLinks("ProductAPILinkClientListByProduct"), groupLinks("ProductGroupLinkClientListByProduct")),
		groupKind("GroupClientListByService", "GroupUserClientList"),
		userKind(),
		subscriptionKind("SubscriptionClientList"),
		claimKind(),
	}
	workspace = []*resource.Node{
		productKind("WorkspaceProductClientListByService",
			policies.Node(access.ProductPolicies),
			apiLinks("WorkspaceProductAPILinkClientListByProduct"),
			groupLinks("WorkspaceProductGroupLinkClientListByProduct")),
		groupKind("WorkspaceGroupClientListByService", "WorkspaceGroupUserClientList"),
		subscriptionKind("WorkspaceSubscriptionClientList"),
	}
	return service, workspace
}
