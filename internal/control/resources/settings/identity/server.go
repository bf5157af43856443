package identity

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
)

// authorizationServers is the kind of the OAuth 2.0 servers that the developer
// portal gets tokens from.
func authorizationServers() *resource.Node {
	return resource.New(access.AuthorizationServers, resource.Kind{
		Collection: "authorizationServers", Title: "AuthorizationServer",
		Contract: "AuthorizationServerContract", Update: "AuthorizationServerUpdateContract",
		Filter: "AuthorizationServerClientListByService",
		Secrets: []resource.Secret{
			{Path: "properties." + clientSecret}, {Path: "properties.resourceOwnerPassword", Shown: true},
		},
		Keep: []string{"properties." + clientSecret},
		Hooks: resource.Hooks{
			Prepare: prepareServer,
			Deleting: func(s *resource.Session, e *resource.Entity) error {
				return refuseUsed(s, e, "authorization server", "oAuth2", "authorizationServerId")
			},
		},
		Actions: []resource.Action{listSecrets(clientSecret, "resourceOwnerUsername", "resourceOwnerPassword")},
	})
}

func prepareServer(_ *resource.Session, e, _ *resource.Entity) error {
	e.SetDefault("authorizationMethods", []any{"GET"})
	e.SetDefault("bearerTokenSendingMethods", []any{"authorizationHeader"})
	e.SetDefault("supportState", false)
	return nil
}

// refuseUsed refuses the deletion of what an API uses to authenticate: its
// authenticationSettings name it.
func refuseUsed(s *resource.Session, e *resource.Entity, title, settings, field string) error {
	var users []*resource.Entity
	for api, err := range s.Collection(e.ID.Scope() + "/apis") {
		if err != nil {
			return err
		}
		named, _ := resource.At(api.Body, "properties.authenticationSettings")
		if namesServer(named, settings, field, e.ID.Name()) {
			users = append(users, api)
		}
	}
	return policies.RefuseInUse(e.ID, title, users)
}

// namesServer looks for a name in one object of the settings, and in the list of
// such objects that stands beside it.
func namesServer(node any, settings, field, name string) bool {
	object, _ := node.(map[string]any)
	matches := func(v any) bool {
		one, _ := v.(map[string]any)
		text, _ := one[field].(string)
		return strings.EqualFold(text[strings.LastIndexByte(text, '/')+1:], name)
	}
	if matches(object[settings]) {
		return true
	}
	list, _ := object[settings+"AuthenticationSettings"].([]any)
	return slices.ContainsFunc(list, matches)
}
