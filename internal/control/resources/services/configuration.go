package services

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// The configuration of a service in git has a meaning in Azure only: here the
// history of the store, apply and export are in its place. The calls are
// answered as the service answers them for a repository that holds just what is
// configured, and the last save is remembered.

// deployed answers that what is on the branch is what is configured.
func deployed(s *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
	return configurationResult(s, in, "The configuration was successfully deployed from %BRANCH% as it is.")
}

// validated answers that what is on the branch is valid.
func validated(s *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
	return configurationResult(s, in, "The configuration on %BRANCH% is valid.")
}

// saved notes the branch and the time, for the state of the synchronisation.
func saved(s *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
	result, err := configurationResult(s, in, "The configuration was successfully saved to %BRANCH% as commit %COMMIT%.")
	if err != nil {
		return resource.Result{}, err
	}
	return result, s.Store(in.ID, resource.Object(map[string]any{
		"branch": branchOf(in), "commitId": commitOf(s, in), "syncDate": s.Stamp(),
	}))
}

func branchOf(in resource.Input) string {
	properties, _ := in.Body["properties"].(map[string]any)
	branch, _ := properties["branch"].(string)
	return branch
}

// commitOf stands for the id of a commit: it follows from the revision.
func commitOf(s *resource.Session, in resource.Input) string {
	sum := sha256.Sum256([]byte(string(in.ID.Key()) + "\x00" + (&resource.Entity{Changed: s.Reader().Revision()}).ETag()))
	return hex.EncodeToString(sum[:20])
}

// requireConfiguration fails where the path names something else, or no service.
func requireConfiguration(s *resource.Session, id resource.ID) error {
	if id.Name() != configurationName {
		return problem.NotFound("Configuration", string(id))
	}
	_, err := s.Get(id.Service())
	return err
}

// configurationResult is the result of an operation on the configuration.
func configurationResult(s *resource.Session, in resource.Input, told string) (resource.Result, error) {
	if err := requireConfiguration(s, in.ID); err != nil {
		return resource.Result{}, err
	}
	info := strings.NewReplacer("%BRANCH%", branchOf(in), "%COMMIT%", commitOf(s, in)).Replace(told)
	name := s.NewKey()[:24]
	return resource.Result{Body: map[string]any{
		"id": string(in.ID.Service()) + "/tenant/operationResults/" + name, "name": name,
		"type": "Microsoft.ApiManagement/service/tenant/operationResults",
		"properties": map[string]any{
			"id": name, "status": "Succeeded", "started": s.Stamp(), "updated": s.Stamp(),
			"resultInfo": info, "actionLog": []any{},
		},
	}}, nil
}

// syncState answers when the configuration was saved last.
func syncState(s *resource.Session, _ *resource.Entity, in resource.Input) (resource.Result, error) {
	if err := requireConfiguration(s, in.ID); err != nil {
		return resource.Result{}, err
	}
	note, err := s.Lookup(in.ID)
	if err != nil {
		return resource.Result{}, err
	}
	properties := map[string]any{"isExport": true, "isGitEnabled": false, "isSynced": false}
	git, err := s.Lookup(in.ID.Service().Child("tenant", gitAccess))
	if err != nil {
		return resource.Result{}, err
	}
	if git != nil {
		properties["isGitEnabled"] = git.Bool("enabled", false)
	}
	if note != nil {
		properties["isSynced"] = true
		properties["branch"], properties["commitId"] = note.Text("branch"), note.Text("commitId")
		properties["syncDate"], properties["configurationChangeDate"] = note.Text("syncDate"), note.Text("syncDate")
	}
	return resource.Result{Body: map[string]any{
		"id": string(in.ID) + "/syncState", "name": "syncState",
		"type": "Microsoft.ApiManagement/service/tenant/syncState", "properties": properties,
	}}, nil
}
