package access

// PortalRoleID is the id of the role of developer portals.
const PortalRoleID = "5a11b0a7-0f0a-4d0e-9a35-d0c5e6a10088"

// apim begins the permissions of the service.
const apim = "Microsoft.ApiManagement/service/"

// portalRole is the role of developer portals: reading what is published and
// how the portal is set up, seeing to users, their groups and subscriptions, and
// what administrators do on its pages. It is an addition to Azure's roles. It
// gives no way to backups, certificates, named values, policies, gateways, the
// keys of the tenant or the service itself, but for when certificates end and
// backups were taken, and to no more of workspaces than what of them visitors see,
// and their subscriptions.
func portalRole() Role {
	return Role{
		ID: PortalRoleID, Name: "API Management Developer Portal Service",
		Description: "At the scope of a service: what the developer portal does for its visitors.",
		Actions: []string{
			// What visitors see.
			readServices, readTags, readProducts,
			apim + "apis/read", apim + "apis/operations/read", apim + "apis/operations/tags/read", apim + "apis/operationsByTags/read",
			apim + "apis/products/read", apim + "apis/releases/read", apim + "apis/revisions/read", apim + "apis/schemas/read",
			apim + "apis/sallyportDescriptions/read",
			apim + "apis/tagDescriptions/read", apim + "apis/tags/read", apim + "apis/wikis/read", apim + "apis/issues/*",
			apim + "apisByTags/read", apim + "apiVersionSets/read", apim + "documentations/read", apim + "issues/read",
			apim + "products/apis/read", apim + "products/apiLinks/read", apim + "products/groupLinks/read", apim + "products/groups/*",
			apim + "products/subscriptions/read", apim + "products/tags/read", apim + "products/wikis/read", apim + "productsByTags/read",
			apim + "tagResources/read", apim + "regions/read", apim + "reports/read", apim + "settings/read", apim + "schemas/read",
			apim + "quotas/read", apim + "quotas/periods/read", apim + "gateways/read", apim + "gateways/apis/read",
			apim + "gateways/hostnameConfigurations/read",
			// The same of workspaces, and who is in their groups.
			apim + "workspaces/read", apim + "workspaces/apis/read", apim + "workspaces/apis/operations/read",
			apim + "workspaces/apis/releases/read", apim + "workspaces/apis/revisions/read", apim + "workspaces/apis/schemas/read",
			apim + "workspaces/apis/sallyportDescriptions/read", apim + "workspaces/apiVersionSets/read",
			apim + "workspaces/products/read", apim + "workspaces/products/apiLinks/read", apim + "workspaces/products/groupLinks/read",
			apim + "workspaces/tags/read", apim + "workspaces/tags/apiLinks/read", apim + "workspaces/tags/operationLinks/read",
			apim + "workspaces/tags/productLinks/read", apim + "workspaces/groups/read", apim + "workspaces/groups/users/read",
			apim + "workspaces/subscriptions/*", apim + "workspaces/notifications/read",
			// Who visits.
			apim + "users/*", apim + "groups/*", apim + "subscriptions/*",
			// How they sign in, and how the console gets tokens.
			apim + "identityProviders/*", apim + "authorizationServers/read", apim + "authorizationServers/listSecrets/action",
			apim + "openidConnectProviders/read", apim + "openidConnectProviders/listSecrets/action",
			// What the console records of administrators' calls.
			apim + "gateways/listDebugCredentials/action", apim + "gateways/listTrace/action",
			// The portal itself.
			apim + "contentTypes/*", apim + "portalConfigs/*", apim + "portalRevisions/*", apim + "portalSettings/*",
			apim + "templates/*", apim + "notifications/*", apim + "sallyportPortal/*", apim + "sallyportMail/*",
			apim + "sallyportUsage/*", apim + "sallyportStatus/read",
		},
	}
}

// PortalPrincipal is the portal of this process, at the scope of a service: it
// needs no token, and no assignment takes its role away.
func PortalPrincipal(service Scope) Principal {
	role, _ := FindRole(PortalRoleID) // It is one of the table.
	return Principal{ID: "sallyport-developer-portal", Name: "developer portal", Grants: []Grant{{Role: role, Scope: service}}}
}
