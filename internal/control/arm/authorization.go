package arm

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/problem"
)

// definitionsPrefix begins the ids of role definitions.
const definitionsPrefix = "/providers/Microsoft.Authorization/roleDefinitions/"

// definition is a role as Azure shows it.
func definition(r *access.Role) map[string]any {
	none := []string{}
	notActions := r.NotActions
	if notActions == nil {
		notActions = none
	}
	return map[string]any{
		"id": definitionsPrefix + r.ID, "name": r.ID, "type": "Microsoft.Authorization/roleDefinitions",
		"properties": map[string]any{
			"roleName": r.Name, "type": "BuiltInRole", "description": r.Description, "assignableScopes": []string{"/"},
			"permissions": []any{map[string]any{
				"actions": r.Actions, "notActions": notActions, "dataActions": none, "notDataActions": none,
			}},
		},
	}
}

// definitions lists the roles; a filter roleName eq '…' takes one of them.
func (*Front) definitions(in *request) (answer, error) {
	wanted := quoted(in.URL.Query().Get("$filter"), "rolename eq ")
	var all []map[string]any
	for _, r := range access.Roles() {
		if wanted == "" || strings.EqualFold(wanted, r.Name) {
			all = append(all, definition(&r))
		}
	}
	return list(all), nil
}

func (*Front) definition(in *request) (answer, error) {
	r, found := access.FindRole(in.names[0])
	if !found {
		return answer{}, problem.New(http.StatusNotFound, "RoleDefinitionDoesNotExist", "There is no role definition '%s'.", in.names[0])
	}
	return ok(definition(r)), nil
}

// quoted is the text in quotes after an operator of a filter; "" where the
// filter has no such operator.
func quoted(filter, operator string) string {
	at := strings.Index(strings.ToLower(filter), operator)
	if at < 0 {
		return ""
	}
	rest := strings.TrimSpace(filter[at+len(operator):])
	rest, begins := strings.CutPrefix(rest, "'")
	text, _, ends := strings.Cut(rest, "'")
	if !begins || !ends {
		return ""
	}
	return text
}

// describeAssignment is a role assignment as Azure shows it.
func describeAssignment(a access.Assignment) map[string]any {
	scope := strings.TrimSuffix(a.Scope, "/")
	created := a.Created.Format(time.RFC3339)
	return map[string]any{
		"id":   scope + "/providers/Microsoft.Authorization/roleAssignments/" + a.ID,
		"name": a.ID, "type": "Microsoft.Authorization/roleAssignments",
		"properties": map[string]any{
			"roleDefinitionId": definitionsPrefix + a.RoleID, "principalId": a.PrincipalID, "principalType": "ServicePrincipal",
			"scope": a.Scope, "createdOn": created, "updatedOn": created,
		},
	}
}

// assignments lists those at the scope, above it and below it; with the filter
// atScope() none below it, and with principalId eq '…' those of one principal.
func (f *Front) assignments(in *request) (answer, error) {
	filter := in.URL.Query().Get("$filter")
	principal := quoted(filter, "principalid eq ")
	atScope := strings.Contains(strings.ToLower(filter), "atscope()")
	scope := in.scope()
	var all []map[string]any
	for _, a := range f.options.Directory.Assignments() {
		above, below := within(scope, a.Scope), within(a.Scope, scope)
		if !above && (atScope || !below) || principal != "" && !strings.EqualFold(principal, a.PrincipalID) {
			continue
		}
		all = append(all, describeAssignment(a))
	}
	return list(all), nil
}

// within reports whether an id is a scope or below it.
func within(id, scope string) bool {
	id, scope = strings.ToLower(strings.TrimSuffix(id, "/")), strings.ToLower(strings.TrimSuffix(scope, "/"))
	return id == scope || strings.HasPrefix(id, scope+"/")
}

// at finds the assignment with a name, at exactly the scope of the path.
func (f *Front) at(in *request) (access.Assignment, error) {
	for _, a := range f.options.Directory.Assignments() {
		if strings.EqualFold(a.ID, in.names[0]) && within(a.Scope, in.scope()) && within(in.scope(), a.Scope) {
			return a, nil
		}
	}
	return access.Assignment{}, problem.New(http.StatusNotFound, "RoleAssignmentNotFound",
		"The role assignment '%s' is not found.", in.names[0])
}

func (f *Front) assignment(in *request) (answer, error) {
	a, err := f.at(in)
	if err != nil {
		return answer{}, err
	}
	return ok(describeAssignment(a)), nil
}

// putAssignment gives a role to a principal at the scope of the path. What was
// given cannot be changed to something else.
func (f *Front) putAssignment(in *request) (answer, error) {
	var sent struct {
		Properties struct {
			RoleDefinitionID string `json:"roleDefinitionId"`
			PrincipalID      string `json:"principalId"`
		} `json:"properties"`
	}
	if err := in.read(&sent); err != nil {
		return answer{}, err
	}
	role, found := access.FindRole(sent.Properties.RoleDefinitionID)
	if !found {
		return answer{}, problem.New(http.StatusBadRequest, "RoleDefinitionDoesNotExist",
			"There is no such role definition.").WithTarget("properties.roleDefinitionId")
	}
	for _, a := range f.options.Directory.Assignments() {
		same := strings.EqualFold(a.PrincipalID, sent.Properties.PrincipalID) && a.RoleID == role.ID &&
			within(a.Scope, in.scope()) && within(in.scope(), a.Scope)
		switch {
		case strings.EqualFold(a.ID, in.names[0]) && same:
			return answer{http.StatusCreated, describeAssignment(a)}, nil
		case strings.EqualFold(a.ID, in.names[0]):
			return answer{}, problem.New(http.StatusConflict, "RoleAssignmentUpdateNotPermitted",
				"A role assignment cannot be changed. Delete it and make another.")
		case same:
			return answer{}, problem.New(http.StatusConflict, "RoleAssignmentExists", "The role assignment exists already, as '%s'.", a.ID)
		}
	}
	a, err := f.options.Directory.Assign(in.Context(), in.entry(), in.names[0], sent.Properties.PrincipalID, role.ID, in.scope())
	if errors.Is(err, access.ErrInvalid) {
		return answer{}, problem.New(http.StatusBadRequest, "InvalidRoleAssignment", "The role assignment is not possible: %w.", err)
	}
	if err != nil {
		return answer{}, err
	}
	return answer{http.StatusCreated, describeAssignment(a)}, nil
}

// deleteAssignment takes a role back: 200 with what it was, or 204.
func (f *Front) deleteAssignment(in *request) (answer, error) {
	a, err := f.at(in)
	if err != nil {
		return answer{status: http.StatusNoContent}, nil //nolint:nilerr // What is not there is deleted.
	}
	err = f.options.Directory.Unassign(in.Context(), in.entry(), a.ID)
	switch {
	case errors.Is(err, access.ErrLastOwner):
		return answer{}, problem.New(http.StatusConflict, problem.CodeConflict, "The role assignment cannot be deleted: %w.", access.ErrLastOwner)
	case errors.Is(err, access.ErrNoAssignment):
		return answer{status: http.StatusNoContent}, nil
	case err != nil:
		return answer{}, err
	}
	return ok(describeAssignment(a)), nil
}
