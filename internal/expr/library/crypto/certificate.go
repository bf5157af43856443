package crypto

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// certificate is an X509Certificate2.
type certificate struct {
	class value.Type
	cert  *host.Certificate
}

// NewCertificate returns a certificate of the gateway as a value, null for nil; class is X509Certificate2.
func NewCertificate(class value.Type, cert *host.Certificate) value.Value {
	if cert == nil || cert.Leaf == nil {
		return value.Nil
	}
	return value.OfObject(&certificate{class: class, cert: cert})
}

// ObjectType returns the run-time type.
func (x *certificate) ObjectType() value.Type { return x.class }

// NetString returns what X509Certificate2.ToString() does in its short form.
func (x *certificate) NetString() (value.String, *value.Exception) {
	l := x.cert.Leaf
	const layout = "MM/dd/yyyy HH:mm:ss"
	from, e := date.Format(date.OfTime(l.NotBefore.UTC()), layout)
	if e != nil {
		return value.Null, e
	}
	to, e := date.Format(date.OfTime(l.NotAfter.UTC()), layout)
	return value.Str("[Subject]\n  " + subject(l) + "\n\n[Issuer]\n  " + issuer(l) + "\n\n[Serial Number]\n  " + serial(l) +
		"\n\n[Not Before]\n  " + from + "\n\n[Not After]\n  " + to + "\n\n[Thumbprint]\n  " + thumbprint(l) + "\n"), e
}

// EqualTo reports whether other is the same certificate.
func (x *certificate) EqualTo(other value.Value) bool {
	o, _ := other.Object()
	y, ok := o.(*certificate)
	return ok && bytes.Equal(x.cert.Leaf.Raw, y.cert.Leaf.Raw)
}

// HashCode returns the first bytes of the thumbprint.
func (x *certificate) HashCode() uint64 {
	sum := sha1.Sum(x.cert.Leaf.Raw)
	return uint64(sum[0])<<24 | uint64(sum[1])<<16 | uint64(sum[2])<<8 | uint64(sum[3])
}

func subject(l *x509.Certificate) string { return distinguishedName(l.RawSubject) }

func issuer(l *x509.Certificate) string { return distinguishedName(l.RawIssuer) }

func serial(l *x509.Certificate) string {
	return strings.ToUpper(hex.EncodeToString(serialBytes(l)))
}

// serialBytes is the serial number as it is encoded: a leading zero byte included where it has one.
func serialBytes(l *x509.Certificate) []byte {
	b := l.SerialNumber.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		return append([]byte{0}, b...)
	}
	return b
}

func thumbprint(l *x509.Certificate) string {
	sum := sha1.Sum(l.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// leaf is the certificate of a receiver.
func leaf(o value.Value) *x509.Certificate {
	x, _ := o.Object()
	if c, ok := x.(*certificate); ok {
		return c.cert.Leaf
	}
	return &x509.Certificate{}
}

// text makes a property of a certificate.
func text(f func(*x509.Certificate) string) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		return value.Str(f(leaf(o))), nil
	}
}

// raw makes a method or property that yields bytes.
func raw(f func(*x509.Certificate) []byte) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		b := f(leaf(c.Args[0]))
		if e := charge(c.Thread, 0, len(b)); e != nil {
			return value.Nil, e
		}
		return bytesOf(c, append([]byte(nil), b...))
	}
}

func notBefore(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return date.OfTime(leaf(o).NotBefore.UTC()), nil
}

func notAfter(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return date.OfTime(leaf(o).NotAfter.UTC()), nil
}

func hasPrivateKey(_ *value.Thread, o value.Value) (bool, *value.Exception) {
	x, _ := o.Object()
	c, ok := x.(*certificate)
	return ok && c.cert.Key != nil, nil
}

func certificateVersion(_ *value.Thread, o value.Value) (int64, *value.Exception) {
	return int64(leaf(o).Version), nil
}

// newCertificate reads a certificate in DER or PEM.
func newCertificate(c *value.Call) (value.Value, *value.Exception) {
	data, e := copied(c, 0, "rawData")
	if e != nil {
		return value.Nil, e
	}
	if e := charge(c.Thread, len(data), len(data)); e != nil {
		return value.Nil, e
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	l, err := x509.ParseCertificate(data)
	if err != nil {
		return value.Nil, failed("The certificate data cannot be read. A PFX with its password cannot be read in an expression; use context.Deployment.Certificates.")
	}
	return NewCertificate(c.Result, &host.Certificate{Leaf: l}), nil
}

// verifyChain is Verify: the chain with the roots of the machine, or what the
// gateway has found with its own authorities of clients.
func verifyChain(_ *value.Thread, o value.Value) (bool, *value.Exception) {
	if object, ok := o.Object(); ok {
		if x, ok := object.(*certificate); ok && x.cert.Verified {
			return true, nil
		}
	}
	_, err := leaf(o).Verify(x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err == nil, nil
}

func verifyExtension(c *value.Call) (value.Value, *value.Exception) {
	ok, e := verifyChain(c.Thread, c.Args[0])
	if e != nil {
		return value.Nil, e
	}
	return c.ReturnBool(ok)
}

func privateKey(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "certificate"); e != nil {
		return value.Nil, e
	}
	x, ok := c.Object(0).(*certificate)
	if !ok {
		return value.Nil, nil
	}
	k, ok := x.cert.Key.(*rsa.PrivateKey)
	if !ok {
		return value.Nil, nil
	}
	return value.OfObject(&rsaKey{class: cng(c.Thread, c.Result), public: &k.PublicKey, private: k}), nil
}

func publicKey(c *value.Call) (value.Value, *value.Exception) {
	if e := c.NotNull(0, "certificate"); e != nil {
		return value.Nil, e
	}
	k, ok := leaf(c.Args[0]).PublicKey.(*rsa.PublicKey)
	if !ok {
		return value.Nil, nil
	}
	return value.OfObject(&rsaKey{class: cng(c.Thread, c.Result), public: k}), nil
}

// cng is the class RSACng, which every key is, since policies cast keys to it.
func cng(t *value.Thread, fallback value.Type) value.Type {
	if env := object.Of(t); env != nil {
		return env.Named(namespace + ".RSACng")
	}
	return fallback
}
