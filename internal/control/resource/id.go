package resource

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// ID is a full resource id, with its leading slash:
// "/subscriptions/…/providers/Microsoft.ApiManagement/service/x/apis/echo".
// Collections are spelled as the API spells them, names as they were given.
// Two ids that differ in the case of letters only name the same resource.
type ID string

// revisionMark divides the name of an API from the number of a revision that is
// not the current one.
const revisionMark = ";rev="

// Name is the last segment.
func (id ID) Name() string { return string(id[strings.LastIndexByte(string(id), '/')+1:]) }

// Collection is the id without its last segment.
func (id ID) Collection() ID {
	end := strings.LastIndexByte(string(id), '/')
	if end < 0 {
		return ""
	}
	return id[:end]
}

// Parent is the id of the resource that holds this one.
func (id ID) Parent() ID { return id.Collection().Collection() }

// Child is the id of a resource below this one.
func (id ID) Child(collection, name string) ID {
	return id + "/" + ID(collection) + "/" + ID(name)
}

// Equal reports whether both ids name the same resource.
func (id ID) Equal(other ID) bool { return strings.EqualFold(string(id), string(other)) }

// Within reports whether the id is the ancestor or below it.
func (id ID) Within(ancestor ID) bool {
	if len(id) < len(ancestor) || !strings.EqualFold(string(id[:len(ancestor)]), string(ancestor)) {
		return false
	}
	return len(id) == len(ancestor) || id[len(ancestor)] == '/'
}

// Key is the key of the resource's record. A revision of an API that is not the
// current one stands below the API, so that listing APIs does not meet it:
// "…/apis/echo;rev=2/operations/get" is kept as
// "…/apis/echo/revisions/2/operations/get".
func (id ID) Key() store.Key {
	key := store.KeyOf(string(id))
	root, revision, found := strings.Cut(string(key), revisionMark)
	if !found {
		return key
	}
	return store.Key(root + "/revisions/" + revision)
}

// serviceMark ends the part of an id that names a subscription, a resource
// group and the provider.
const serviceMark = "/providers/microsoft.apimanagement/service/"

// Service is the id of the service that holds the resource, or "" for what is
// no part of a service.
func (id ID) Service() ID {
	at := strings.Index(strings.ToLower(string(id)), serviceMark)
	if at < 0 || at+len(serviceMark) > len(id) {
		return ""
	}
	rest := id[at+len(serviceMark):]
	if end := strings.IndexByte(string(rest), '/'); end >= 0 {
		rest = rest[:end]
	}
	return id[:at+len(serviceMark)] + rest
}

// Relative is the id below its service, without a leading slash:
// "apis/echo/operations/get"; "" for the service itself.
func (id ID) Relative() string {
	service := id.Service()
	if service == "" || len(service) == len(id) {
		return ""
	}
	return string(id[len(service)+1:])
}

// Workspace is the id of the workspace that holds the resource, or "". A
// workspace is in itself.
func (id ID) Workspace() ID {
	service := id.Service()
	rest := id.Relative()
	const workspaces = "workspaces/"
	if len(rest) <= len(workspaces) || !strings.EqualFold(rest[:len(workspaces)], workspaces) {
		return ""
	}
	name, _, _ := strings.Cut(rest[len(workspaces):], "/")
	return service.Child("workspaces", name)
}

// Scope is the workspace of the resource where it is in one, else its service:
// what relative references start from.
func (id ID) Scope() ID {
	if w := id.Workspace(); w != "" {
		return w
	}
	return id.Service()
}

// SplitRevision divides the name of an API: "echo;rev=2" into "echo" and "2".
func SplitRevision(name string) (root, revision string) {
	at := strings.Index(strings.ToLower(name), revisionMark)
	if at < 0 || at+len(revisionMark) > len(name) {
		return name, ""
	}
	return name[:at], name[at+len(revisionMark):]
}
