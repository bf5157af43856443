package model

import "strings"

// Kind is the kind of a resource. It is the same in a workspace and in the
// service itself, and the same for the policies of every scope.
type Kind string

// The kinds of resources.
const (
	KindService        Kind = "service"
	KindWorkspace      Kind = "workspace"
	KindAPI            Kind = "api"
	KindOperation      Kind = "operation"
	KindRelease        Kind = "release"
	KindSchema         Kind = "schema"
	KindVersionSet     Kind = "versionSet"
	KindProduct        Kind = "product"
	KindProductAPI     Kind = "productApi"
	KindProductGroup   Kind = "productGroup"
	KindGroup          Kind = "group"
	KindGroupUser      Kind = "groupUser"
	KindUser           Kind = "user"
	KindSubscription   Kind = "subscription"
	KindNamedValue     Kind = "namedValue"
	KindBackend        Kind = "backend"
	KindPolicyFragment Kind = "policyFragment"
	KindPolicy         Kind = "policy"
	KindTag            Kind = "tag"
	KindAPITag         Kind = "apiTag"
	KindProductTag     Kind = "productTag"
	KindOperationTag   Kind = "operationTag"
	KindDiagnostic     Kind = "diagnostic"
	KindLogger         Kind = "logger"
	KindGateway        Kind = "gateway"
	KindGatewayAPI     Kind = "gatewayApi"
	KindCertificate    Kind = "certificate"
	KindCache          Kind = "cache"

	KindGatewayHostname  Kind = "gatewayHostname"
	KindGatewayAuthority Kind = "gatewayAuthority"
)

// Kind returns the kind of the resource that the id names, or "" where there
// is no such collection.
func (id ID) Kind() Kind {
	if id == "" {
		return KindService
	}
	node, s := kindRoot, string(id)
	for s != "" {
		collection, rest, _ := strings.Cut(s, "/")
		next, ok := node.child(collection)
		if !ok {
			return ""
		}
		node = next
		_, s, _ = strings.Cut(rest, "/")
	}
	return node.kind
}

// kindNode is a collection of the management API and what may be below it.
type kindNode struct {
	collection string
	kind       Kind
	maxName    int // In characters.
	children   []*kindNode
}

// child finds a collection in any case of letters.
func (n *kindNode) child(collection string) (*kindNode, bool) {
	for _, c := range n.children {
		if c.collection == collection {
			return c, true
		}
	}
	for _, c := range n.children {
		if strings.EqualFold(c.collection, collection) {
			return c, true
		}
	}
	return nil, false
}

// Lengths of names, in characters, as the management API states them.
const (
	shortName = 80
	longName  = 256
)

// kindRoot is the tree of all collections. It is never written.
var kindRoot = &kindNode{kind: KindService, children: append([]*kindNode{
	{collection: "workspaces", kind: KindWorkspace, maxName: shortName, children: sharedCollections()},
	{collection: "users", kind: KindUser, maxName: shortName},
	{collection: "caches", kind: KindCache, maxName: shortName},
	{collection: "gateways", kind: KindGateway, maxName: shortName, children: []*kindNode{
		{collection: "apis", kind: KindGatewayAPI, maxName: longName},
		{collection: "hostnameConfigurations", kind: KindGatewayHostname, maxName: shortName},
		{collection: "certificateAuthorities", kind: KindGatewayAuthority, maxName: shortName},
	}},
}, sharedCollections()...)}

// sharedCollections are those that a service and a workspace both have.
func sharedCollections() []*kindNode {
	policies := func() *kindNode {
		return &kindNode{collection: "policies", kind: KindPolicy, maxName: shortName}
	}
	diagnostics := func() *kindNode {
		return &kindNode{collection: "diagnostics", kind: KindDiagnostic, maxName: shortName}
	}
	return []*kindNode{
		{collection: "apis", kind: KindAPI, maxName: longName, children: []*kindNode{
			{collection: "operations", kind: KindOperation, maxName: shortName, children: []*kindNode{
				policies(),
				{collection: "tags", kind: KindOperationTag, maxName: shortName},
			}},
			policies(),
			{collection: "schemas", kind: KindSchema, maxName: shortName},
			{collection: "releases", kind: KindRelease, maxName: shortName},
			diagnostics(),
			{collection: "tags", kind: KindAPITag, maxName: shortName},
		}},
		{collection: "products", kind: KindProduct, maxName: longName, children: []*kindNode{
			policies(),
			{collection: "apis", kind: KindProductAPI, maxName: longName},
			{collection: "apiLinks", kind: KindProductAPI, maxName: shortName},
			{collection: "groups", kind: KindProductGroup, maxName: longName},
			{collection: "groupLinks", kind: KindProductGroup, maxName: shortName},
			{collection: "tags", kind: KindProductTag, maxName: shortName},
		}},
		{collection: "tags", kind: KindTag, maxName: shortName, children: []*kindNode{
			{collection: "apiLinks", kind: KindAPITag, maxName: shortName},
			{collection: "productLinks", kind: KindProductTag, maxName: shortName},
			{collection: "operationLinks", kind: KindOperationTag, maxName: shortName},
		}},
		{collection: "groups", kind: KindGroup, maxName: longName, children: []*kindNode{
			{collection: "users", kind: KindGroupUser, maxName: shortName},
		}},
		{collection: "apiVersionSets", kind: KindVersionSet, maxName: shortName},
		{collection: "subscriptions", kind: KindSubscription, maxName: longName},
		{collection: "namedValues", kind: KindNamedValue, maxName: longName},
		{collection: "backends", kind: KindBackend, maxName: shortName},
		{collection: "policyFragments", kind: KindPolicyFragment, maxName: shortName},
		{collection: "loggers", kind: KindLogger, maxName: longName},
		{collection: "certificates", kind: KindCertificate, maxName: shortName},
		policies(),
		diagnostics(),
	}
}
