package harness

// skip is an example whose answer is not compared, with the reason. Its requests
// are made all the same, and must succeed.
type skip struct{ name, reason string }

// skips are the examples that contradict themselves, or that show what is in a
// service of Azure beside what they ask for.
var skips = []skip{
	{"AuthorizationProviderClient_CreateOrUpdate_apiManagementCreateAuthorizationProviderAadClientCred", "it gives one grant type, and is answered with another"},
	{"GatewayHostnameConfigurationClient_NewListByServicePager", "two elements of the list have one name"},
	{"WorkspaceClient_NewListByServicePager", "two elements of the list have one name"},
	{"GraphQLAPIResolverPolicyClient_NewListByResolverPager", "the policy in the answer is not well-formed"},
	{"TagResourceClient_NewListByServicePager", "it lists an operation and an API under each other's names"},
	{"ServiceClient_BeginCreateOrUpdate_apiManagementUndelete", "it restores a service that the test's server does not have as deleted"},
	{"ServiceClient_Get_apiManagementServiceGetService", "it has private endpoint connections, which no request to a service makes"},
	{"ServiceClient_BeginMigrateToStv2", "it is answered with another name than it asks for"},
	{"UserSubscriptionClient_Get", "it reads below a user what is written elsewhere"},
	{"WorkspaceLinkClient_Get", "it is about a gateway of Azure that is linked to a workspace"},
	{"WorkspaceLinksClient_NewListByServicePager", "it is about gateways of Azure that are linked to workspaces"},
}

// uncompared gives the reason for not comparing the answer of an example.
func uncompared(name string) (string, bool) {
	for _, s := range skips {
		if s.name == name {
			return s.reason, true
		}
	}
	return "", false
}
