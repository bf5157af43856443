package services

import (
	"crypto/sha1" // #nosec G505 -- Thumbprints of certificates are SHA-1 by definition.
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sallyport/sallyport/internal/control/resource"
)

// maxCertificate bounds a certificate with its chain, in bytes of base64.
const maxCertificate = 512 << 10

// describeCertificates adds to each certificate that was given what it is. One
// that cannot be read is kept as it is: gateways take certificates from
// elsewhere, and what Azure keeps here is state.
func describeCertificates(e *resource.Entity) {
	for _, list := range []string{"hostnameConfigurations", "certificates"} {
		values, _ := e.Properties()[list].([]any)
		for _, value := range values {
			if one, ok := value.(map[string]any); ok {
				describeCertificate(one, list == "hostnameConfigurations")
			}
		}
	}
}

func describeCertificate(one map[string]any, host bool) {
	encoded, given := one["encodedCertificate"].(string)
	password, _ := one["certificatePassword"].(string)
	if leaf := readCertificate(encoded, password); leaf != nil {
		sum := sha1.Sum(leaf.Raw) // #nosec G401 -- As above.
		one["certificate"] = map[string]any{
			"subject": leaf.Subject.String(), "expiry": leaf.NotAfter.UTC().Format(time.RFC3339),
			"thumbprint": strings.ToUpper(hex.EncodeToString(sum[:])),
		}
	}
	if _, known := one["certificateSource"]; known || !host {
		return
	}
	if vault, _ := one["keyVaultId"].(string); vault != "" {
		one["certificateSource"] = "KeyVault"
	} else if given {
		one["certificateSource"] = "Custom"
	}
}

// readCertificate reads a certificate in base64: DER, PEM or PKCS #12. It is nil
// where that cannot be read.
func readCertificate(encoded, password string) *x509.Certificate {
	if len(encoded) > maxCertificate {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return nil
	}
	if block, _ := pem.Decode(raw); block != nil {
		raw = block.Bytes
	}
	if leaf, err := x509.ParseCertificate(raw); err == nil {
		return leaf
	}
	if _, leaf, _, err := pkcs12.DecodeChain(raw, password); err == nil {
		return leaf
	}
	if chain, err := pkcs12.DecodeTrustStore(raw, password); err == nil && len(chain) > 0 {
		return chain[0]
	}
	return nil
}
