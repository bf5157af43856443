package arm

import (
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
)

// Patterns of paths. A segment in braces is any name; "{scope}" at the beginning
// is any number of segments.
const (
	subscriptionPath = "subscriptions/{subscription}"
	groupPath        = subscriptionPath + "/resourceGroups/{group}"
	providerPath     = subscriptionPath + "/providers/{namespace}"
	assignmentsPath  = "{scope}/providers/Microsoft.Authorization/roleAssignments"
	definitionsPath  = "{scope}/providers/Microsoft.Authorization/roleDefinitions"
)

// route is one operation. Each states what it needs of its caller.
type route struct {
	method, pattern string
	need            need
	serve           func(*Front, *request) (answer, error)
}

// routes are all operations. Nobody writes into the table.
var routes = []route{
	{http.MethodGet, "metadata/endpoints", public(), (*Front).metadata},
	{http.MethodGet, "tenants", signedIn(), (*Front).tenants},
	{http.MethodGet, "subscriptions", signedIn(), (*Front).subscriptions},
	{http.MethodGet, subscriptionPath, signedIn(), (*Front).subscription},
	{http.MethodGet, subscriptionPath + "/locations", signedIn(), (*Front).locations},
	{http.MethodGet, subscriptionPath + "/resources", signedIn(), (*Front).resources},
	{http.MethodGet, subscriptionPath + "/providers", signedIn(), (*Front).providers},
	{http.MethodGet, providerPath, signedIn(), (*Front).provider},
	{http.MethodPost, providerPath + "/register", permits(access.Provider.Action(access.Register)), (*Front).provider},

	{http.MethodGet, subscriptionPath + "/resourceGroups", signedIn(), (*Front).groups},
	{http.MethodGet, groupPath, permits(access.ResourceGroups.Read()), (*Front).group},
	{http.MethodHead, groupPath, permits(access.ResourceGroups.Read()), (*Front).hasGroup},
	{http.MethodPut, groupPath, permits(access.ResourceGroups.Write()), (*Front).putGroup},
	{http.MethodPatch, groupPath, permits(access.ResourceGroups.Write()), (*Front).patchGroup},
	{http.MethodDelete, groupPath, permits(access.ResourceGroups.Delete()), (*Front).deleteGroup},
	{http.MethodGet, groupPath + "/resources", permits(access.ResourceGroups.Read()), (*Front).resources},

	{http.MethodGet, definitionsPath, permits(access.RoleDefinitions.Read()), (*Front).definitions},
	{http.MethodGet, definitionsPath + "/{name}", permits(access.RoleDefinitions.Read()), (*Front).definition},
	{http.MethodGet, assignmentsPath, permits(access.RoleAssignments.Read()), (*Front).assignments},
	{http.MethodGet, assignmentsPath + "/{name}", permits(access.RoleAssignments.Read()), (*Front).assignment},
	{http.MethodPut, assignmentsPath + "/{name}", permits(access.RoleAssignments.Write()), (*Front).putAssignment},
	{http.MethodDelete, assignmentsPath + "/{name}", permits(access.RoleAssignments.Delete()), (*Front).deleteAssignment},
}

// match compares a path with the pattern, in which letters have no case, and
// returns the names in braces. The scope, where the pattern has one, is not
// among them.
func (r route) match(segments []string) (names []string, ok bool) {
	pattern := strings.Split(r.pattern, "/")
	if pattern[0] == "{scope}" {
		extra := len(segments) - (len(pattern) - 1)
		if extra < 0 {
			return nil, false
		}
		pattern, segments = pattern[1:], segments[extra:]
	}
	if len(pattern) != len(segments) {
		return nil, false
	}
	for i, p := range pattern {
		switch {
		case segments[i] == "":
			return nil, false
		case strings.HasPrefix(p, "{"):
			names = append(names, segments[i])
		case !strings.EqualFold(p, segments[i]):
			return nil, false
		}
	}
	return names, true
}

// scope is the resource id at which a permission is needed: what stands before
// the provider of an extension, or else the path itself.
func (in *request) scope() string {
	const extension = "/providers/microsoft.authorization/"
	if at := strings.LastIndex(strings.ToLower(in.id), extension); at >= 0 {
		return "/" + strings.Trim(in.id[:at], "/")
	}
	return in.id
}
