package crypto

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
)

// attributeNames are the short names of the parts of a distinguished name, as .NET writes them.
var attributeNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "S",
	"2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "T", "2.5.4.42": "G", "2.5.4.43": "I",
	"1.2.840.113549.1.9.1": "E", "0.9.2342.19200300.100.1.25": "DC",
}

// distinguishedName writes a name as .NET does: the most specific part first, joined by ", ".
func distinguishedName(der []byte) string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return ""
	}
	var list []string
	for _, set := range slices.Backward(rdns) {
		var parts []string
		for _, a := range set {
			name, ok := attributeNames[a.Type.String()]
			if !ok {
				name = "OID." + a.Type.String()
			}
			parts = append(parts, name+"="+quoted(fmt.Sprint(a.Value)))
		}
		list = append(list, strings.Join(parts, " + "))
	}
	return strings.Join(list, ", ")
}

// quoted puts a value in quotes where it holds what separates parts.
func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, ",+=\"\n<>#;") || s[0] == ' ' || s[len(s)-1] == ' ' {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// publicKeyInfo is SubjectPublicKeyInfo.
type publicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

func subjectPublicKey(der []byte) []byte {
	var info publicKeyInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil
	}
	return info.Key.Bytes
}

func keyAlgorithmOID(der []byte) string {
	var info publicKeyInfo
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return ""
	}
	return info.Algorithm.Algorithm.String()
}

// algorithmOID is the algorithm with which a certificate is signed.
func algorithmOID(der []byte) string {
	var cert struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &cert); err != nil {
		return ""
	}
	return cert.Algorithm.Algorithm.String()
}
