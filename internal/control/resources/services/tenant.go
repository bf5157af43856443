package services

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// The two ways of access that a tenant has, to the management API of the service
// itself and to its configuration by git, and the one configuration.
const (
	directAccess      = "access"
	gitAccess         = "gitAccess"
	configurationName = "configuration"
)

// tenantAccessNames are both ways of access. It is never written.
var tenantAccessNames = []string{directAccess, gitAccess}

// newAccess is the body of an access that was never written: off, with keys.
func newAccess(s *resource.Session, name string) map[string]any {
	principal := "integration"
	if name == gitAccess {
		principal = "git"
	}
	return resource.Object(map[string]any{
		"enabled": false, "id": s.NewKey()[:24], "principalId": principal,
		"primaryKey": s.NewKey() + s.NewKey(), "secondaryKey": s.NewKey() + s.NewKey(),
	})
}

// tenantKind is the kind of a service's tenant access, and of its configuration
// in git, which has actions only.
func tenantKind() *resource.Node {
	return resource.New(access.Tenant, resource.Kind{
		Collection: "tenant", Title: "TenantAccess", Names: []string{directAccess, gitAccess, configurationName},
		Verbs:    resource.List | resource.Get | resource.Put | resource.Patch,
		Contract: "AccessInformationContract", Create: "AccessInformationCreateParameters",
		Update: "AccessInformationUpdateParameters", Filter: "TenantAccessClientListByService",
		Statuses: resource.Statuses{Put: statusOK},
		Secrets:  []resource.Secret{{Path: "properties.primaryKey"}, {Path: "properties.secondaryKey"}},
		Keep: []string{
			"properties.primaryKey", "properties.secondaryKey", "properties.id", "properties.principalId", "properties.enabled",
		},
		Hooks: resource.Hooks{Prepare: prepareAccess, Load: loadAccess, Listed: listedAccess},
		Actions: []resource.Action{
			{Path: "listSecrets", Permission: access.ListSecrets, Run: listAccess},
			{Path: "regeneratePrimaryKey", Permission: access.RegeneratePrimaryKey, Writes: true, Run: regenerateAccess("primaryKey", "")},
			{Path: "regenerateSecondaryKey", Permission: access.RegenerateSecondaryKey, Writes: true, Run: regenerateAccess("secondaryKey", "")},
			{Path: "git/regeneratePrimaryKey", Permission: access.RegeneratePrimaryKey, Writes: true,
				Run: regenerateAccess("primaryKey", gitAccess)},
			{Path: "git/regenerateSecondaryKey", Permission: access.RegenerateSecondaryKey, Writes: true,
				Run: regenerateAccess("secondaryKey", gitAccess)},
			{Path: "deploy", Permission: access.Deploy, Body: "DeployConfigurationParameters", Missing: true, Run: deployed},
			{Path: "save", Permission: access.Save, Body: "SaveConfigurationParameter", Missing: true, Writes: true, Run: saved},
			{Path: "validate", Permission: access.Validate, Body: "DeployConfigurationParameters", Missing: true, Run: validated},
		},
		Reads: []resource.Action{{Path: "syncState", Missing: true, Run: syncState}},
	})
}

// Statuses of HTTP, which this package knows by number only.
const (
	statusOK          = 200
	statusBadRequest  = 400
	statusNotFound    = 404
	statusUnavailable = 503
	statusConflict    = 409
)

// prepareAccess makes the keys of an access that has none.
func prepareAccess(s *resource.Session, e, _ *resource.Entity) error {
	if e.ID.Name() == configurationName {
		return problem.NotFound("TenantAccess", string(e.ID))
	}
	fresh := resource.Entity{Body: newAccess(s, e.ID.Name())}
	for name, value := range fresh.Properties() {
		e.SetDefault(name, value)
	}
	return nil
}

// loadAccess and listedAccess leave out the note of what was saved to git, which
// is no access.
func loadAccess(s *resource.Session, id resource.ID) (*resource.Entity, error) {
	if id.Name() == configurationName {
		return nil, nil
	}
	return s.Lookup(id)
}

func listedAccess(_ *resource.Session, e *resource.Entity) (bool, error) {
	return e.ID.Name() != configurationName, nil
}

// listAccess answers an access with its keys.
func listAccess(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	body := map[string]any{
		"enabled": e.Bool("enabled", false), "id": e.Text("id"), "principalId": e.Text("principalId"),
	}
	for _, name := range []string{"primaryKey", "secondaryKey"} {
		key, err := s.Reveal(e, name)
		if err != nil {
			return resource.Result{}, err
		}
		body[name] = key
	}
	return resource.Result{Body: body, ETag: e.ETag()}, nil
}

// regenerateAccess makes a key anew: of the access itself, or of the other one
// where that is named.
func regenerateAccess(key, of string) func(*resource.Session, *resource.Entity, resource.Input) (resource.Result, error) {
	return func(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
		if of != "" && !strings.EqualFold(of, e.ID.Name()) {
			other, err := s.Get(e.ID.Service().Child("tenant", of))
			if err != nil {
				return resource.Result{}, err
			}
			e = other
		}
		next := e.Clone()
		next.Set(key, s.NewKey()+s.NewKey())
		return resource.Result{}, s.Store(e.ID, next.Body)
	}
}
