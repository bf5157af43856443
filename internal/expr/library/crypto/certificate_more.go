package crypto

import (
	"crypto/x509"

	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// friendlyNames are the names of the algorithms that certificates use, by their object identifiers.
var friendlyNames = map[string]string{
	"1.2.840.113549.1.1.1": "RSA", "1.2.840.113549.1.1.4": "md5RSA", "1.2.840.113549.1.1.5": "sha1RSA",
	"1.2.840.113549.1.1.10": "RSASSA-PSS", "1.2.840.113549.1.1.11": "sha256RSA", "1.2.840.113549.1.1.12": "sha384RSA",
	"1.2.840.113549.1.1.13": "sha512RSA", "1.2.840.10045.2.1": "ECC", "1.2.840.10045.4.1": "sha1ECDSA",
	"1.2.840.10045.4.3.2": "sha256ECDSA", "1.2.840.10045.4.3.3": "sha384ECDSA", "1.2.840.10045.4.3.4": "sha512ECDSA",
	"1.2.840.113549.2.5": "md5", "1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256",
	"2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512",
}

// friendlyName is the name of an object identifier, null where it has none here.
func friendlyName(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
	x, _ := o.Object()
	if n, ok := x.(*choice); ok {
		if name := friendlyNames[n.name]; name != "" {
			return value.Str(name), nil
		}
	}
	return value.Null, nil
}

// keyAlgorithm is the object identifier of the algorithm of a certificate's key.
func keyAlgorithm(l *x509.Certificate) string { return keyAlgorithmOID(l.RawSubjectPublicKeyInfo) }

// export is X509Certificate.Export: the certificate alone. What would take the private key along is refused, as the
// gateway does not hand keys out.
func export(c *value.Call) (value.Value, *value.Exception) {
	const certificateOnly = 1
	if c.Int(1) != certificateOnly {
		return value.Nil, failed("Invalid content type.")
	}
	return bytesOf(c, append([]byte(nil), leaf(c.Args[0]).Raw...))
}

// keyOf makes a property of the class AsymmetricAlgorithm of what yields the key.
func keyOf(key types.Func) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return key(&value.Call{Thread: c.Thread, Args: c.Args, Result: object.Of(c.Thread).Named(namespace + ".RSA")})
	}
}

// sameCertificate is Equals: of the same issuer, with the same serial number.
func sameCertificate(c *value.Call) (value.Value, *value.Exception) {
	if c.Args[1].IsNull() {
		return c.ReturnBool(false)
	}
	a, b := leaf(c.Args[0]), leaf(c.Args[1])
	return c.ReturnBool(issuer(a) == issuer(b) && serial(a) == serial(b))
}
