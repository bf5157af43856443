package settings

import (
	"encoding/base64"
	"testing"
)

// FuzzReadCertificate checks that any input is refused, or gives a certificate
// with an archive that gives the same one again.
func FuzzReadCertificate(f *testing.F) {
	f.Add("", "")
	f.Add("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "")
	f.Add("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", "x")
	f.Add("MIIBAgEDMAA=", "pass")
	f.Add(base64.StdEncoding.EncodeToString([]byte("-----BEGIN EC PRIVATE KEY-----\n")), "")
	f.Fuzz(func(t *testing.T, data, password string) {
		bundle, err := readCertificate(data, password)
		if err != nil {
			return
		}
		again, err := readCertificate(bundle.archive, password)
		if err != nil {
			t.Fatalf("the archive cannot be read again: %v", err)
		}
		if !bundle.leaf.Equal(again.leaf) || bundle.thumbprint() != again.thumbprint() {
			t.Error("the archive has another certificate")
		}
	})
}
