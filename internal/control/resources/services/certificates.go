package services

import (
	"crypto/sha1" // #nosec G505 -- Thumbprints of certificates are SHA-1 by definition.
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/snapshot/hosts"
)

// The lists of a service with certificates.
const (
	listHosts       = "hostnameConfigurations"
	listAuthorities = "certificates"
)

// sealedText begins what is sealed already: it was written back as it was.
const sealedText = "sealed:"

// takeCertificates checks each certificate that was given, and adds to it what it
// is. One that is no base64 is kept as it is: gateways take certificates from
// elsewhere, and what Azure keeps here is state. Of what a body leaves out, the
// certificate from before stays: no answer has ever told it.
func takeCertificates(s *resource.Session, e, old *resource.Entity) error {
	before, err := openCertificates(s, old)
	if err != nil {
		return err
	}
	for i, one := range objects(e, listHosts) {
		at := fmt.Sprintf("properties.%s[%d]", listHosts, i)
		readVault(s, one, find(before, listHosts, one, "hostName", "type"))
		if encoded, _ := one["encodedCertificate"].(string); encoded == "" {
			keepCertificate(one, find(before, listHosts, one, "hostName", "type"))
		}
		nameSource(one)
		if err := describeHost(one, at); err != nil {
			return err
		}
	}
	for i, one := range objects(e, listAuthorities) {
		if encoded, _ := one["encodedCertificate"].(string); encoded == "" {
			keepCertificate(one, find(before, listAuthorities, one, "certificate.thumbprint"))
		}
		if err := describeAuthority(one, fmt.Sprintf("properties.%s[%d]", listAuthorities, i)); err != nil {
			return err
		}
	}
	return nil
}

// objects are the objects of a list.
func objects(e *resource.Entity, list string) []map[string]any {
	if e == nil {
		return nil
	}
	values, _ := e.Properties()[list].([]any)
	all := make([]map[string]any, 0, len(values))
	for _, value := range values {
		one, _ := value.(map[string]any)
		all = append(all, one) // A nil one is read as empty, and is never written.
	}
	return all
}

// openCertificates returns the service as it was, with its secrets open; nil
// where there was none.
func openCertificates(s *resource.Session, old *resource.Entity) (*resource.Entity, error) {
	if old == nil {
		return nil, nil //nolint:nilnil // No service is no certificates.
	}
	place, ok, err := s.Registry.Walk(string(old.ID))
	if err != nil || !ok {
		return nil, err
	}
	c := old.Clone()
	return c, s.Open(place.Node, c, true)
}

// find returns what has the same fields in a list from before, or nil.
func find(before *resource.Entity, list string, one map[string]any, fields ...string) map[string]any {
	for _, candidate := range objects(before, list) {
		same := true
		for _, field := range fields {
			a, _ := resource.At(one, field)
			b, _ := resource.At(candidate, field)
			x, _ := a.(string)
			y, _ := b.(string)
			same = same && x != "" && strings.EqualFold(x, y)
		}
		if same {
			return candidate
		}
	}
	return nil
}

// keepCertificate takes a certificate over from before.
func keepCertificate(one, before map[string]any) {
	if one == nil || before == nil {
		return
	}
	for _, field := range []string{"encodedCertificate", "certificatePassword", "certificate"} {
		if value, ok := before[field]; ok {
			one[field] = value
		}
	}
}

// readVault reads the certificate of a host from the key vault that it names.
// Where that fails, the one from before stays, and certificateStatus says so.
func readVault(s *resource.Session, one, before map[string]any) {
	ref, refers := vaultOf(one)
	encoded, _ := one["encodedCertificate"].(string)
	if !refers || (encoded != "" && !strings.HasPrefix(encoded, sealedText)) || s.Declaring() {
		return
	}
	secret, read, err := s.Secret(ref)
	if !read {
		return // The transaction runs again when it is.
	}
	if err == nil {
		_, err = hosts.ReadPair(secret.Value, "")
	}
	if err != nil {
		one["certificateStatus"] = statusFailed
		return
	}
	one["certificateStatus"] = statusCompleted
	if known, _ := before["encodedCertificate"].(string); known == secret.Value && encoded != "" {
		return // It is as it was, and sealed.
	}
	one["encodedCertificate"] = secret.Value
	delete(one, "certificatePassword")
}

// The values of certificateStatus.
const (
	statusCompleted = "Completed"
	statusFailed    = "Failed"
)

// vaultOf is the secret that a host refers to.
func vaultOf(one map[string]any) (ref vault.Reference, ok bool) {
	ref.Identifier, _ = one["keyVaultId"].(string)
	ref.ClientID, _ = one["identityClientId"].(string)
	return ref, ref.Identifier != ""
}

// VaultHosts reports whether a service has host names whose certificates are in a
// key vault, and whether all of them have been read.
func VaultHosts(e *resource.Entity) (some, all bool) {
	all = true
	for _, one := range objects(e, listHosts) {
		if _, refers := vaultOf(one); refers {
			some, all = true, all && one["certificateStatus"] == statusCompleted
		}
	}
	return some, all
}

// RefreshHosts reads the certificates of a service's host names from their key
// vaults again, keeps what is new, and reports whether all could be read.
func RefreshHosts(s *resource.Session, id resource.ID) (all bool, err error) {
	e, err := s.Lookup(id)
	if err != nil || e == nil {
		return true, err
	}
	next := e.Clone()
	if err := takeCertificates(s, next, e); err != nil {
		return false, err
	}
	_, all = VaultHosts(next)
	if reflect.DeepEqual(next.Body, e.Body) {
		return all, nil
	}
	place, _, err := s.Registry.Walk(string(id))
	if err != nil {
		return all, err
	}
	return all, s.Keep(place.Node, next, e)
}

// nameSource says where the certificate of a host comes from.
func nameSource(one map[string]any) {
	if _, known := one["certificateSource"]; known || one == nil {
		return
	}
	if _, given := one["encodedCertificate"].(string); given {
		one["certificateSource"] = "Custom"
	}
	if identifier, _ := one["keyVaultId"].(string); identifier != "" {
		one["certificateSource"] = "KeyVault"
	}
}

// describeHost says of a host's certificate what it is, and refuses one that
// cannot be shown.
func describeHost(one map[string]any, at string) error {
	encoded, password := given(one)
	if encoded == "" {
		return nil
	}
	pair, err := hosts.ReadPair(encoded, password)
	if errors.Is(err, hosts.ErrNotBase64) {
		return nil
	}
	if err != nil {
		return resource.Invalid(at+".encodedCertificate", "the certificate cannot be used: %v", err)
	}
	one["certificate"] = describe(pair.Leaf)
	return nil
}

// describeAuthority does the same for an authority, which needs no private key.
func describeAuthority(one map[string]any, at string) error {
	encoded, password := given(one)
	if encoded == "" {
		return nil
	}
	list, err := hosts.ReadAuthorities(encoded, password)
	if errors.Is(err, hosts.ErrNotBase64) {
		return nil
	}
	if err != nil {
		return resource.Invalid(at+".encodedCertificate", "the certificate cannot be used: %v", err)
	}
	one["certificate"] = describe(list[0])
	return nil
}

// given is a certificate with its password, unless it is sealed.
func given(one map[string]any) (encoded, password string) {
	encoded, _ = one["encodedCertificate"].(string)
	password, _ = one["certificatePassword"].(string)
	if strings.HasPrefix(encoded, sealedText) {
		return "", ""
	}
	return encoded, password
}

// describe is what a certificate is.
func describe(leaf *x509.Certificate) map[string]any {
	sum := sha1.Sum(leaf.Raw) // #nosec G401 -- As above.
	return map[string]any{
		"subject": leaf.Subject.String(), "expiry": leaf.NotAfter.UTC().Format(time.RFC3339),
		"thumbprint": strings.ToUpper(hex.EncodeToString(sum[:])),
	}
}
