package apiops

import (
	"strings"

	"github.com/sallyport/sallyport/internal/model"
)

// The names of files that do not depend on the kind of a resource.
const (
	policyFile            = "policy.xml"
	policyInformationFile = "policyInformation.json" // Ours: a policy's format and unknown properties.
	specificationBase     = "specification"
)

// entry is a kind of folder: where resources of a collection are, what their
// information file is called, and what may be below.
type entry struct {
	folder     string
	collection string
	file       string
	// bare says that the information file may be absent.
	bare bool
	// policy says that there may be a policy.xml: the policy of the resource,
	// or the text of a fragment.
	policy bool
	// link says what the resources are, where they are links.
	link     linkShape
	children []*entry
}

// linkShape says how a link's id is made of its folder.
type linkShape struct {
	// property names the member in a link resource; empty where this is no link.
	property string
	// collection is that of link resources, below the folder's resource:
	// "apiLinks".
	collection string
	// reversed says that the id of an association has the other resource first:
	// tags/T/apis/A is apis/A/tags/T.
	reversed bool
}

func (e *entry) isLink() bool { return e.link.property != "" }

// child finds the entry of a folder's name.
func child(entries []*entry, folder string) *entry {
	for _, e := range entries {
		if e.folder == folder {
			return e
		}
	}
	return nil
}

// similar finds the entry whose folder differs from a name only in the case of
// letters, spaces and dashes: a likely slip.
func similar(entries []*entry, folder string) *entry {
	fold := func(s string) string {
		return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(s))
	}
	for _, e := range entries {
		if fold(e.folder) == fold(folder) || fold(e.collection) == fold(folder) {
			return e
		}
	}
	return nil
}

// byCollection finds the entry of a collection of the management API.
func byCollection(entries []*entry, collection string) *entry {
	for _, e := range entries {
		if e.collection == collection || e.isLink() && e.link.collection == collection {
			return e
		}
	}
	return nil
}

// layout returns the entries of the root folder.
func layout() []*entry {
	return append([]*entry{
		{folder: "workspaces", collection: "workspaces", file: "workspaceInformation.json", bare: true, policy: true, children: scoped()},
		{folder: "gateways", collection: "gateways", file: "gatewayInformation.json", children: []*entry{
			{folder: "apis", collection: "apis", file: "gatewayApiInformation.json", link: linkShape{property: "apiId"}},
		}},
		{folder: "users", collection: "users", file: "userInformation.json"},
		{folder: "caches", collection: "caches", file: "cacheInformation.json"},
	}, scoped()...)
}

// scoped returns the entries that the root and a workspace both have.
func scoped() []*entry {
	diagnostics := func() *entry {
		return &entry{folder: "diagnostics", collection: "diagnostics", file: "diagnosticInformation.json"}
	}
	return []*entry{
		{folder: "named values", collection: "namedValues", file: "namedValueInformation.json"},
		{folder: "backends", collection: "backends", file: "backendInformation.json"},
		{folder: "loggers", collection: "loggers", file: "loggerInformation.json"},
		diagnostics(),
		{folder: "groups", collection: "groups", file: "groupInformation.json", children: []*entry{
			{folder: "users", collection: "users", file: "groupUserInformation.json", link: linkShape{property: "userId"}},
		}},
		tags(),
		{folder: "version sets", collection: "apiVersionSets", file: "versionSetInformation.json"},
		{folder: "policy fragments", collection: "policyFragments", file: "policyFragmentInformation.json", policy: true},
		products(),
		{folder: "subscriptions", collection: "subscriptions", file: "subscriptionInformation.json"},
		{folder: "certificates", collection: "certificates", file: "certificateInformation.json"},
		{folder: "apis", collection: "apis", file: "apiInformation.json", policy: true, children: []*entry{
			{folder: "operations", collection: "operations", file: "operationInformation.json", bare: true, policy: true, children: []*entry{
				{folder: "tags", collection: "tags", file: "operationTagInformation.json", link: linkShape{property: "tagId"}},
			}},
			diagnostics(),
			{folder: "releases", collection: "releases", file: "apiReleaseInformation.json"},
			{folder: "schemas", collection: "schemas", file: "schemaInformation.json"},
		}},
	}
}

func tags() *entry {
	return &entry{folder: "tags", collection: "tags", file: "tagInformation.json", children: []*entry{
		{folder: "apis", collection: "apis", file: "tagApiInformation.json",
			link: linkShape{property: "apiId", collection: "apiLinks", reversed: true}},
		{folder: "products", collection: "products", file: "tagProductInformation.json",
			link: linkShape{property: "productId", collection: "productLinks", reversed: true}},
		{folder: "operations", collection: "operations", file: "tagOperationInformation.json",
			link: linkShape{property: "operationId", collection: "operationLinks", reversed: true}},
	}}
}

func products() *entry {
	return &entry{folder: "products", collection: "products", file: "productInformation.json", policy: true, children: []*entry{
		{folder: "apis", collection: "apis", file: "productApiInformation.json",
			link: linkShape{property: "apiId", collection: "apiLinks"}},
		{folder: "groups", collection: "groups", file: "productGroupInformation.json",
			link: linkShape{property: "groupId", collection: "groupLinks"}},
	}}
}

// linkID returns the id of the link in the folder name below parent. Named is
// the link resource's name where the file has one.
func (e *entry) linkID(parent model.ID, name, named string) model.ID {
	switch {
	case named != "" && e.link.collection != "":
		return parent.Child(e.link.collection, named)
	case e.link.reversed:
		return model.NewID(e.collection, name).InWorkspace(parent.Workspace()).Child(parent.Collection(), parent.Name())
	default:
		return parent.Child(e.collection, name)
	}
}
