package settings

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
)

// backends is the kind of the services behind the gateway, and of pools of them.
func backends() *resource.Node {
	return resource.New(access.Backends, resource.Kind{
		Collection: "backends", Title: "Backend",
		Contract: "BackendContract", Update: "BackendUpdateParameters",
		Filter: "BackendClientListByService",
		Secrets: []resource.Secret{
			{Path: "properties.credentials.authorization.parameter", Shown: true},
			{Path: "properties.credentials.header", Shown: true},
			{Path: "properties.credentials.query", Shown: true},
			{Path: "properties.proxy.password", Shown: true},
		},
		Hooks: resource.Hooks{Prepare: prepareBackend, Deleting: deletingBackend},
		Actions: []resource.Action{{
			Path: "reconnect", Permission: access.Reconnect, Body: "BackendReconnectContract", Run: reconnect,
		}},
	})
}

func prepareBackend(s *resource.Session, e, _ *resource.Entity) error {
	kind := string(model.BackendSingle)
	if _, pool := e.Properties()["pool"].(map[string]any); pool {
		kind = string(model.BackendOfBackends)
	}
	e.SetDefault("type", kind)
	if err := validated(s, e); err != nil {
		return err
	}
	if err := requirePool(s, e); err != nil {
		return err
	}
	return requireCertificates(s, e)
}

// requirePool looks for the members of a pool, and makes their ids full ones.
func requirePool(s *resource.Session, e *resource.Entity) error {
	members, _ := resource.At(e.Body, "properties.pool.services")
	list, _ := members.([]any)
	for i, member := range list {
		object, _ := member.(map[string]any)
		reference, _ := object["id"].(string)
		field := fmt.Sprintf("properties.pool.services[%d].id", i)
		id, err := s.Require(e.ID, field, reference)
		if err != nil {
			return err
		}
		if id.Equal(e.ID) {
			return resource.Invalid(field, "the pool %q cannot be a member of itself", e.ID.Name())
		}
		if !strings.EqualFold(id.Collection().Name(), "backends") {
			return resource.Invalid(field, "%s is not a backend", id)
		}
		object["id"] = string(id)
	}
	return nil
}

// requireCertificates looks for the client certificates of a backend.
func requireCertificates(s *resource.Session, e *resource.Entity) error {
	ids, _ := resource.At(e.Body, "properties.credentials.certificateIds")
	list, _ := ids.([]any)
	for i, reference := range list {
		text, _ := reference.(string)
		id, err := s.Require(e.ID, fmt.Sprintf("properties.credentials.certificateIds[%d]", i), text)
		if err != nil {
			return err
		}
		list[i] = string(id)
	}
	return nil
}

// validated checks the properties of a resource by the rules of the model that
// gateways read it by, so that the field that is wrong is named.
func validated(s *resource.Session, e *resource.Entity) error {
	place, ok, err := s.Registry.Walk(string(e.ID))
	if err != nil || !ok {
		return err
	}
	open := e.Clone()
	if err := s.Open(place.Node, open, true); err != nil {
		return err
	}
	raw, err := json.Marshal(open.Properties())
	if err != nil {
		return fmt.Errorf("checking %s: %w", e.ID, err)
	}
	id, err := model.ParseID(e.ID.Relative())
	if err != nil {
		return fmt.Errorf("checking %s: %w", e.ID, err)
	}
	r, err := model.Decode(id, raw)
	if err != nil {
		return resource.Invalid("properties", "%v", err)
	}
	var faults []problem.Detail
	for _, p := range model.Validate(r) {
		if p.Severity != problem.SeverityError {
			continue
		}
		message := p.Location.Element + " " + p.Message
		if p.Hint != "" {
			message += "; " + p.Hint
		}
		faults = append(faults, problem.Detail{
			Code: problem.CodeValidation, Target: "properties." + p.Location.Element, Message: message + ".",
		})
	}
	if len(faults) == 0 {
		return nil
	}
	return problem.Validation("One or more fields contain incorrect values:").
		WithTarget(faults[0].Target).WithDetails(faults...)
}

func deletingBackend(s *resource.Session, e *resource.Entity) error {
	var users []*resource.Entity
	for user, err := range policies.Documents(s, e.ID.Scope()) {
		if err != nil {
			return err
		}
		if policies.UsesBackend(user, e.ID.Name()) {
			users = append(users, user)
		}
	}
	for user, err := range s.Collection(e.ID.Collection()) {
		if err != nil {
			return err
		}
		if hasMember(user, e.ID) {
			users = append(users, user)
		}
	}
	return policies.RefuseInUse(e.ID, "backend", users)
}

// hasMember says whether a pool has a backend.
func hasMember(pool *resource.Entity, backend resource.ID) bool {
	members, _ := resource.At(pool.Body, "properties.pool.services")
	list, _ := members.([]any)
	for _, member := range list {
		object, _ := member.(map[string]any)
		if id, _ := object["id"].(string); backend.Equal(resource.ID(id)) {
			return true
		}
	}
	return false
}

// reconnect is accepted and has nothing to do: a gateway of ours makes new
// connections to a backend whenever one fails.
func reconnect(_ *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
	after, _ := resource.At(in.Body, "properties.after")
	if text, _ := after.(string); text != "" {
		if _, err := model.ParseDuration(text); err != nil {
			return resource.Result{}, resource.Invalid("properties.after", "%q is not a duration such as PT3S", text)
		}
	}
	return resource.Result{Status: 202}, nil
}
