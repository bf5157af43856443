package crypto_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// certificate makes a certificate with its key.
func certificate(t *testing.T) *host.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0x80F1), NotBefore: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), NotAfter: time.Date(2034, 1, 2, 3, 4, 5, 0, time.UTC),
		Subject: pkix.Name{Country: []string{"NL"}, Organization: []string{"A, B"}, CommonName: "name"}, DNSNames: []string{"a.example"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &host.Certificate{Leaf: leaf, Key: key}
}

func TestCrypto(t *testing.T) {
	c, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	ctx := &host.Context{Static: &host.Static{Deployment: &host.Deployment{Certificates: map[string]*host.Certificate{"c": certificate(t)}}}}
	const (
		abc  = `var m = Encoding.UTF8.GetBytes("abc"); `
		hex  = `return BitConverter.ToString(h.ComputeHash(m)).Replace("-", "").ToLower();`
		keys = `var k = new byte[16]; var iv = new byte[16]; `
		cert = `var x = context.Deployment.Certificates["c"]; `
	)
	tests := []struct{ name, code, want string }{
		{"certificate as bytes", cert + `return x.Export(X509ContentType.Cert).SequenceEqual(x.RawData) + "," + x.GetFormat() + "," + x.Equals(x) + "," + x.SignatureAlgorithm.FriendlyName + "," + x.GetKeyAlgorithm();`, "True,X509,True,sha256RSA,1.2.840.113549.1.1.1"},
		{"certificate with its key", cert + `return x.Export(X509ContentType.Pkcs12, "pw");`, "System.Security.Cryptography.CryptographicException"},
		{"keys by their properties", cert + `return x.PrivateKey.KeySize + x.PublicKey.Key.KeySize;`, "4096"},
		{"MD5", abc + `var h = MD5.Create(); ` + hex, "900150983cd24fb0d6963f7d28e17f72"},
		{"SHA1", abc + `var h = new SHA1Managed(); ` + hex, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"SHA256", abc + `using (var h = SHA256.Create()) { ` + hex + ` }`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"part", `var m = Encoding.UTF8.GetBytes("xabcx"); var h = MD5.Create(); return BitConverter.ToString(h.ComputeHash(m, 1, 3));`, "90-01-50-98-3C-D2-4F-B0-D6-96-3F-7D-28-E1-7F-72"},
		{"part out of range", abc + `return MD5.Create().ComputeHash(m, 1, 3);`, "System.ArgumentException"},
		{"HMACSHA256", `var m = Encoding.UTF8.GetBytes("what do ya want for nothing?"); var h = new HMACSHA256(Encoding.UTF8.GetBytes("Jefe")); ` + hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"key set later", `var m = new byte[0]; var h = new HMACSHA256(); h.Key = new byte[]{1}; return h.Key.Length + h.ComputeHash(m).Length + h.HashSize;`, "289"},
		{"encrypted and decrypted", abc + keys + `return Encoding.UTF8.GetString(m.Encrypt("Aes", k, iv).Decrypt("Aes", k, iv));`, "abc"},
		{"AES-CBC", keys + `return BitConverter.ToString(new byte[16].Encrypt("Aes", k, iv)).Replace("-", "").ToLower();`, "66e94bd4ef8a2c3b884cfa59ca342b2e9434dec2d00fdac765f00c0c11628cd1"},
		{"wrong key size", keys + `return new byte[1].Encrypt("Aes", new byte[5], iv);`, "System.Security.Cryptography.CryptographicException"},
		{"wrong vector size", keys + `return new byte[1].Encrypt("Aes", k, new byte[5]);`, "System.Security.Cryptography.CryptographicException"},
		{"bad padding", keys + `return new byte[16].Decrypt("Aes", k, iv);`, "System.Security.Cryptography.CryptographicException"},
		{"not whole blocks", keys + `return new byte[15].Decrypt("Aes", k, iv);`, "System.Security.Cryptography.CryptographicException"},
		{"algorithm object", abc + `using (var a = SymmetricAlgorithm.Create("aes")) { a.Mode = CipherMode.ECB; a.Padding = PaddingMode.Zeros; a.KeySize = 128; return m.Encrypt(a).Length + a.Key.Length; }`, "32"},
		{"unknown algorithm", `return SymmetricAlgorithm.Create("none") == null;`, "True"},
		{"feedback mode", abc + keys + `var a = SymmetricAlgorithm.Create("aes"); a.Mode = CipherMode.CFB; return Encoding.UTF8.GetString(m.Encrypt(a, k, iv).Decrypt(a, k, iv));`, "abc"},
		{"signed and verified", abc + cert + `var s = x.GetRSAPrivateKey().SignData(m, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1); return x.GetRSAPublicKey().VerifyData(m, s, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);`, "True"},
		{"PSS", abc + cert + `var s = x.GetRSAPrivateKey().SignData(m, HashAlgorithmName.SHA256, RSASignaturePadding.Pss); return x.GetRSAPublicKey().VerifyData(m, s, HashAlgorithmName.SHA512, RSASignaturePadding.Pss);`, "False"},
		{"RSA", abc + cert + `return Encoding.UTF8.GetString(x.GetRSAPrivateKey().Decrypt(x.GetRSAPublicKey().Encrypt(m, RSAEncryptionPadding.OaepSHA1), RSAEncryptionPadding.OaepSHA1));`, "abc"},
		{"no private key", abc + cert + `return x.GetRSAPublicKey().SignData(m, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);`, "System.Security.Cryptography.CryptographicException"},
		{"subject", cert + `return x.Subject;`, `CN=name, O="A, B", C=NL`},
		{"serial number", cert + `return x.SerialNumber;`, "0080F1"},
		{"validity", cert + `return x.NotAfter.ToString("s");`, "2034-01-02T03:04:05"},
		{"thumbprint", cert + `return x.Thumbprint.Length + x.GetCertHash().Length;`, "60"},
		{"name", cert + `return x.GetNameInfo(X509NameType.DnsName, false);`, "a.example"},
		{"from its bytes", cert + `return new X509Certificate2(x.RawData).Equals(x);`, "True"},
		{"bad bytes", `return new X509Certificate2(new byte[5]);`, "System.Security.Cryptography.CryptographicException"},
		{"not trusted", cert + `return x.Verify();`, "False"},
		{"random", `var b = new byte[8]; using (var r = new RNGCryptoServiceProvider()) { r.GetNonZeroBytes(b); } return b.Contains((byte)0);`, "False"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: test.code, Block: true})
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := p.Text(ctx)
			if err != nil {
				_, text, _ := strings.Cut(err.Error(), ": ")
				got, _, _ = strings.Cut(text, ":")
			}
			if got != test.want {
				t.Errorf("got  %s (%v)\nwant %s", got, err, test.want)
			}
		})
	}
}
