package apis

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
)

// presentAPI adds to an API what is computed.
func presentAPI(s *resource.Session, e *resource.Entity) error {
	e.Set("isOnline", true)
	presentAlias(s, e)
	if !e.Bool("isCurrent", true) {
		e.Unset("isCurrent")
	}
	presentKeyNames(e)
	if settings, ok := e.Properties()["authenticationSettings"].(map[string]any); ok {
		pair(settings, "oAuth2", "oAuth2AuthenticationSettings")
		pair(settings, "openid", "openidAuthenticationSettings")
	}
	if !s.Call.Listing {
		e.Set("provisioningState", "Succeeded")
	}
	if !s.Call.Listing || s.Call.Bool("expandapiversionset") {
		return expandVersionSet(s, e)
	}
	return nil
}

// presentAlias answers the current revision under its number where the request
// names it so.
func presentAlias(s *resource.Session, e *resource.Entity) {
	asked := s.Call.Asked
	if _, revision := resource.SplitRevision(asked.Name()); revision == revisionOf(e) && rootID(asked).Equal(e.ID) {
		e.Body["id"], e.Body["name"] = string(asked), asked.Name()
	}
}

// presentKeyNames fills in the names under which subscription keys are looked
// for.
func presentKeyNames(e *resource.Entity) {
	names, _ := e.Properties()["subscriptionKeyParameterNames"].(map[string]any)
	if names == nil {
		names = map[string]any{}
	}
	if textOf(names["header"]) == "" {
		names["header"] = model.DefaultKeyHeader
	}
	if textOf(names["query"]) == "" {
		names["query"] = model.DefaultKeyQuery
	}
	e.Set("subscriptionKeyParameterNames", names)
}

// pair gives authentication settings in both of the API's forms: the older one
// of one server, and the newer list.
func pair(settings map[string]any, one, many string) {
	single, hasOne := settings[one].(map[string]any)
	list, hasMany := settings[many].([]any)
	switch {
	case hasOne && (!hasMany || len(list) == 0):
		settings[many] = []any{single}
	case !hasOne && hasMany && len(list) > 0:
		settings[one] = list[0]
	}
}

// expandVersionSet adds the description of the API's version set.
func expandVersionSet(s *resource.Session, e *resource.Entity) error {
	id := e.Text("apiVersionSetId")
	if id == "" {
		return nil
	}
	set, err := s.Lookup(resource.ID(id))
	if err != nil || set == nil {
		return err
	}
	details := map[string]any{"id": string(set.ID), "name": set.Text("displayName")}
	for _, name := range []string{"description", "versioningScheme", "versionQueryName", "versionHeaderName"} {
		if value, ok := set.Properties()[name]; ok {
			details[name] = value
		}
	}
	e.Set("apiVersionSet", details)
	return nil
}

// hasTags applies the query parameter "tags" of lists: names of tags with commas
// between them, of which an API or operation has to have one.
func hasTags(s *resource.Session, e *resource.Entity) (bool, error) {
	wanted := s.Call.Query["tags"]
	if wanted == "" || strings.EqualFold(wanted, "true") || strings.EqualFold(wanted, "false") {
		return true, nil
	}
	tags, err := tagsOf(s, e.ID)
	if err != nil {
		return false, err
	}
	for name := range strings.SplitSeq(wanted, ",") {
		for _, tag := range tags {
			if name = strings.TrimSpace(name); strings.EqualFold(name, tag.id.Name()) || strings.EqualFold(name, tag.name) {
				return true, nil
			}
		}
	}
	return false, nil
}
