package bearer

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/c2sp/wycheproof"
	"github.com/go-jose/go-jose/v4"

	"github.com/sallyport/sallyport/internal/control/access"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var rules = Rules{
	Issuer:    func(s string) bool { return s == "https://issuer.example" },
	Audiences: []string{"https://management.example/"},
	Now:       noon,
}

// held are keys as a test holds them.
type held []jose.JSONWebKey

func (h held) Keys(_ context.Context, id string) ([]jose.JSONWebKey, error) {
	var found []jose.JSONWebKey
	for _, k := range h {
		if id == "" || k.KeyID == id {
			found = append(found, k)
		}
	}
	return found, nil
}

// unavailable is an issuer that does not answer.
type unavailable struct{}

func (unavailable) Keys(context.Context, string) ([]jose.JSONWebKey, error) {
	return nil, fmt.Errorf("no route to host: %w", access.ErrUnavailable)
}

func rsaKey(tb testing.TB, bits int) *rsa.PrivateKey {
	tb.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func ecKey(tb testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	tb.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func encode(v any) string {
	data, _ := json.Marshal(v)
	return base64.RawURLEncoding.EncodeToString(data)
}

// claims are right ones; change adds or, with nil, removes some.
func claims(change map[string]any) map[string]any {
	c := map[string]any{
		"iss": "https://issuer.example", "aud": "https://management.example", "sub": "alice",
		"exp": noon.Add(time.Hour).Unix(), "nbf": noon.Unix(), "iat": noon.Unix(),
	}
	maps.Copy(c, change)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

// token makes a token by hand, so that it can be wrong in any way.
func token(tb testing.TB, header map[string]any, payload any, sign func([]byte) []byte) string {
	tb.Helper()
	text := encode(header) + "." + encode(payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(text)))
}

func rs256(tb testing.TB, k *rsa.PrivateKey) func([]byte) []byte {
	tb.Helper()
	return func(text []byte) []byte {
		sum := sha256.Sum256(text)
		signature, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:])
		if err != nil {
			tb.Fatal(err)
		}
		return signature
	}
}

func hs256(key []byte) func([]byte) []byte {
	return func(text []byte) []byte {
		m := hmac.New(sha256.New, key)
		m.Write(text)
		return m.Sum(nil)
	}
}

func nothing([]byte) []byte { return nil }

func TestVerifyAcceptsEachAlgorithm(t *testing.T) {
	keys := map[string]any{"RS": rsaKey(t, MinRSABits)}
	keys["PS"] = keys["RS"]
	for _, algorithm := range Algorithms() {
		key := keys[string(algorithm[:2])]
		switch algorithm {
		case jose.ES256:
			key = ecKey(t, elliptic.P256())
		case jose.ES384:
			key = ecKey(t, elliptic.P384())
		case jose.ES512:
			key = ecKey(t, elliptic.P521())
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		payload, _ := json.Marshal(claims(nil))
		signed, _ := signer.Sign(payload)
		raw, _ := signed.CompactSerialize()
		public := held{{Key: key.(crypto.Signer).Public(), KeyID: "k"}}
		if got, err := Verify(t.Context(), raw, public, rules); err != nil || got.Subject != "alice" {
			t.Errorf("%s: %v, %v", algorithm, got, err)
		}
	}
}

// TestVerifyRefuses has a token for each way to get in without the key.
func TestVerifyRefuses(t *testing.T) {
	k, other := rsaKey(t, MinRSABits), rsaKey(t, MinRSABits)
	p256, p384 := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384())
	edPublic, edPrivate, _ := ed25519.GenerateKey(rand.Reader)
	short := rsaKey(t, 1024)
	keys := held{
		{Key: &k.PublicKey, KeyID: "k", Algorithm: "RS256", Use: "sig"},
		{Key: &k.PublicKey, KeyID: "enc", Use: "enc"},
		{Key: &short.PublicKey, KeyID: "short"},
		{Key: &p256.PublicKey, KeyID: "p256"}, {Key: &p384.PublicKey, KeyID: "p384"},
		{Key: edPublic, KeyID: "ed"}, {Key: []byte("shared secret of 32 bytes......."), KeyID: "secret"},
		{Key: &other.PublicKey, KeyID: "twice"}, {Key: &k.PublicKey, KeyID: "twice"},
	}
	der, _ := x509.MarshalPKIXPublicKey(&k.PublicKey)
	jwk, _ := json.Marshal(jose.JSONWebKey{Key: &other.PublicKey})
	right := map[string]any{"alg": "RS256", "kid": "k"}
	with := func(h map[string]any) map[string]any {
		all := maps.Clone(right)
		maps.Copy(all, h)
		return all
	}
	good := token(t, right, claims(nil), rs256(t, k))
	parts := strings.Split(good, ".")
	if _, err := Verify(t.Context(), good, keys, rules); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"nothing":                     "",
		"not a token":                 "hunter2",
		"none":                        token(t, map[string]any{"alg": "none"}, claims(nil), nothing),
		"none with a key":             token(t, map[string]any{"alg": "none", "kid": "k"}, claims(nil), nothing),
		"None":                        token(t, map[string]any{"alg": "None", "kid": "k"}, claims(nil), nothing),
		"no algorithm":                token(t, map[string]any{"kid": "k"}, claims(nil), rs256(t, k)),
		"HS256 with the public key":   token(t, map[string]any{"alg": "HS256", "kid": "k"}, claims(nil), hs256(der)),
		"HS256 with the modulus":      token(t, map[string]any{"alg": "HS256", "kid": "k"}, claims(nil), hs256(k.N.Bytes())),
		"HS256 with a shared secret":  token(t, map[string]any{"alg": "HS256", "kid": "secret"}, claims(nil), hs256([]byte("shared secret of 32 bytes......."))),
		"EdDSA":                       token(t, map[string]any{"alg": "EdDSA", "kid": "ed"}, claims(nil), func(b []byte) []byte { return ed25519.Sign(edPrivate, b) }),
		"RS1":                         token(t, map[string]any{"alg": "RS1", "kid": "k"}, claims(nil), rs256(t, k)),
		"signed by another":           token(t, right, claims(nil), rs256(t, other)),
		"another's key in the header": token(t, with(map[string]any{"jwk": json.RawMessage(jwk)}), claims(nil), rs256(t, other)),
		"another's key alone":         token(t, map[string]any{"alg": "RS256", "jwk": json.RawMessage(jwk)}, claims(nil), rs256(t, other)),
		"a key elsewhere":             token(t, map[string]any{"alg": "RS256", "jku": "https://evil.example", "kid": "x"}, claims(nil), rs256(t, other)),
		"an unknown key":              token(t, with(map[string]any{"kid": "x"}), claims(nil), rs256(t, k)),
		"no key id and several keys":  token(t, map[string]any{"alg": "RS256"}, claims(nil), rs256(t, k)),
		"two keys with the id":        token(t, with(map[string]any{"kid": "twice"}), claims(nil), rs256(t, k)),
		"a key for encryption":        token(t, with(map[string]any{"kid": "enc"}), claims(nil), rs256(t, k)),
		"a short key":                 token(t, with(map[string]any{"kid": "short"}), claims(nil), rs256(t, short)),
		"a long key id":               token(t, with(map[string]any{"kid": strings.Repeat("k", MaxKeyID+1)}), claims(nil), rs256(t, k)),
		"another algorithm of the key": token(t, map[string]any{"alg": "PS256", "kid": "k"}, claims(nil), func(b []byte) []byte {
			sum := sha256.Sum256(b)
			s, _ := rsa.SignPSS(rand.Reader, k, crypto.SHA256, sum[:], nil)
			return s
		}),
		"ES256 with zeros": token(t, map[string]any{"alg": "ES256", "kid": "p256"}, claims(nil), func([]byte) []byte { return make([]byte, 64) }),
		"ES256 with P-384": token(t, map[string]any{"alg": "ES256", "kid": "p384"}, claims(nil), func([]byte) []byte { return make([]byte, 64) }),
		"ES256 in ASN.1": token(t, map[string]any{"alg": "ES256", "kid": "p256"}, claims(nil), func(b []byte) []byte {
			s := sha256.Sum256(b)
			r, _ := ecdsa.SignASN1(rand.Reader, p256, s[:])
			return r
		}),
		"ES256 with an RSA key": token(t, map[string]any{"alg": "ES256", "kid": "k"}, claims(nil), rs256(t, k)),
		"a critical header":     token(t, with(map[string]any{"crit": []string{"b64"}, "b64": true}), claims(nil), rs256(t, k)),
		"a logout token":        token(t, with(map[string]any{"typ": "logout+jwt"}), claims(nil), rs256(t, k)),
		"a type that is none":   token(t, with(map[string]any{"typ": 1}), claims(nil), rs256(t, k)),
		"no signature":          parts[0] + "." + parts[1] + ".",
		"two parts":             parts[0] + "." + parts[1],
		"four parts":            good + "." + parts[2],
		"another payload":       parts[0] + "." + encode(claims(map[string]any{"sub": "root"})) + "." + parts[2],
		"another header":        encode(with(map[string]any{"x": 1})) + "." + parts[1] + "." + parts[2],
		"the signature cut off": good[:len(good)-4],
		"encrypted":             "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",
		"in the JSON form":      `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`,
		"too long":              good + strings.Repeat("A", access.MaxTokenLength),
		"claims that are none":  token(t, right, []int{1}, rs256(t, k)),
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Verify(t.Context(), raw, keys, rules)
			if err == nil {
				t.Fatalf("accepted as %v", got)
			}
			if strings.Contains(err.Error(), "alice") || len(err.Error()) > 120 {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	if _, err := Verify(t.Context(), good, unavailable{}, rules); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("keys that cannot be had: %v", err)
	}
}

// TestVerifyRefuses_NegativeControl takes the algorithm from the token, as
// libraries once did: a signature made with the public key is right.
func TestVerifyRefuses_NegativeControl(t *testing.T) {
	k := rsaKey(t, MinRSABits)
	der, _ := x509.MarshalPKIXPublicKey(&k.PublicKey)
	raw := token(t, map[string]any{"alg": "HS256"}, claims(nil), hs256(der))
	parsed, err := jose.ParseSigned(raw, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Verify(der); err != nil {
		t.Error("the control shows nothing")
	}
}

func TestVerifyChecksClaims(t *testing.T) {
	k := rsaKey(t, MinRSABits)
	keys := held{{Key: &k.PublicKey, KeyID: "k"}}
	tests := []struct {
		name   string
		change map[string]any
		want   string
	}{
		{"as they are", nil, ""},
		{"audience with a slash", map[string]any{"aud": "https://management.example//"}, ""},
		{"one of several audiences", map[string]any{"aud": []string{"x", "HTTPS://management.example"}}, ""},
		{"expired within the skew", map[string]any{"exp": noon.Add(-Skew).Unix()}, ""},
		{"expired", map[string]any{"exp": noon.Add(-Skew - time.Second).Unix()}, access.ErrExpired.Error()},
		{"never expires", map[string]any{"exp": nil}, "when it expires"},
		{"expires at a text", map[string]any{"exp": "tomorrow"}, "cannot be read"},
		{"expires at an absurd time", map[string]any{"exp": 1e300}, "cannot be read"},
		{"not yet", map[string]any{"nbf": noon.Add(Skew + time.Second).Unix()}, "not valid yet"},
		{"from the future", map[string]any{"iat": noon.Add(Skew + time.Second).Unix()}, "in the future"},
		{"another issuer", map[string]any{"iss": "https://issuer.example/"}, "another issuer"},
		{"no issuer", map[string]any{"iss": nil}, "another issuer"},
		{"another audience", map[string]any{"aud": "https://management.example.org"}, "another audience"},
		{"no audience", map[string]any{"aud": nil}, "another audience"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := token(t, map[string]any{"alg": "RS256", "typ": "at+jwt"}, claims(tt.change), rs256(t, k))
			_, err := Verify(t.Context(), raw, keys, rules)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestClaims(t *testing.T) {
	c := Claims{all: map[string]any{"s": "x", "n": 1.0, "long": strings.Repeat("x", maxClaim+1), "list": []any{"a", 1.0, "", "b"}}}
	if c.String("s") != "x" || c.String("n") != "" || c.String("long") != "" || c.String("none") != "" {
		t.Error("String")
	}
	if got := c.Strings("list"); !slices.Equal(got, []string{"a", "b"}) || c.Strings("s")[0] != "x" || c.Strings("n") != nil {
		t.Errorf("Strings: %v", got)
	}
}

// TestWycheproof runs the vectors of signed tokens. Their payloads are no
// claims, so a token whose signature is right fails there, and only there.
func TestWycheproof(t *testing.T) {
	data, err := fs.ReadFile(wycheproof.TestVectors, "json_web_signature_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		TestGroups []struct {
			Public json.RawMessage `json:"public"`
			Tests  []struct {
				ID     int    `json:"tcId"`
				JWS    any    `json:"jws"`
				Result string `json:"result"`
			} `json:"tests"`
		} `json:"testGroups"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	invalid, valid := 0, 0
	for _, group := range file.TestGroups {
		keys := publicKeys(group.Public)
		for _, v := range group.Tests {
			raw, _ := v.JWS.(string)
			_, err := Verify(t.Context(), raw, keys, rules)
			signed := err == nil || strings.Contains(err.Error(), "claims") || strings.Contains(err.Error(), "when it expires")
			switch {
			case v.Result == "invalid" && signed && setAside[v.ID] == "":
				t.Errorf("vector %d is invalid and its signature was accepted: %v", v.ID, err)
			case v.Result == "invalid":
				invalid++
			case signed:
				valid++
			}
		}
	}
	t.Logf("Wycheproof: %d invalid tokens refused, %d valid ones accepted", invalid, valid)
	if invalid < 100 || valid < 5 {
		t.Error("the vectors were not read")
	}
}

// setAside are vectors that are called invalid and have a signature that only
// who has the key can make.
var setAside = map[int]string{
	281: "a salt of another length", 282: "a salt of another length", 283: "a salt of another length",
	284: "a salt of another length", 285: "a salt of another length", 286: "a salt of another length",
	367: "the text of a valid vector, 357", 370: "the text of a valid vector, 357",
}

// publicKeys reads a key or a set of keys.
func publicKeys(raw json.RawMessage) (keys held) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(raw, &set) != nil || len(set.Keys) == 0 {
		set.Keys = []json.RawMessage{raw}
	}
	for _, each := range set.Keys {
		if k, ok := ParseKey(each); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

func FuzzVerify(f *testing.F) {
	k := ecKey(f, elliptic.P256())
	keys := held{{Key: &k.PublicKey, KeyID: "k"}}
	f.Add("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.eyJleHAiOjF9.AAAA")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, raw string) {
		if _, err := Verify(t.Context(), raw, keys, rules); err == nil {
			t.Errorf("accepted %q", raw)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	k := rsaKey(b, MinRSABits)
	raw := token(b, map[string]any{"alg": "RS256", "kid": "k"}, claims(nil), rs256(b, k))
	keys := held{{Key: &k.PublicKey, KeyID: "k"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(b.Context(), raw, keys, rules); err != nil {
			b.Fatal(err)
		}
	}
}
