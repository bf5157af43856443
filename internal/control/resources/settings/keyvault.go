package settings

import (
	"github.com/sallyport/sallyport/internal/control/resource"
)

// refreshFailed is the query parameter that lists what could not be read from a
// key vault.
const refreshFailed = "iskeyvaultrefreshfailed"

// A secret in an Azure Key Vault cannot be read from outside of Azure: what
// refers to one is kept, says so in lastStatus, and serves the value that was
// given beside it, if any.
const (
	vaultCode    = "NotSupported"
	vaultMessage = "This installation does not read from Azure Key Vault. Give the value itself beside keyVault."
)

// vaultStamp is the field with the time at which the secret was asked for.
const vaultStamp = "properties.keyVault.lastStatus.timeStampUtc"

func hasKeyVault(e *resource.Entity) bool {
	vault, ok := e.Properties()["keyVault"].(map[string]any)
	return ok && len(vault) > 0
}

// prepareKeyVault notes what became of reading the secret.
func prepareKeyVault(s *resource.Session, e *resource.Entity) {
	vault, ok := e.Properties()["keyVault"].(map[string]any)
	if !ok || len(vault) == 0 {
		e.Unset("keyVault")
		return
	}
	vault["lastStatus"] = map[string]any{
		"code": vaultCode, "message": vaultMessage, "timeStampUtc": s.Stamp(),
	}
}

// listedByRefresh narrows a list to what could not be read from its key vault,
// or could.
func listedByRefresh(s *resource.Session, e *resource.Entity) (bool, error) {
	if s.Call.Query[refreshFailed] == "" {
		return true, nil
	}
	return hasKeyVault(e) == s.Call.Bool(refreshFailed), nil
}

// refreshSecret tries to read the secret again.
func refreshSecret(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	place, _, err := s.Registry.Walk(string(e.ID))
	if err != nil {
		return resource.Result{}, err
	}
	next := e.Clone()
	if hasKeyVault(next) {
		prepareKeyVault(s, next)
		if err := s.Keep(place.Node, next, e); err != nil {
			return resource.Result{}, err
		}
	}
	answer, err := s.Answer(place.Node, next)
	if err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Body: answer, ETag: next.ETag()}, nil
}
