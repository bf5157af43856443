package policies

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
)

// allPolicies is the list of every policy of a service, with its state with
// regard to the policy restrictions.
func allPolicies() *resource.Node {
	return resource.New(access.AllPolicies, resource.Kind{
		Collection: "allPolicies", Title: "AllPolicies", Contract: "AllPoliciesContract",
		Verbs: resource.List, Unpaged: true,
		Hooks: resource.Hooks{Items: overview},
	})
}

func overview(s *resource.Session, collection resource.ID) ([]*resource.Entity, error) {
	scopes, err := restricted(s, collection.Service())
	if err != nil {
		return nil, err
	}
	var items []*resource.Entity
	for e, err := range s.Tree(collection.Service()) {
		if err != nil {
			return nil, err
		}
		if !strings.EqualFold(e.ID.Collection().Name(), Collection) {
			continue
		}
		state := compliant
		if !complies(e, scopes) {
			state = nonCompliant
		}
		items = append(items, &resource.Entity{
			ID: collection + "/" + resource.ID(shortName(e.ID)),
			Body: resource.Object(map[string]any{
				"referencePolicyId": string(e.ID), "complianceState": state,
			}),
		})
	}
	return items, nil
}

// shortName is a name of a policy's own: all are called "policy".
func shortName(id resource.ID) string {
	sum := sha256.Sum256([]byte(id.Key()))
	return hex.EncodeToString(sum[:12])
}

// validationRoute is the action that looks at all policies of a service.
func validationRoute() resource.Route {
	return resource.Route{
		Method:     "POST",
		Path:       "subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{service}/validatePolicies",
		Permission: access.Services.Action(access.ValidatePolicies), LongRunning: true,
		Run: func(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
			return validate(s, in.ID.Service())
		},
	}
}

func validate(s *resource.Session, service resource.ID) (resource.Result, error) {
	if _, err := s.Get(service); err != nil {
		return resource.Result{}, err
	}
	scopes, err := restricted(s, service)
	if err != nil {
		return resource.Result{}, err
	}
	log := []any{}
	for e, err := range s.Tree(service) {
		if err != nil {
			return resource.Result{}, err
		}
		if strings.EqualFold(e.ID.Collection().Name(), Collection) && !complies(e, scopes) {
			log = append(log, map[string]any{
				"objectType": "policy", "action": "validate", "objectKey": string(e.ID),
			})
		}
	}
	info := "All the policies were validated"
	if len(log) > 0 {
		info = fmt.Sprintf("%d policies do not keep the policy restrictions", len(log))
	}
	name := shortName(service + resource.ID(s.Stamp()))
	return resource.Result{Body: map[string]any{
		"id": name, "name": name, "type": "Microsoft.ApiManagement/service/tenant/operationResults",
		"properties": map[string]any{
			"id": name, "status": "Succeeded", "started": s.Stamp(), "updated": s.Stamp(),
			"resultInfo": info, "actionLog": log,
		},
	}}, nil
}
