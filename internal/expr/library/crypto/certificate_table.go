package crypto

import (
	"crypto/x509"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

func certificateTables() []types.Table {
	return []types.Table{
		{Namespace: certificateNS, Decl: "class X509Certificate : IDisposable", Members: append(exportMembers(), []types.Entry{
			{Sig: "X509Certificate(byte[] data)", Impl: types.Func(newCertificate)},
			{Sig: "string Subject { get; }", Impl: text(subject)},
			{Sig: "string Issuer { get; }", Impl: text(issuer)},
			{Sig: "byte[] GetCertHash()", Impl: raw(sha1Of)},
			{Sig: "string GetCertHashString()", Impl: text(thumbprint)},
			{Sig: "byte[] GetRawCertData()", Impl: raw(func(l *x509.Certificate) []byte { return l.Raw })},
			{Sig: "string GetSerialNumberString()", Impl: text(serial)},
			{Sig: "byte[] GetSerialNumber()", Impl: raw(reversedSerial)},
			{Sig: "byte[] GetPublicKey()", Impl: raw(publicKeyBytes)},
			{Sig: "string GetEffectiveDateString()", Impl: text(func(l *x509.Certificate) string { return l.NotBefore.UTC().Format("01/02/2006 15:04:05") })},
			{Sig: "string GetExpirationDateString()", Impl: text(func(l *x509.Certificate) string { return l.NotAfter.UTC().Format("01/02/2006 15:04:05") })},
			{Sig: "void Dispose()", Impl: types.Func(dispose)},
		}...)},
		{Namespace: certificateNS, Decl: "class X509Certificate2 : X509Certificate", Members: []types.Entry{
			{Sig: "X509Certificate2(byte[] rawData)", Impl: types.Func(newCertificate)},
			{Sig: "X509Certificate2(byte[] rawData, string password)", Impl: types.Func(newCertificate)},
			{Sig: "string Thumbprint { get; }", Impl: text(thumbprint)},
			{Sig: "string SerialNumber { get; }", Impl: text(serial)},
			{Sig: "string FriendlyName { get; }", Impl: text(func(*x509.Certificate) string { return "" })},
			{Sig: "DateTime NotBefore { get; }", Impl: types.ObjInt(notBefore)},
			{Sig: "DateTime NotAfter { get; }", Impl: types.ObjInt(notAfter)},
			{Sig: "bool HasPrivateKey { get; }", Impl: types.ObjBool(hasPrivateKey)},
			{Sig: "int Version { get; }", Impl: types.ObjInt(certificateVersion)},
			{Sig: "byte[] RawData { get; }", Impl: raw(func(l *x509.Certificate) []byte { return l.Raw })},
			{Sig: "X500DistinguishedName SubjectName { get; }", Impl: nameOf(subject)},
			{Sig: "X500DistinguishedName IssuerName { get; }", Impl: nameOf(issuer)},
			{Sig: "Oid SignatureAlgorithm { get; }", Impl: types.Func(signatureOID)},
			{Sig: "PublicKey PublicKey { get; }", Impl: types.Func(publicKeyOf)}, //nolint:dupword // The signature.
			{Sig: "string GetNameInfo(X509NameType nameType, bool forIssuer)", Impl: types.Func(nameInfo)},
			{Sig: "bool Verify()", Impl: types.ObjBool(verifyChain)},
			{Sig: "AsymmetricAlgorithm PrivateKey { get; }", Impl: keyOf(privateKey)},
		}},
		{Namespace: certificateNS, Decl: "static class RSACertificateExtensions", Members: []types.Entry{
			{Sig: "static RSA GetRSAPrivateKey(this X509Certificate2 certificate)", Impl: types.Func(privateKey)},
			{Sig: "static RSA GetRSAPublicKey(this X509Certificate2 certificate)", Impl: types.Func(publicKey)},
		}},
		{Namespace: certificateNS, Decl: "static class ApiManagementCertificateExtensions", Hidden: true, Members: []types.Entry{
			{Sig: "static bool VerifyNoRevocation(this X509Certificate2 input)", Impl: types.Func(verifyExtension)},
		}},
		{Namespace: certificateNS, Decl: "sealed class X500DistinguishedName", Members: []types.Entry{
			{Sig: "string Name { get; }", Impl: types.ObjStr(choiceName)},
		}},
		{Namespace: certificateNS, Decl: "sealed class PublicKey", Members: []types.Entry{
			{Sig: "Oid Oid { get; }", Impl: types.Func(keyOID)}, //nolint:dupword // The signature.
			{Sig: "RSA GetRSAPublicKey()", Impl: types.Func(publicKey)},
			{Sig: "AsymmetricAlgorithm Key { get; }", Impl: keyOf(publicKey)},
		}},
		{Namespace: namespace, Decl: "sealed class Oid", Members: []types.Entry{
			{Sig: "Oid(string oid)", Impl: types.Func(newHashName)},
			{Sig: "string Value { get; }", Impl: types.ObjStr(choiceName)},
			{Sig: "string FriendlyName { get; }", Impl: types.ObjStr(friendlyName)},
		}},
		{Namespace: certificateNS, Decl: "enum X509NameType", Members: enum("SimpleName", "EmailName", "UpnName", "DnsName", "DnsFromAlternativeName", "UrlName")},
		{Namespace: certificateNS, Decl: "enum X509ContentType", Members: enum("Unknown", "Cert", "SerializedCert", "Pfx", "SerializedStore", "Pkcs7", "Authenticode", "Pkcs12 = 3")},
	}
}

// exportMembers are those of a certificate as it is kept elsewhere.
func exportMembers() []types.Entry {
	return []types.Entry{
		{Sig: "string GetKeyAlgorithm()", Impl: text(keyAlgorithm)},
		{Sig: "string GetFormat()", Impl: text(func(*x509.Certificate) string { return "X509" })},
		{Sig: "byte[] Export(X509ContentType contentType)", Impl: types.Func(export)},
		{Sig: "byte[] Export(X509ContentType contentType, string password)", Impl: types.Func(export)},
		{Sig: "bool Equals(X509Certificate other)", Impl: types.Func(sameCertificate)},
	}
}

func sha1Of(l *x509.Certificate) []byte { return (&algorithm{kind: hashNames["SHA1"]}).sum(l.Raw) }

// reversedSerial is the serial number with its lowest byte first, as GetSerialNumber has it.
func reversedSerial(l *x509.Certificate) []byte {
	b := append([]byte(nil), serialBytes(l)...)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return b
}

// publicKeyBytes is the key's own encoding, without the algorithm around it.
func publicKeyBytes(l *x509.Certificate) []byte { return subjectPublicKey(l.RawSubjectPublicKeyInfo) }

func nameOf(f func(*x509.Certificate) string) types.Func {
	return func(c *value.Call) (value.Value, *value.Exception) {
		return value.OfObject(&choice{class: c.Result, name: f(leaf(c.Args[0]))}), nil
	}
}

func signatureOID(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&choice{class: c.Result, name: algorithmOID(leaf(c.Args[0]).Raw)}), nil
}

// publicKeyOf is the certificate itself under another class: it has all that the key shows.
func publicKeyOf(c *value.Call) (value.Value, *value.Exception) {
	x, ok := c.Object(0).(*certificate)
	if !ok {
		return value.Nil, nil
	}
	return value.OfObject(&certificate{class: c.Result, cert: x.cert}), nil
}

func keyOID(c *value.Call) (value.Value, *value.Exception) {
	return value.OfObject(&choice{class: c.Result, name: keyAlgorithmOID(leaf(c.Args[0]).RawSubjectPublicKeyInfo)}), nil
}

// nameInfo is GetNameInfo: the common name, the mail address, the DNS name or the URL.
func nameInfo(c *value.Call) (value.Value, *value.Exception) {
	l := leaf(c.Args[0])
	name := l.Subject
	if c.Bool(2) {
		name = l.Issuer
	}
	const emailName, dnsName, alternativeName, urlName = 1, 3, 4, 5
	info := name.CommonName
	switch c.Int(1) {
	case emailName:
		info = strings.Join(first(l.EmailAddresses), "")
	case dnsName, alternativeName:
		if len(l.DNSNames) > 0 {
			info = l.DNSNames[0]
		}
	case urlName:
		info = ""
		if len(l.URIs) > 0 {
			info = l.URIs[0].String()
		}
	default:
		if info == "" {
			info = strings.Join(first(name.OrganizationalUnit, name.Organization), "")
		}
	}
	return c.ReturnString(info)
}

// first is the first element of the first list that has one.
func first(lists ...[]string) []string {
	for _, l := range lists {
		if len(l) > 0 {
			return l[:1]
		}
	}
	return nil
}
