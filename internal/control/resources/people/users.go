package people

import (
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/portal"
	"github.com/sallyport/sallyport/internal/control/resources/visitors"
)

// Administrator is the name of the user that each service has from its
// beginning.
const Administrator = "1"

// emailClaim is what claims call the address of a user.
const emailClaim = "email"

// userKind is the kind of users.
func userKind() *resource.Node {
	return resource.New(access.Users, resource.Kind{
		Collection: "users", Title: "User",
		Contract: "UserContract", Create: "UserCreateParameters", Update: "UserUpdateParameters",
		Filter: "UserClientListByService", LongRunning: resource.Delete,
		Secrets: []resource.Secret{{Path: "properties.passwordHash"}},
		Keep: []string{
			"properties.passwordHash", "properties.registrationDate", "properties.identities", "properties.state",
		},
		Hooks: resource.Hooks{
			Indexed: indexedOfUsers(), Prepare: prepareUser, Written: writtenUser, Deleting: deleteUser, Present: presentUser,
		},
		Actions: []resource.Action{
			{Path: "generateSsoUrl", Permission: access.GenerateSSOURL, Run: ssoURL},
			{Path: "token", Permission: access.UserToken, Body: "UserTokenParameters", Run: userToken},
			{Path: "sallyportTokens", Permission: access.OneTimeTokens, Writes: true, Body: "SallyportTokenParameters", Run: visitors.NewToken},
		},
		Reads:    []resource.Action{{Path: "identities", Run: identities}},
		Children: append(visitors.OfUser(), userGroups(), userSubscriptions(), confirmations()),
	})
}

func prepareUser(s *resource.Session, e, old *resource.Entity) error {
	e.Unset("confirmation") // What mail is sent says nothing of the user.
	e.Unset("appType")
	e.SetDefault("state", stateActive)
	e.SetDefault("registrationDate", s.Stamp())
	email := strings.TrimSpace(e.Text("email"))
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 || strings.ContainsAny(email, " \t\r\n,;<>") {
		return resource.Invalid("properties.email", "%q is no e-mail address", email)
	}
	e.Set("email", email)
	if list, _ := e.Properties()["identities"].([]any); len(list) == 0 {
		e.Set("identities", []any{map[string]any{"provider": "Basic", "id": email}})
	}
	if err := visitorUser(s, e, old); err != nil {
		return err
	}
	if err := hashPassword(s, e); err != nil {
		return err
	}
	return settleEmail(s, e, old)
}

// writtenUser sees to what follows from a new user, and ends the sessions of one
// whose password has changed, or who may not sign in any more. Links in mail to
// an address that the user had before work no longer.
func writtenUser(s *resource.Session, e, old *resource.Entity) error {
	if old == nil {
		return joinDevelopers(s, e)
	}
	switch {
	case e.Text("passwordHash") != old.Text("passwordHash") || !visitors.MaySignIn(e):
		return visitors.EndSessions(s, e.ID)
	case folded(e.Text("email")) != folded(old.Text("email")):
		return visitors.EndTokens(s, e.ID)
	}
	return nil
}

// settleEmail sees to it that no two users of a service share an address.
func settleEmail(s *resource.Session, e, old *resource.Entity) error {
	email, before := folded(e.Text("email")), ""
	if old != nil {
		if before = folded(old.Text("email")); before == email {
			return nil
		}
	}
	taken, err := claim(s, e.ID, emailClaim, email, func(other *resource.Entity) (bool, error) {
		return folded(other.Text("email")) == email, nil
	})
	if err != nil {
		return err
	}
	if taken {
		return resource.Invalid("properties.email", "another user has the address %s", e.Text("email"))
	}
	return release(s, e.ID, emailClaim, before)
}

// joinDevelopers puts a new user into the group of those who can sign in.
func joinDevelopers(s *resource.Session, e *resource.Entity) error {
	developers := e.ID.Service().Child("groups", "developers")
	found, err := s.Has(developers)
	if err != nil || !found {
		return err
	}
	return s.Store(developers.Child("users", e.ID.Name()), map[string]any{})
}

// deleteUser takes the user from all groups and notifications, and refuses
// while there are subscriptions, unless they shall go too.
func deleteUser(s *resource.Session, e *resource.Entity) error {
	if err := visitorOwns(s, e, e.ID); err != nil {
		return err
	}
	if e.ID.Name() == Administrator {
		return resource.Invalid("userId", "the user %s is the service's administrator and cannot be deleted", Administrator)
	}
	owned, err := ownedBy(s, e.ID)
	if err != nil {
		return err
	}
	if len(owned) > 0 && !s.Call.Bool("deletesubscriptions") {
		return resource.Invalid("userId", "the user has subscriptions (%s): delete them first, or ask for it with deleteSubscriptions=true",
			names(owned))
	}
	for _, subscription := range owned {
		if err := remove(s, subscription); err != nil {
			return err
		}
	}
	if err := leaveAll(s, e.ID); err != nil {
		return err
	}
	return release(s, e.ID, emailClaim, folded(e.Text("email")))
}

// ownedBy are the subscriptions of a user, in the service and its workspaces.
func ownedBy(s *resource.Session, user resource.ID) ([]*resource.Entity, error) {
	scopes, err := scopesOwned(s, user)
	if err != nil {
		return nil, err
	}
	var owned []*resource.Entity
	for _, scope := range scopes {
		list, err := mentioning(s, scope+"/subscriptions", user, func(e *resource.Entity) bool { return refersTo(e, "ownerId", user) })
		if err != nil {
			return nil, err
		}
		owned = append(owned, list...)
	}
	return owned, nil
}

// leaveAll removes the links to a user from groups and notifications.
func leaveAll(s *resource.Session, user resource.ID) error {
	scopes, err := scopesBelow(s, user.Service())
	if err != nil {
		return err
	}
	for _, scope := range scopes {
		for group, err := range s.Collection(scope + "/groups") {
			if err != nil {
				return err
			}
			if err := s.Drop(group.ID.Child("users", user.Name())); err != nil {
				return err
			}
		}
		for _, name := range portal.NotificationNames() {
			if err := s.Drop(scope.Child("notifications", name).Child("recipientUsers", user.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// presentUser adds the groups of the user where they are asked for, and to the
// answer of a write.
func presentUser(s *resource.Session, e *resource.Entity) error {
	if !s.Call.Bool("expandgroups") && len(s.Edits()) == 0 {
		return nil
	}
	groups, err := groupsOf(s, e.ID.Service().Child("users", e.ID.Name()))
	if err != nil {
		return err
	}
	list := make([]any, 0, len(groups))
	for _, group := range groups {
		list = append(list, group.Clone().Properties())
	}
	e.Set("groups", list)
	return nil
}

// groupsOf are the groups of the service that a user is in.
func groupsOf(s *resource.Session, user resource.ID) ([]*resource.Entity, error) {
	return groupsIn(s, user.Service(), user)
}

// groupsIn are the groups of a service, or of a workspace, that a user is in.
func groupsIn(s *resource.Session, scope, user resource.ID) ([]*resource.Entity, error) {
	var in []*resource.Entity
	for group, err := range s.Collection(scope + "/groups") {
		if err != nil {
			return nil, err
		}
		member, err := s.Has(group.ID.Child("users", user.Name()))
		if err != nil {
			return nil, err
		}
		if member {
			in = append(in, group)
		}
	}
	return in, nil
}

// workspaceProperty says of what a list answers that it is of a workspace, and of
// which: the names of a service and of its workspaces may be the same.
const workspaceProperty = "sallyportWorkspace"

// seenOf is an entity as it stands in the list of a user, in whichever workspace
// it is.
func seenOf(e *resource.Entity, collection resource.ID) *resource.Entity {
	seen := seenAt(e, collection+"/"+resource.ID(e.ID.Name()))
	seen.Unset(workspaceProperty)
	if workspace := e.ID.Workspace(); workspace != "" {
		seen.Set(workspaceProperty, workspace.Name())
	}
	return seen
}

// workspaceGroupsOf are the groups of workspaces that a user is in. They are asked
// for whenever a portal reads a session.
func workspaceGroupsOf(s *resource.Session, user resource.ID) ([]*resource.Entity, error) {
	links, ok, err := s.Related(memberships(), user.Service(), user.Name())
	if err != nil {
		return nil, err
	}
	if !ok {
		return searchWorkspaceGroups(s, user)
	}
	in := make([]*resource.Entity, 0, len(links))
	for _, link := range links {
		group, err := s.Lookup(link.Parent())
		if err != nil {
			return nil, err
		}
		if group != nil {
			in = append(in, group)
		}
	}
	return in, nil
}

// searchWorkspaceGroups looks for them in each group of each workspace.
func searchWorkspaceGroups(s *resource.Session, user resource.ID) ([]*resource.Entity, error) {
	scopes, err := scopesBelow(s, user.Service())
	if err != nil {
		return nil, err
	}
	var in []*resource.Entity
	for _, scope := range scopes[1:] { // The first is the service.
		groups, err := groupsIn(s, scope, user)
		if err != nil {
			return nil, err
		}
		in = append(in, groups...)
	}
	return in, nil
}

// userGroups lists the groups of a user: those of the service, and with the query
// option sallyportWorkspaces those of its workspaces too.
func userGroups() *resource.Node {
	return resource.New(access.UserGroups, resource.Kind{
		Collection: "groups", Title: "Group", MaxName: longName, Verbs: resource.List, Filter: "UserGroupClientList",
		Hooks: resource.Hooks{
			Items: func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
				list, err := groupsOf(s, collection.Collection())
				if err == nil && s.Call.Bool("sallyportworkspaces") {
					var more []*resource.Entity
					more, err = workspaceGroupsOf(s, collection.Collection())
					list = append(list, more...)
				}
				for i, e := range list {
					list[i] = seenOf(e, collection)
				}
				return list, err
			},
			Target: itself,
		},
	})
}

// userSubscriptions shows the subscriptions of a user.
func userSubscriptions() *resource.Node {
	items := func(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
		list, err := ownedBy(s, collection.Collection())
		for i, e := range list {
			list[i] = seenOf(e, collection)
		}
		return list, err
	}
	return resource.New(access.UserSubscriptions, resource.Kind{
		Collection: "subscriptions", Title: "Subscription", MaxName: longName,
		Verbs: resource.List | resource.Get, Filter: "UserSubscriptionClientList",
		Hooks: resource.Hooks{
			Items: items, Target: itself, Sources: sourcesOfUser,
			Load: func(s *resource.Session, id resource.ID) (*resource.Entity, error) {
				list, err := items(s, id.Collection())
				if err != nil {
					return nil, err
				}
				at := slices.IndexFunc(list, func(e *resource.Entity) bool { return strings.EqualFold(e.ID.Name(), id.Name()) })
				if at < 0 {
					return nil, nil
				}
				return list[at], nil
			},
		},
	})
}

// identities answers how the user can sign in.
func identities(_ *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	list, _ := e.Properties()["identities"].([]any)
	if list == nil {
		list = []any{}
	}
	return resource.Result{Body: map[string]any{"value": list, "count": len(list)}}, nil
}

// confirmations is what a user's confirmation of a new password is asked for
// at. Nothing is sent: see decision 0076.
func confirmations() *resource.Node {
	return resource.New(access.UserConfirmations, resource.Kind{
		Collection: "confirmations", Title: "Confirmation", Names: []string{"password"}, Verbs: resource.NoVerbs,
		Actions: []resource.Action{{
			Path: "send", Permission: access.Send, Missing: true,
			Run: func(s *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
				_, err := s.Get(in.ID.Parent())
				return resource.Result{}, err
			},
		}},
	})
}
