package access

// NotActions of Contributor: who may do what is not for it to say.
var notContributor = []string{
	"Microsoft.Authorization/*/Delete",
	"Microsoft.Authorization/*/Write",
	"Microsoft.Authorization/elevateAccess/Action",
	"Sallyport.Access/*/Delete",
	"Sallyport.Access/*/Write",
	"Sallyport.Access/*/Action",
	"Sallyport.Management/encryption/*",
}

// ownerID is the id of the role Owner.
const ownerID = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"

// The parts that roles of the service have in common.
const (
	readAuthorization = "Microsoft.Authorization/*/read"
	readGroups        = "Microsoft.Resources/subscriptions/resourceGroups/read"
	readUserKeys      = "Microsoft.ApiManagement/service/users/keys/read"
	readWorkspace     = "Microsoft.ApiManagement/service/workspaces/*/read"
	readServices      = "Microsoft.ApiManagement/service/read"
	readAllOfService  = "Microsoft.ApiManagement/service/*/read"
	readTags          = "Microsoft.ApiManagement/service/tags/read"
	readProducts      = "Microsoft.ApiManagement/service/products/read"
	editTagAPIs       = "Microsoft.ApiManagement/service/tags/apiLinks/*"
	editTagOperations = "Microsoft.ApiManagement/service/tags/operationLinks/*"
	editTagProducts   = "Microsoft.ApiManagement/service/tags/productLinks/*"
	editProductAPIs   = "Microsoft.ApiManagement/service/products/apiLinks/*"
)

// roles are Azure's built-in roles for this service, with Azure's ids. What
// concerns other services is left out. Nobody writes into the table.
var roles = []Role{
	{
		ID: ownerID, Name: "Owner",
		Description: "Everything, and giving roles to others.",
		Actions:     []string{"*"},
	},
	{
		ID: "b24988ac-6180-42a0-ab88-20f7382dd24c", Name: "Contributor",
		Description: "Everything but giving roles to others.",
		Actions:     []string{"*"},
		NotActions:  notContributor,
	},
	{
		ID: "acdd72a7-3385-48ef-bd42-f606fba81ae7", Name: "Reader",
		Description: "Reading everything that is no secret.",
		Actions:     []string{"*/read"},
	},
	{
		ID: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", Name: "User Access Administrator",
		Description: "Giving roles to others, and reading everything that is no secret.",
		Actions:     []string{"*/read", "Microsoft.Authorization/*", "Sallyport.Access/*"},
	},
	{
		ID: "312a565d-c81f-4fd8-895a-4e21e48d571c", Name: "API Management Service Contributor",
		Description: "Managing services and everything in them.",
		Actions:     []string{"Microsoft.ApiManagement/service/*", readAuthorization, readGroups},
	},
	{
		ID: "e022efe7-f5ba-4159-bbe4-b44f577e9b61", Name: "API Management Service Operator Role",
		Description: "Managing services, and reading what is in them.",
		Actions: []string{
			readAllOfService, readServices, readAuthorization, readGroups,
			"Microsoft.ApiManagement/service/write",
			"Microsoft.ApiManagement/service/delete",
			"Microsoft.ApiManagement/service/backup/action",
			"Microsoft.ApiManagement/service/restore/action",
			"Microsoft.ApiManagement/service/managedeployments/action",
			"Microsoft.ApiManagement/service/updatecertificate/action",
			"Microsoft.ApiManagement/service/updatehostname/action",
		},
		NotActions: []string{readUserKeys},
	},
	{
		ID: "71522526-b88f-4d52-b57f-d31fc3546d0d", Name: "API Management Service Reader Role",
		Description: "Reading services and what is in them, but no secrets.",
		Actions:     []string{readAllOfService, readServices, readAuthorization, readGroups},
		NotActions:  []string{readUserKeys},
	},
	{
		ID: "9565a273-41b9-4368-97d2-aeb0c976a9b3", Name: "API Management Service Workspace API Developer",
		Description: "At the scope of a service: linking the APIs of a workspace to its tags and products.",
		Actions: []string{
			readServices, readTags, readProducts, readAuthorization,
			editTagAPIs, editTagOperations, editTagProducts, editProductAPIs,
		},
	},
	{
		ID: "d59a3e9c-6d52-4a5a-aeed-6bf3cf0e31da", Name: "API Management Service Workspace API Product Manager",
		Description: "At the scope of a service: as the API developer, and putting users into groups.",
		Actions: []string{
			readServices, readTags, readProducts, readAuthorization,
			editTagAPIs, editTagOperations, editTagProducts, editProductAPIs,
			"Microsoft.ApiManagement/service/users/read",
			"Microsoft.ApiManagement/service/groups/read",
			"Microsoft.ApiManagement/service/groups/users/*",
		},
	},
	{
		ID: "56328988-075d-4c6a-8766-d93edd6725b6", Name: "API Management Workspace API Developer",
		Description: "At the scope of a workspace: editing APIs and what they need.",
		Actions: []string{
			readWorkspace, readAuthorization,
			"Microsoft.ApiManagement/service/workspaces/apis/*",
			"Microsoft.ApiManagement/service/workspaces/apiVersionSets/*",
			"Microsoft.ApiManagement/service/workspaces/policies/*",
			"Microsoft.ApiManagement/service/workspaces/schemas/*",
			"Microsoft.ApiManagement/service/workspaces/products/*",
			"Microsoft.ApiManagement/service/workspaces/policyFragments/*",
			"Microsoft.ApiManagement/service/workspaces/namedValues/*",
			"Microsoft.ApiManagement/service/workspaces/tags/*",
		},
	},
	{
		ID: "73c2c328-d004-4c5e-938c-35c6f5679a1f", Name: "API Management Workspace API Product Manager",
		Description: "At the scope of a workspace: publishing APIs.",
		Actions: []string{
			readWorkspace, readAuthorization,
			"Microsoft.ApiManagement/service/workspaces/products/*",
			"Microsoft.ApiManagement/service/workspaces/subscriptions/*",
			"Microsoft.ApiManagement/service/workspaces/groups/*",
			"Microsoft.ApiManagement/service/workspaces/tags/*",
			"Microsoft.ApiManagement/service/workspaces/notifications/*",
		},
	},
	{
		ID: "0c34c906-8d99-4cb7-8bb7-33f5b0a1a799", Name: "API Management Workspace Contributor",
		Description: "At the scope of a workspace: everything in it.",
		Actions:     []string{"Microsoft.ApiManagement/service/workspaces/*", readAuthorization},
	},
	{
		ID: "ef1c2c96-4a77-49e8-b9a4-6179fe1d2fd2", Name: "API Management Workspace Reader",
		Description: "At the scope of a workspace: reading what is in it, but no secrets.",
		Actions:     []string{readWorkspace, readAuthorization},
	},
	portalRole(),
}
