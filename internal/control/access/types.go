package access

// The actions of the management API, each a POST.
const (
	ListSecrets                Action = "listSecrets"
	ListValue                  Action = "listValue"
	ListKeys                   Action = "listKeys"
	ListReferences             Action = "listReferences"
	ListDebugCredentials       Action = "listDebugCredentials" //nolint:gosec // It is a name.
	ListTrace                  Action = "listTrace"
	RefreshSecret              Action = "refreshSecret"
	RegenerateKey              Action = "regenerateKey"
	RegeneratePrimaryKey       Action = "regeneratePrimaryKey"
	RegenerateSecondaryKey     Action = "regenerateSecondaryKey"
	RotateKey                  Action = "sallyportRotateKey"
	GenerateToken              Action = "generateToken"
	GenerateSSOURL             Action = "generateSsoUrl"
	UserToken                  Action = "token"
	Send                       Action = "send"
	InvalidateDebugCredentials Action = "invalidateDebugCredentials"
	Reconnect                  Action = "reconnect"
	GetLoginLinks              Action = "getLoginLinks"
	ConfirmConsentCode         Action = "confirmConsentCode"
	Deploy                     Action = "deploy"
	Save                       Action = "save"
	Validate                   Action = "validate"
	Backup                     Action = "backup"
	Restore                    Action = "restore"
	GetSSOToken                Action = "getssotoken"
	ApplyNetworkUpdates        Action = "applynetworkconfigurationupdates"
	MigrateToSTV2              Action = "migrateToStv2"
	ConnectivityCheck          Action = "connectivityCheck"
	ValidatePolicies           Action = "validatePolicies"
	Register                   Action = "register"
	CreateToken                Action = "createToken"
	SignIn                     Action = "sallyportSignIn"
	Redeem                     Action = "sallyportRedeem"
	RedeemSignOn               Action = "sallyportRedeemSignOn"
	PortalKey                  Action = "sallyportPortalKey"
	SpendProof                 Action = "sallyportSpendProof"
	OneTimeTokens              Action = "sallyportTokens"
	Seen                       Action = "seen"
)

// The types of resources of the management API, and beside each what can be
// done with it besides reading, writing and deleting. This is the one table of
// permissions: what an operation needs is one of these, as in
// APIs.Write() or Subscriptions.Action(ListSecrets).
var (
	Services = newType("service", Backup, Restore, GetSSOToken, ApplyNetworkUpdates,
		MigrateToSTV2, ConnectivityCheck, ValidatePolicies)
	Workspaces = newType("service/workspaces")

	APIs                 = newSharedType("service/apis")
	APIDescriptions      = newSharedType("service/apis/sallyportDescriptions")
	APIDiagnostics       = newSharedType("service/apis/diagnostics")
	APIIssues            = newType("service/apis/issues")
	APIIssueAttachments  = newType("service/apis/issues/attachments")
	APIIssueComments     = newType("service/apis/issues/comments")
	APIOperations        = newSharedType("service/apis/operations")
	APIOperationPolicies = newSharedType("service/apis/operations/policies")
	APIOperationTags     = newType("service/apis/operations/tags")
	APIOperationsByTags  = newType("service/apis/operationsByTags")
	APIPolicies          = newSharedType("service/apis/policies")
	APIProducts          = newType("service/apis/products")
	APIReleases          = newSharedType("service/apis/releases")
	APIResolvers         = newType("service/apis/resolvers")
	APIResolverPolicies  = newType("service/apis/resolvers/policies")
	APIRevisions         = newSharedType("service/apis/revisions")
	APISchemas           = newSharedType("service/apis/schemas")
	APITagDescriptions   = newType("service/apis/tagDescriptions")
	APITags              = newType("service/apis/tags")
	APIWikis             = newType("service/apis/wikis")
	APIsByTags           = newType("service/apisByTags")
	APIVersionSets       = newSharedType("service/apiVersionSets")

	AllPolicies                 = newType("service/allPolicies")
	AuthorizationProviders      = newType("service/authorizationProviders")
	Authorizations              = newType("service/authorizationProviders/authorizations", GetLoginLinks, ConfirmConsentCode)
	AuthorizationAccessPolicies = newType("service/authorizationProviders/authorizations/accessPolicies")
	AuthorizationServers        = newType("service/authorizationServers", ListSecrets)
	Backends                    = newSharedType("service/backends", Reconnect)
	Caches                      = newType("service/caches")
	Certificates                = newSharedType("service/certificates", RefreshSecret)
	ContentTypes                = newType("service/contentTypes")
	ContentItems                = newType("service/contentTypes/contentItems")
	Diagnostics                 = newSharedType("service/diagnostics")
	Documentations              = newType("service/documentations")

	Gateways = newType("service/gateways", ListKeys, RegenerateKey, GenerateToken,
		InvalidateDebugCredentials, ListDebugCredentials, ListTrace)
	GatewayAPIs                   = newType("service/gateways/apis")
	GatewayCertificateAuthorities = newType("service/gateways/certificateAuthorities")
	GatewayHostnameConfigurations = newType("service/gateways/hostnameConfigurations")

	Groups                      = newSharedType("service/groups")
	GroupUsers                  = newSharedType("service/groups/users")
	IdentityProviders           = newType("service/identityProviders", ListSecrets)
	Issues                      = newType("service/issues")
	Loggers                     = newSharedType("service/loggers")
	NamedValues                 = newSharedType("service/namedValues", ListValue, RefreshSecret)
	NetworkStatus               = newType("service/networkstatus")
	LocationNetworkStatus       = newType("service/locations/networkstatus")
	Notifications               = newSharedType("service/notifications")
	NotificationRecipientEmails = newSharedType("service/notifications/recipientEmails")
	NotificationRecipientUsers  = newSharedType("service/notifications/recipientUsers")
	OpenIDConnectProviders      = newType("service/openidConnectProviders", ListSecrets)
	OutboundNetworkDependencies = newType("service/outboundNetworkDependenciesEndpoints")
	Policies                    = newSharedType("service/policies")
	PolicyDescriptions          = newType("service/policyDescriptions")
	PolicyFragments             = newSharedType("service/policyFragments", ListReferences)
	PolicyRestrictions          = newType("service/policyRestrictions")
	PortalConfigs               = newType("service/portalConfigs")
	PortalRevisions             = newType("service/portalRevisions")
	PortalSettings              = newType("service/portalSettings", ListSecrets)
	PrivateEndpointConnections  = newType("service/privateEndpointConnections")
	PrivateLinkResources        = newType("service/privateLinkResources")
	Products                    = newSharedType("service/products")
	ProductAPILinks             = newSharedType("service/products/apiLinks")
	ProductAPIs                 = newType("service/products/apis")
	ProductGroupLinks           = newSharedType("service/products/groupLinks")
	ProductGroups               = newType("service/products/groups")
	ProductPolicies             = newSharedType("service/products/policies")
	ProductSubscriptions        = newType("service/products/subscriptions")
	ProductTags                 = newType("service/products/tags")
	ProductWikis                = newType("service/products/wikis")
	ProductsByTags              = newType("service/productsByTags")
	Quotas                      = newType("service/quotas")
	QuotaPeriods                = newType("service/quotas/periods")
	Regions                     = newType("service/regions")
	Reports                     = newType("service/reports")
	Schemas                     = newSharedType("service/schemas")
	Settings                    = newType("service/settings")
	ServiceSKUs                 = newType("service/skus")
	Subscriptions               = newSharedType("service/subscriptions", ListSecrets, RegeneratePrimaryKey, RegenerateSecondaryKey, RotateKey)
	TagResources                = newType("service/tagResources")
	Tags                        = newSharedType("service/tags")
	TagAPILinks                 = newSharedType("service/tags/apiLinks")
	TagOperationLinks           = newSharedType("service/tags/operationLinks")
	TagProductLinks             = newSharedType("service/tags/productLinks")
	Templates                   = newType("service/templates")
	Tenant                      = newType("service/tenant", ListSecrets, RegeneratePrimaryKey, RegenerateSecondaryKey,
		Deploy, Save, Validate)
	TenantOperationResults         = newType("service/tenant/operationResults")
	TenantSyncState                = newType("service/tenant/syncState")
	Users                          = newType("service/users", GenerateSSOURL, UserToken, OneTimeTokens)
	UserConfirmations              = newType("service/users/confirmations", Send)
	UserGroups                     = newType("service/users/groups")
	UserIdentities                 = newType("service/users/identities")
	UserSubscriptions              = newType("service/users/subscriptions")
	UserSessions                   = newType("service/users/sallyportSessions", Seen)
	Portal                         = newType("service/sallyportPortal", SignIn, Redeem, RedeemSignOn, PortalKey, SpendProof)
	Mail                           = newType("service/sallyportMail", ListSecrets)
	Status                         = newType("service/sallyportStatus")
	WorkspaceLinks                 = newType("service/workspaceLinks")
	ServiceOperationResults        = newType("service/operationresults")
	Provider                       = newType("", Register)
	Operations                     = newType("operations")
	CheckNameAvailability          = newType("checkNameAvailability")
	DomainOwnershipIdentifier      = newType("getDomainOwnershipIdentifier")
	DeletedServices                = newType("deletedservices")
	LocationDeletedServices        = newType("locations/deletedservices")
	LocationOperationResults       = newType("locations/operationsStatuses")
	SKUs                           = newType("skus")
	WorkspaceGateways              = newType("gateways")
	WorkspaceGatewayConfigurations = newType("gateways/configConnections")
	WorkspaceGatewaySKUs           = newType("gateways/skus")
)

// The types of the part of Azure Resource Manager that clients ask for first.
var (
	AzureSubscriptions   = Type{provider: "Microsoft.Resources", path: "subscriptions"}
	ResourceGroups       = Type{provider: "Microsoft.Resources", path: "subscriptions/resourceGroups"}
	ResourceProviders    = Type{provider: "Microsoft.Resources", path: "subscriptions/providers"}
	AzureLocations       = Type{provider: "Microsoft.Resources", path: "subscriptions/locations"}
	AzureTenants         = Type{provider: "Microsoft.Resources", path: "tenants"}
	RoleAssignments      = Type{provider: "Microsoft.Authorization", path: "roleAssignments"}
	RoleDefinitions      = Type{provider: "Microsoft.Authorization", path: "roleDefinitions"}
	ServicePrincipals    = Type{provider: "Sallyport.Access", path: "servicePrincipals", actions: string(CreateToken)}
	AuditLog             = Type{provider: "Sallyport.Management", path: "auditLog", actions: "verify"}
	ManagementRevisions  = Type{provider: "Sallyport.Management", path: "revisions", actions: "rollback"}
	ManagementEncryption = Type{provider: "Sallyport.Management", path: "encryption", actions: "rotate"}
)

// types is every type above, for the list of permissions. It is never written.
var types = []Type{
	Services, Workspaces, APIs, APIDescriptions, APIDiagnostics, APIIssues, APIIssueAttachments, APIIssueComments,
	APIOperations, APIOperationPolicies, APIOperationTags, APIOperationsByTags, APIPolicies,
	APIProducts, APIReleases, APIResolvers, APIResolverPolicies, APIRevisions, APISchemas,
	APITagDescriptions, APITags, APIWikis, APIsByTags, APIVersionSets, AllPolicies,
	AuthorizationProviders, Authorizations, AuthorizationAccessPolicies, AuthorizationServers,
	Backends, Caches, Certificates, ContentTypes, ContentItems, Diagnostics, Documentations,
	Gateways, GatewayAPIs, GatewayCertificateAuthorities, GatewayHostnameConfigurations, Groups,
	GroupUsers, IdentityProviders, Issues, Loggers, NamedValues, NetworkStatus,
	LocationNetworkStatus, Notifications, NotificationRecipientEmails, NotificationRecipientUsers,
	OpenIDConnectProviders, OutboundNetworkDependencies, Policies, PolicyDescriptions,
	PolicyFragments, PolicyRestrictions, PortalConfigs, PortalRevisions, PortalSettings,
	PrivateEndpointConnections, PrivateLinkResources, Products, ProductAPILinks, ProductAPIs,
	ProductGroupLinks, ProductGroups, ProductPolicies, ProductSubscriptions, ProductTags,
	ProductWikis, ProductsByTags, Quotas, QuotaPeriods, Regions, Reports, Schemas, Settings,
	ServiceSKUs, Subscriptions, TagResources, Tags, TagAPILinks, TagOperationLinks,
	TagProductLinks, Templates, Tenant, TenantOperationResults, TenantSyncState, Users,
	UserConfirmations, UserGroups, UserIdentities, UserSubscriptions, UserSessions, Portal, Mail, Status,
	WorkspaceLinks,
	ServiceOperationResults, Provider, Operations, CheckNameAvailability,
	DomainOwnershipIdentifier, DeletedServices, LocationDeletedServices, LocationOperationResults,
	SKUs, WorkspaceGateways, WorkspaceGatewayConfigurations, WorkspaceGatewaySKUs,
	AzureSubscriptions, ResourceGroups, ResourceProviders, AzureLocations, AzureTenants,
	RoleAssignments, RoleDefinitions, ServicePrincipals, AuditLog, ManagementRevisions,
	ManagementEncryption,
}
