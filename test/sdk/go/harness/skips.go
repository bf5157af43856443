package harness

import (
	"os"
	"slices"
)

// skip is an example whose answer is not compared, with the reason. Its requests
// are made all the same, and must succeed.
type skip struct{ name, reason string }

// skips are the examples that contradict themselves, or that show what is in a
// service of Azure beside what they ask for.
var skips = []skip{
	{"ContentItemClient_CreateOrUpdate", "the SDK before version 3 sends no body with it"},
	{"ContentTypeClient_CreateOrUpdate", "the SDK before version 3 sends no body with it"},
	{"APIClient_BeginCreateOrUpdate_apiManagementCreateApiUsingOai3Import", "it takes the URL of a server without TLS; the page of import restrictions says that such are left out"},
	{"APIClient_BeginCreateOrUpdate_apiManagementCreateApiUsingOai3ImportWithTranslateRequiredQueryParametersConduct", "it takes the URL of a server without TLS, as the example before it"},
	{"UserClient_NewListByServicePager", "a user in it has no last name, which is required"},
	{"AuthorizationProviderClient_CreateOrUpdate_apiManagementCreateAuthorizationProviderAadClientCred", "it gives one grant type, and is answered with another"},
	{"GatewayHostnameConfigurationClient_NewListByServicePager", "two elements of the list have one name"},
	{"WorkspaceClient_NewListByServicePager", "two elements of the list have one name"},
	{"GraphQLAPIResolverPolicyClient_NewListByResolverPager", "the policy in the answer is not well-formed"},
	{"TagResourceClient_NewListByServicePager", "it lists an operation and an API under each other's names"},
	{"ServiceClient_BeginCreateOrUpdate_apiManagementUndelete", "it restores a service that the test's server does not have as deleted"},
	{"ServiceClient_Get_apiManagementServiceGetService", "it has private endpoint connections, which no request to a service makes"},
	{"ServiceClient_BeginMigrateToStv2", "it is answered with another name than it asks for"},
	{"OperationClient_NewListByTagsPager", "it asks about one API, and is answered about another"},
	{"WorkspaceLinksClient_NewListByServicePager", "it is about gateways of Azure that are linked to workspaces"},
}

// uncompiled are examples whose answer holds a policy that no request can have
// made: quota-by-key takes a number of seconds, and theirs has a period.
var uncompiled = []string{
	"APIPolicyClient_ListByAPI", "APIPolicyClient_NewListByAPIPager", "APIPolicyClient_Get",
	"WorkspaceAPIPolicyClient_NewListByAPIPager", "WorkspaceAPIPolicyClient_Get",
	"WorkspacePolicyClient_NewListByAPIPager", "WorkspacePolicyClient_Get",
}

// unmade are the examples that are not run: what they ask for cannot be there.
var unmade = []skip{
	{"OperationsResultsClient_Get", "it asks for an operation by an id that is crossed out"},
	{"OperationStatusClient_Get", "it asks for an operation by an id that is crossed out"},
	{"WorkspaceLinkClient_Get", "it asks for a gateway of Azure that is linked to a workspace"},
	{"QuotaByCounterKeysClient_ListByService", "it asks for a counter, which calls make and no request of this API"},
	{"QuotaByCounterKeysClient_Update", "it changes a counter, which calls make and no request of this API"},
	{"QuotaByPeriodKeysClient_Get", "it asks for a counter, which calls make and no request of this API"},
	{"QuotaByPeriodKeysClient_Update", "it changes a counter, which calls make and no request of this API"},
}

// skipped gives the reason for not running an example.
func skipped(name string) (string, bool) { return find(unmade, name) }

// uncompared gives the reason for not comparing the answer of an example.
func uncompared(name string) (string, bool) {
	if slices.Contains(uncompiled, name) && os.Getenv(ServeVariable) != "" {
		return "the policy in the answer does not compile", true
	}
	return find(skips, name)
}

func find(list []skip, name string) (string, bool) {
	for _, s := range list {
		if s.name == name {
			return s.reason, true
		}
	}
	return "", false
}
