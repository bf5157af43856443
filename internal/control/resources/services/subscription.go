package services

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// subscriptionRoutes are what is asked for a whole subscription of Azure: its
// services, its deleted ones, and whether a name is free.
func subscriptionRoutes() []resource.Route {
	deleted := subscriptionPath + "/locations/{location}/deletedservices/{service}"
	return []resource.Route{
		{Method: get, Path: subscriptionPath + "/service", Permission: access.Services.Read(), Run: servicesOfSubscription},
		{Method: get, Path: subscriptionPath + "/gateways", Permission: access.WorkspaceGateways.Read(), Run: gatewaysOfSubscription},
		{Method: get, Path: subscriptionPath + "/deletedservices", Permission: access.DeletedServices.Read(), Run: listDeleted},
		{Method: get, Path: deleted, Permission: access.LocationDeletedServices.Read(), Run: getDeleted},
		{Method: "DELETE", Path: deleted, Permission: access.LocationDeletedServices.Delete(), Writes: true, Run: purgeDeleted},
		{Method: post, Path: subscriptionPath + "/checkNameAvailability", Permission: access.CheckNameAvailability.Read(),
			Body: "ServiceCheckNameAvailabilityParameters", Run: checkName},
		{Method: post, Path: subscriptionPath + "/getDomainOwnershipIdentifier", Permission: access.DomainOwnershipIdentifier.Read(),
			Run: domainOwnership},
		{Method: get, Path: providerPath + "/operations", Permission: access.Operations.Read(), Run: listOperations},
	}
}

func servicesOfSubscription(s *resource.Session, segments map[string]string, _ resource.Input) (resource.Result, error) {
	all, err := All(s)
	return resource.Result{Items: inSubscription(all, segments)}, err
}

// inSubscription are the entities of one subscription of Azure; never nil.
func inSubscription(all []*resource.Entity, segments map[string]string) []*resource.Entity {
	scope := resource.ID(subscriptionPrefix + segments["subscription"])
	found := []*resource.Entity{}
	for _, e := range all {
		if e.ID.Within(scope) {
			found = append(found, e)
		}
	}
	return found
}

// deletedNotes are the notes of the deleted services of a subscription whose
// time has not come.
func deletedNotes(s *resource.Session, segments map[string]string) ([]*resource.Entity, error) {
	scope := resource.ID(subscriptionPrefix + segments["subscription"])
	var notes []*resource.Entity
	for note, err := range s.Collection(installation + "/serviceNames") {
		if err != nil {
			return nil, err
		}
		gone := note.Text("deletionDate") != "" && !expired(s, note)
		if gone && resource.ID(note.Text("serviceId")).Within(scope) {
			notes = append(notes, note)
		}
	}
	return notes, nil
}

func listDeleted(s *resource.Session, segments map[string]string, _ resource.Input) (resource.Result, error) {
	notes, err := deletedNotes(s, segments)
	if err != nil {
		return resource.Result{}, err
	}
	items := []any{}
	for _, note := range notes {
		items = append(items, deletedContract(note, segments))
	}
	return resource.Result{Body: page(items...)}, nil
}

// deletedContract is a deleted service as it is answered.
func deletedContract(note *resource.Entity, segments map[string]string) map[string]any {
	id := resource.ID(note.Text("serviceId"))
	return map[string]any{
		"id": subscriptionPrefix + segments["subscription"] + "/" + providerPath + "/locations/" +
			compact(note.Text("location")) + "/deletedservices/" + id.Name(),
		"name": id.Name(), "type": "Microsoft.ApiManagement/deletedservices", "location": note.Text("location"),
		"properties": map[string]any{
			"serviceId": string(id), "deletionDate": note.Text("deletionDate"), "scheduledPurgeDate": note.Text("scheduledPurgeDate"),
		},
	}
}

// compact is the form of a location in paths: "West US" is "westus".
func compact(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

// findDeleted returns the note of a deleted service, or a problem with the code
// ResourceNotFound.
func findDeleted(s *resource.Session, segments map[string]string, id resource.ID) (*resource.Entity, error) {
	notes, err := deletedNotes(s, segments)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		name := resource.ID(note.Text("serviceId")).Name()
		if strings.EqualFold(name, segments["service"]) && compact(note.Text("location")) == compact(segments["location"]) {
			return note, nil
		}
	}
	return nil, problem.NotFound("Deleted service", string(id))
}

func getDeleted(s *resource.Session, segments map[string]string, in resource.Input) (resource.Result, error) {
	note, err := findDeleted(s, segments, in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: deletedContract(note, segments)}, nil
}

// purgeDeleted removes a deleted service for good; 204 where there is none.
func purgeDeleted(s *resource.Session, segments map[string]string, in resource.Input) (resource.Result, error) {
	note, err := findDeleted(s, segments, in.ID)
	if err != nil {
		return resource.Result{}, nil //nolint:nilerr // What is not there need not be removed.
	}
	return resource.Result{Status: statusOK}, purge(s, note)
}

// checkName says whether a new service can have a name.
func checkName(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
	name, _ := in.Body["name"].(string)
	answer := map[string]any{"nameAvailable": true, "reason": "Valid", "message": ""}
	refuse := func(reason, format string, args ...any) {
		answer["nameAvailable"], answer["reason"], answer["message"] = false, reason, fmt.Sprintf(format, args...)
	}
	if len(name) > maxServiceName || !serviceName.MatchString(name) {
		refuse("Invalid", "A name has 1 to %d letters, digits and dashes, begins with a letter and does not end with a dash.", maxServiceName)
		return resource.Result{Body: answer}, nil
	}
	note, err := s.Lookup(nameID(name))
	if err != nil {
		return resource.Result{}, err
	}
	if note != nil && !expired(s, note) {
		refuse("AlreadyExists", "%s is already in use, or was deleted less than two days ago.", name)
	}
	return resource.Result{Body: answer}, nil
}

// domainOwnership answers what a DNS record is to hold that proves a domain.
func domainOwnership(_ *resource.Session, segments map[string]string, _ resource.Input) (resource.Result, error) {
	sum := sha256.Sum256([]byte("domain ownership\x00" + strings.ToLower(segments["subscription"])))
	return resource.Result{Body: map[string]any{"domainOwnershipIdentifier": base64.StdEncoding.EncodeToString(sum[:])}}, nil
}

// listOperations answers every permission that roles can have for the service.
func listOperations(*resource.Session, map[string]string, resource.Input) (resource.Result, error) {
	items := []any{}
	for p := range access.Permissions() {
		name := p.String()
		if !strings.HasPrefix(name, "Microsoft.ApiManagement/") {
			continue
		}
		of, verb, _ := strings.Cut(strings.TrimPrefix(name, "Microsoft.ApiManagement/"), "/")
		items = append(items, map[string]any{"name": name, "display": map[string]any{
			"provider": "Microsoft API Management", "resource": of, "operation": verb, "description": name,
		}})
	}
	return resource.Result{Body: page(items...)}, nil
}
