package settings

import (
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/policies"
)

// certificates is the kind of the client certificates for backends. Neither data
// nor password are ever answered.
func certificates() *resource.Node {
	return resource.New(access.Certificates, resource.Kind{
		Collection: "certificates", Title: "Certificate",
		Contract: "CertificateContract", Create: "CertificateCreateOrUpdateParameters",
		Verbs: resource.NoPatch, Filter: "CertificateClientListByService",
		Secrets: []resource.Secret{{Path: "properties.data"}, {Path: "properties.password"}},
		Stamps:  []string{vaultStamp},
		Hooks: resource.Hooks{
			Prepare: prepareCertificate, Deleting: deletingCertificate,
			Present: presentCertificate, Listed: listedByRefresh, ListedBy: refreshFailed,
		},
		Actions: []resource.Action{{
			Path: "refreshSecret", Permission: access.RefreshSecret, Writes: true, Run: refreshSecret,
		}},
	})
}

func prepareCertificate(s *resource.Session, e, old *resource.Entity) error {
	if err := takeCertificate(s, e, old); err != nil {
		return err
	}
	if e.Text("data") == "" {
		if !hasKeyVault(e) {
			return resource.Invalid("properties.data", "give a PKCS #12 archive in base64, or keyVault")
		}
		return nil
	}
	return describe(s, e)
}

// describe opens a certificate and adds what it is.
func describe(s *resource.Session, e *resource.Entity) error {
	// What is written back as it was is sealed already.
	data, err := s.Reveal(e, "data")
	if err != nil {
		return err
	}
	password, err := s.Reveal(e, "password")
	if err != nil {
		return err
	}
	bundle, err := readCertificate(data, password)
	if err != nil {
		return resource.Invalid("properties.data", "the certificate cannot be used: %v", err)
	}
	if bundle.archive != data {
		e.Set("data", bundle.archive)
	}
	e.Set("subject", bundle.leaf.Subject.String())
	e.Set("thumbprint", bundle.thumbprint())
	e.Set("expirationDate", bundle.leaf.NotAfter.UTC().Format("2006-01-02T15:04:05Z"))
	return nil
}

// presentCertificate gives the fields that every certificate has, also where
// nothing is known of it but the key vault that it is in.
func presentCertificate(_ *resource.Session, e *resource.Entity) error {
	e.SetDefault("subject", "")
	e.SetDefault("thumbprint", "")
	e.SetDefault("expirationDate", "0001-01-01T00:00:00Z")
	return nil
}

func deletingCertificate(s *resource.Session, e *resource.Entity) error {
	var users []*resource.Entity
	for user, err := range policies.Documents(s, e.ID.Scope()) {
		if err != nil {
			return err
		}
		if policies.UsesCertificate(user, e.ID.Name(), e.Text("thumbprint")) {
			users = append(users, user)
		}
	}
	for user, err := range s.Collection(e.ID.Scope() + "/backends") {
		if err != nil {
			return err
		}
		if usesCertificate(user, e) {
			users = append(users, user)
		}
	}
	return policies.RefuseInUse(e.ID, "certificate", users)
}

// usesCertificate says whether a backend names a certificate, by its id or by
// its thumbprint.
func usesCertificate(backend, certificate *resource.Entity) bool {
	names := func(path, wanted string) bool {
		list, _ := resource.At(backend.Body, path)
		texts, _ := list.([]any)
		for _, one := range texts {
			if text, _ := one.(string); wanted != "" && strings.EqualFold(text, wanted) {
				return true
			}
		}
		return false
	}
	cluster, _ := resource.At(backend.Body, "properties.properties.serviceFabricCluster.clientCertificateId")
	id, _ := cluster.(string)
	return names("properties.credentials.certificateIds", string(certificate.ID)) ||
		names("properties.credentials.certificate", certificate.Text("thumbprint")) ||
		certificate.ID.Equal(resource.ID(id))
}
