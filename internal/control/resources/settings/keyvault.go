package settings

import (
	"cmp"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
)

// refreshFailed is the query parameter that lists what could not be read from a
// key vault.
const refreshFailed = "iskeyvaultrefreshfailed"

// vaultStamp is the field with the time at which the secret was asked for.
const vaultStamp = "properties.keyVault.lastStatus.timeStampUtc"

// VaultStatus is what is known of the secret that an entity refers to.
type VaultStatus struct {
	Reference vault.Reference
	// Code is that of the last reading: vault.CodeSuccess, "" where there was none.
	Code, Message string
	// At is the time of the last reading, or zero.
	At time.Time
}

// StatusOf returns the status of a named value or a certificate; ok is false
// where it refers to no vault.
func StatusOf(e *resource.Entity) (status VaultStatus, ok bool) {
	object, ok := e.Properties()["keyVault"].(map[string]any)
	if !ok || len(object) == 0 {
		return VaultStatus{}, false
	}
	text := func(of map[string]any, name string) string { s, _ := of[name].(string); return s }
	status.Reference = vault.Reference{Identifier: text(object, "secretIdentifier"), ClientID: text(object, "identityClientId")}
	last, _ := object["lastStatus"].(map[string]any)
	status.Code, status.Message = text(last, "code"), text(last, "message")
	// A time that cannot be read is as none.
	status.At, _ = time.Parse(time.RFC3339, text(last, "timeStampUtc"))
	return status, true
}

func hasKeyVault(e *resource.Entity) bool {
	_, ok := StatusOf(e)
	return ok
}

// readVault reads the secret that an entity refers to, and notes what became of
// that. ok is false where there is nothing new to use: what the entity had stays.
func readVault(s *resource.Session, e, old *resource.Entity) (value string, ok bool) {
	status, has := StatusOf(e)
	if !has {
		e.Unset("keyVault")
		return "", false
	}
	if before, had := lastOf(old); s.Declaring() && had && before.Reference == status.Reference && before.Code == vault.CodeSuccess {
		keepStatus(e, old)
		return "", false // A folder that changes nothing asks for nothing.
	}
	secret, read, err := s.Secret(status.Reference)
	switch {
	case !read: // The transaction runs again when it is.
		return "", false
	case err != nil:
		code, message := vault.StatusOf(err)
		noteStatus(s, e, code, message)
		return "", false
	}
	noteStatus(s, e, vault.CodeSuccess, "")
	return secret.Value, true
}

func lastOf(old *resource.Entity) (VaultStatus, bool) {
	if old == nil {
		return VaultStatus{}, false
	}
	return StatusOf(old)
}

// noteStatus sets the status of an entity that refers to a vault.
func noteStatus(s *resource.Session, e *resource.Entity, code, message string) {
	last := map[string]any{"code": code, "timeStampUtc": s.Stamp()}
	if message != "" {
		last["message"] = message
	}
	if object, ok := e.Properties()["keyVault"].(map[string]any); ok {
		object["lastStatus"] = last
	}
}

// keepStatus takes the status over from what was kept.
func keepStatus(e, old *resource.Entity) {
	before, _ := old.Properties()["keyVault"].(map[string]any)
	if object, ok := e.Properties()["keyVault"].(map[string]any); ok {
		object["lastStatus"] = before["lastStatus"]
	}
}

// listedByRefresh narrows a list to what could not be read from its key vault,
// or to all else.
func listedByRefresh(s *resource.Session, e *resource.Entity) (bool, error) {
	if s.Call.Query[refreshFailed] == "" {
		return true, nil
	}
	status, has := StatusOf(e)
	return (has && status.Code != vault.CodeSuccess) == s.Call.Bool(refreshFailed), nil
}

// refreshSecret reads the secret again, at once.
func refreshSecret(s *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	place, _, err := s.Registry.Walk(string(e.ID))
	if err != nil {
		return resource.Result{}, err
	}
	next := e
	if hasKeyVault(e) {
		if next, err = refreshed(s, e); err != nil {
			return resource.Result{}, err
		}
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

// Refresh reads the secret that a named value or a certificate refers to again,
// and returns how that went. It keeps what it read, and a failure that is
// another than that before. A resource that has gone, or refers to no vault any
// more, is passed over.
func Refresh(s *resource.Session, id resource.ID) (VaultStatus, error) {
	e, err := s.Lookup(id)
	if err != nil || e == nil || !hasKeyVault(e) {
		return VaultStatus{}, err
	}
	next, err := refreshed(s, e)
	if err != nil {
		return VaultStatus{}, err
	}
	before, _ := StatusOf(e)
	after, _ := StatusOf(next)
	if after.Code != vault.CodeSuccess && after.Code == before.Code && after.Message == before.Message {
		return after, nil
	}
	place, _, err := s.Registry.Walk(string(e.ID))
	if err != nil {
		return after, err
	}
	return after, s.Keep(place.Node, next, e)
}

// refreshed is an entity with what its vault has now.
func refreshed(s *resource.Session, e *resource.Entity) (*resource.Entity, error) {
	next := e.Clone()
	if strings.EqualFold(e.ID.Collection().Name(), "certificates") {
		return next, takeCertificate(s, next, e)
	}
	return next, takeValue(s, next, e)
}

// takeValue gives a named value what its vault has.
func takeValue(s *resource.Session, e, old *resource.Entity) error {
	value, ok := readVault(s, e, old)
	if !ok {
		return nil
	}
	if len(value) > maxVaultValue {
		noteStatus(s, e, vault.CodeUnusable, "The secret is longer than 4,096 bytes, which a named value may have.")
		return nil
	}
	if old != nil {
		before, err := s.Reveal(old, "value")
		if err != nil {
			return err
		}
		if before == value && old.Bool("secret", false) {
			value = old.Text("value") // Sealed, so that nothing has changed.
		}
	}
	e.Set("value", value)
	return nil
}

// maxVaultValue is how long a named value may be, in bytes.
const maxVaultValue = 4096

// certificateFields are what a certificate is kept as, beside its reference.
var certificateFields = [...]string{"data", "password", "subject", "thumbprint", "expirationDate"}

// takeCertificate gives a certificate what its vault has. Where that cannot be
// had, or is no certificate that gateways can use, the one before it stays.
func takeCertificate(s *resource.Session, e, old *resource.Entity) error {
	value, ok := readVault(s, e, old)
	if ok {
		bundle, err := readCertificate(value, "")
		if err == nil {
			err = bundle.served()
		}
		switch {
		case err != nil:
			// The reason tells nothing of the private key.
			noteStatus(s, e, vault.CodeUnusable, "The secret is no certificate that can be used: "+err.Error()+".")
		case old != nil && old.Text("data") != "" && strings.EqualFold(old.Text("thumbprint"), bundle.thumbprint()):
		default:
			e.Set("data", bundle.archive)
			e.Unset("password")
			return describe(s, e)
		}
	}
	if e.Text("data") != "" || old == nil || !hasKeyVault(e) {
		return nil
	}
	for _, name := range certificateFields {
		if kept := old.Text(name); kept != "" {
			e.Set(name, cmp.Or(e.Text(name), kept))
		}
	}
	return nil
}
