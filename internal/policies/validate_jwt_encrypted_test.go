package policies

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"testing"
)

// encrypt makes a JWE with AES-GCM of 256 bits. Where public is nil the key is
// used directly, otherwise it is encrypted with RSA-OAEP-256.
func encrypt(t *testing.T, content string, key []byte, public *rsa.PublicKey) string {
	t.Helper()
	header := encode([]byte(`{"alg":"dir","enc":"A256GCM","cty":"JWT"}`))
	var wrapped []byte
	if public != nil {
		header = encode([]byte(`{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"}`))
		var err error
		if wrapped, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, public, key, nil); err != nil {
			t.Fatal(err)
		}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	iv := make([]byte, gcm.NonceSize())
	sealed := gcm.Seal(nil, iv, []byte(content), []byte(header)) //nolint:gosec // A key of a test is used once.
	split := len(sealed) - gcm.Overhead()
	return header + "." + encode(wrapped) + "." + encode(iv) + "." + encode(sealed[:split]) + "." + encode(sealed[split:])
}

func TestValidateJWTEncrypted(t *testing.T) {
	i := newIdentity(t)
	r := newRig(t)
	r.certificates["opener"] = certificateOf(t, i.key)
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	signed := signRS256(i.key, `{"alg":"RS256"}`, s11Claims())
	forged := signHS256(key, `{"alg":"HS256"}`, s11Claims())
	direct := `<key>` + base64.StdEncoding.EncodeToString(key) + `</key>`
	other := `<key>` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `</key>`
	for _, tt := range []struct{ name, keys, token, want string }{
		{"with the key itself", direct, encrypt(t, signed, key, nil), ""},
		{"one of two keys", other + direct, encrypt(t, signed, key, nil), ""},
		{"for a certificate", `<key certificate-id="opener" />`, encrypt(t, signed, key, &i.key.PublicKey), ""},
		{"with another key", other, encrypt(t, signed, key, nil), "JwtInvalid"},
		{"content is signed by somebody else", direct, encrypt(t, forged, key, nil), "TokenSignatureKeyNotFound"},
		{"content is not signed", direct, encrypt(t, unsigned(`{"alg":"none"}`, s11Claims())+".", key, nil), "TokenSignatureInvalid"},
		{"content is no token", direct, encrypt(t, "{}", key, nil), "JwtInvalid"},
		{"encrypted twice", direct, encrypt(t, encrypt(t, signed, key, nil), key, nil), "JwtInvalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.mustCompile(t, `<validate-jwt query-parameter-name="token">
				<issuer-signing-keys><key n="`+encode(i.key.N.Bytes())+`" e="AQAB" /></issuer-signing-keys>
				<decryption-keys>`+tt.keys+`</decryption-keys>
			</validate-jwt>`)
			fault := r.run(t, r.call("GET", "/echo?token="+tt.token))
			if reason := reasonOf(fault); reason != tt.want {
				t.Errorf("got %q (%v), want %q", reason, fault, tt.want)
			}
		})
	}
}
