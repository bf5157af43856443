package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// services are the ids of all services of the installation.
func services(s *resource.Session) ([]ID, error) {
	var ids []ID
	for record, err := range s.Reader().Tree(subscriptions) {
		if err != nil {
			return nil, fmt.Errorf("looking for services: %w", err)
		}
		if id := ID(record.ID); isService(id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// subscriptions is the key below which all resources of Azure's form are. What
// the program keeps for itself is elsewhere.
const subscriptions = "subscriptions"

func isService(id ID) bool { return id.Service() != "" && len(id.Service()) == len(id) }

// Document reads everything of a service that gateways need, with its secrets
// open.
func Document(s *resource.Session, service ID) (*snapshot.Document, error) {
	doc := &snapshot.Document{Revision: uint64(s.Reader().Revision())}
	for e, err := range s.Tree(service) {
		if err != nil {
			return nil, err
		}
		r, err := Resource(s, e)
		if err != nil {
			return nil, err
		}
		if r != nil {
			doc.Resources = append(doc.Resources, r)
		}
	}
	return doc, nil
}

// relative is the id that the model knows a resource by, and whether gateways
// need resources of its kind.
func relative(id ID) (model.ID, bool) {
	if isService(id) {
		return "", true
	}
	rel, err := model.ParseID(id.Relative())
	if err != nil || rel.Kind() == "" {
		return "", false
	}
	return rel, true
}

// Resource makes of an entity what gateways get, with its secrets open; nil for
// kinds that gateways do not need.
func Resource(s *resource.Session, e *resource.Entity) (model.Resource, error) {
	id, needed := relative(e.ID)
	if !needed {
		return nil, nil
	}
	place, ok, err := s.Registry.Walk(string(e.ID))
	if err != nil || !ok {
		return nil, fmt.Errorf("publishing %s: no kind has such an id", e.ID)
	}
	c := e.Clone()
	if err := s.Open(place.Node, c, true); err != nil {
		return nil, err
	}
	properties := c.Properties()
	if id.Kind() == model.KindGateway {
		properties = maps.Clone(properties)
		for _, key := range gatewayKeys {
			delete(properties, key)
		}
	}
	if id == "" {
		properties = maps.Clone(properties)
		properties["name"] = e.ID.Name()
		if location, ok := c.Body["location"]; ok {
			properties["location"] = location
		}
	}
	raw, err := json.Marshal(properties)
	if err != nil {
		return nil, fmt.Errorf("publishing %s: %w", e.ID, err)
	}
	r, err := model.Decode(id, raw)
	if err != nil {
		return nil, refused(e.ID, err)
	}
	return r, nil
}

// gatewayKeys are the properties of a gateway with which tokens are signed: a
// gateway that had them could make tokens itself. It is never written.
var gatewayKeys = []string{"primaryKey", "secondaryKey", "debugKey"}

// refused is what the caller is told where a resource is not one that gateways
// can read.
func refused(id ID, err error) error {
	target := "properties"
	if wrong, ok := errors.AsType[*model.WrongTypeError](err); ok {
		target = strings.TrimSuffix("properties."+wrong.Element, ".")
	}
	return problem.Validation("%s cannot be published: %v.", id, err).WithTarget(target).WithCause(err).
		WithDetails(problem.Detail{Code: problem.CodeValidation, Target: target, Message: err.Error()})
}
