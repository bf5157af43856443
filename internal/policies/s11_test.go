package policies

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/policies/jose"
	"github.com/sallyport/sallyport/internal/policies/signingkeys"
	"github.com/sallyport/sallyport/internal/policy"
)

const s11Configuration = "https://login.example/.well-known/openid-configuration"

// identity is an identity provider that counts what is fetched.
type identity struct {
	key     *rsa.PrivateKey
	fetched []string
}

func newIdentity(tb testing.TB) *identity {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return &identity{key: key}
}

// jwk returns the provider's public key.
func (i *identity) jwk() string {
	return fmt.Sprintf(`{"kty":"RSA","kid":"k1","use":"sig","alg":"RS256","n":%q,"e":"AQAB"}`, encode(i.key.N.Bytes()))
}

// Fetch answers as the provider does.
func (i *identity) Fetch(_ context.Context, url string, _ int64) (policy.Fetched, error) {
	i.fetched = append(i.fetched, url)
	switch url {
	case s11Configuration:
		return policy.Fetched{Status: 200, Body: []byte(`{"issuer":"https://login.example/","jwks_uri":"https://login.example/keys"}`)}, nil
	case "https://login.example/keys":
		return policy.Fetched{Status: 200, Body: []byte(`{"keys":[` + i.jwk() + `]}`)}, nil
	}
	return policy.Fetched{Status: 200, Body: []byte(`{}`)}, nil
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// s11Claims are claims that the policy of the attack table accepts.
func s11Claims() map[string]any {
	return map[string]any{"iss": "https://login.example/", "aud": "orders", "exp": rigStart.Unix() + 60, "sub": "someone"}
}

// unsigned returns the first two parts of a token.
func unsigned(header string, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		return err.Error()
	}
	return encode([]byte(header)) + "." + encode(payload)
}

func signRS256(key *rsa.PrivateKey, header string, claims map[string]any) string {
	text := unsigned(header, claims)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return err.Error()
	}
	return text + "." + encode(signature)
}

func signHS256(secret []byte, header string, claims map[string]any) string {
	text := unsigned(header, claims)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

// attack is a token that must not be accepted.
type attack struct{ name, token string }

// s11Attacks makes the attack table.
func s11Attacks(t *testing.T, i *identity, own *rsa.PrivateKey) []attack {
	t.Helper()
	claims := s11Claims()
	good := signRS256(i.key, `{"alg":"RS256","kid":"k1"}`, claims)
	list := []attack{
		{"nothing", "."}, {"empty parts", ".."}, {"signature stripped", good[:strings.LastIndexByte(good, '.')+1]},
		{"last byte changed", lastByteChanged(good)},
		{"signature of another text", unsigned(`{"alg":"RS256","kid":"k1"}`, map[string]any{"sub": "admin"}) + good[strings.LastIndexByte(good, '.'):]},
		{"padded", good + "=="}, {"1 MB token", good + strings.Repeat("A", 1<<20)},
		{"1 MB header", encode([]byte(`{"alg":"RS256","x":"`+strings.Repeat("A", 1<<20)+`"}`)) + ".e30.AA"},
		{"deep header", encode([]byte(`{"alg":"RS256","x":`+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)+`}`)) + ".e30.AA"},
		{"other key", signRS256(own, `{"alg":"RS256","kid":"k1"}`, claims)},
		{"unknown kid", signRS256(own, `{"alg":"RS256","kid":"k2"}`, claims)},
		{"algorithm of the same family", signRS256(i.key, `{"alg":"RS512","kid":"k1"}`, claims)},
		{"crit", signRS256(i.key, `{"alg":"RS256","kid":"k1","crit":["x"],"x":1}`, claims)},
		{"b64", signRS256(i.key, `{"alg":"RS256","kid":"k1","b64":false,"crit":["b64"]}`, claims)},
		{"alg twice", signRS256(i.key, `{"alg":"none","alg":"RS256","kid":"k1"}`, claims)},
		{"zero ECDSA signature", unsigned(`{"alg":"ES256","kid":"k1"}`, claims) + "." + encode(make([]byte, 64))},
		{"compressed JWE", zipBomb()},
	}
	list = append(list, noneAttacks(claims)...)
	list = append(list, confusionAttacks(t, i, claims)...)
	list = append(list, headerKeyAttacks(own, claims)...)
	return append(list, claimAttacks(i)...)
}

// noneAttacks are tokens that say in sixteen spellings that they are not signed.
func noneAttacks(claims map[string]any) []attack {
	var list []attack
	for n, alg := range []string{`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `"noNe"`, `"nonE"`, `"NoNe"`, `" none"`, `"none "`, `"none\u0000"`, `"\u006eone"`, `""`, `null`, `0`, `["none"]`, `{}`} {
		list = append(list, attack{fmt.Sprint("none ", n), unsigned(`{"alg":`+alg+`}`, claims) + "."})
	}
	return append(list, attack{"none with a signature", unsigned(`{"alg":"none"}`, claims) + ".AAAA"}, attack{"no alg", unsigned(`{}`, claims) + "."})
}

// confusionAttacks are tokens whose MAC is made with the public key as secret.
func confusionAttacks(t *testing.T, i *identity, claims map[string]any) []attack {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&i.key.PublicKey)
	var list []attack
	for name, secret := range map[string][]byte{
		"DER": der, "PKCS #1": pkcs1, "JWK": []byte(i.jwk()), "modulus": i.key.N.Bytes(), "empty": {},
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "modulus text": []byte(encode(i.key.N.Bytes())),
	} {
		list = append(list, attack{"RS256 to HS256 with " + name, signHS256(secret, `{"alg":"HS256","kid":"k1"}`, claims)})
	}
	return list
}

// headerKeyAttacks are tokens that bring or name the key with which they are
// signed.
func headerKeyAttacks(own *rsa.PrivateKey, claims map[string]any) []attack {
	jwk := fmt.Sprintf(`{"kty":"RSA","n":%q,"e":"AQAB"}`, encode(own.N.Bytes()))
	var list []attack
	for name, member := range map[string]string{
		"jwk": `"jwk":` + jwk, "jku": `"jku":"https://evil.example/keys"`, "x5u": `"x5u":"https://evil.example/cert.pem"`, "x5c": `"x5c":["MIIB"]`,
		"kid path": `"kid":"../../../dev/null"`, "kid SQL": `"kid":"x' UNION SELECT 'key'--"`, "kid URL": `"kid":"https://evil.example/keys"`,
		"kid command": `"kid":"|/bin/sh"`, "kid long": `"kid":"` + strings.Repeat("k", 4000) + `"`, "kid object": `"kid":{"a":1}`,
	} {
		list = append(list, attack{name, signRS256(own, `{"alg":"RS256",`+member+`}`, claims)})
		if strings.HasPrefix(name, "j") || strings.HasPrefix(name, "x") {
			list = append(list, attack{name + " under a known kid", signRS256(own, `{"alg":"RS256","kid":"k1",`+member+`}`, claims)})
		}
	}
	return append(list, attack{"HS256 with an empty file", signHS256(nil, `{"alg":"HS256","kid":"../../../dev/null"}`, claims)})
}

// claimAttacks are well signed tokens that say something wrong.
func claimAttacks(i *identity) []attack {
	var list []attack
	for _, change := range []struct {
		name, claim string
		value       any
	}{
		{"expired now", "exp", rigStart.Unix()}, {"expired before", "exp", rigStart.Unix() - 1}, {"expiry as text", "exp", "9999999999"},
		{"expiry below zero", "exp", -1}, {"expiry too large", "exp", 1e300}, {"expiry null", "exp", nil}, {"expiry as list", "exp", []int{9999999999}},
		{"not yet", "nbf", rigStart.Unix() + 1}, {"not yet as text", "nbf", "0"},
		{"other issuer", "iss", "https://evil.example/"}, {"issuer with more", "iss", "https://login.example/x"}, {"issuers", "iss", []string{"https://login.example/"}}, {"no issuer", "iss", nil},
		{"other audience", "aud", "payments"}, {"audience in other case", "aud", "ORDERS"}, {"audience as object", "aud", map[string]string{"a": "orders"}}, {"no audience", "aud", []string{}},
	} {
		claims := s11Claims()
		claims[change.claim] = change.value
		list = append(list, attack{change.name, signRS256(i.key, `{"alg":"RS256","kid":"k1"}`, claims)})
	}
	return list
}

// zipBomb is a compressed JWE.
func zipBomb() string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err == nil {
		_, _ = w.Write(make([]byte, 10<<20))
		_ = w.Close()
	}
	return encode([]byte(`{"alg":"dir","enc":"A128CBC-HS256","zip":"DEF"}`)) + ".." + encode(make([]byte, 16)) + "." + encode(b.Bytes()) + "." + encode(make([]byte, 16))
}

// lastByteChanged returns the token with another text in the place of its last
// whole byte of signature, whatever that was.
func lastByteChanged(token string) string {
	head, end := token[:len(token)-2], token[len(token)-2:]
	if end == "AA" {
		return head + "BA"
	}
	return head + "AA"
}

// newS11Rig makes a rig whose document asks for tokens of the identity provider.
func newS11Rig(t *testing.T, i *identity) *rig {
	t.Helper()
	r := newRig(t)
	keys := signingkeys.New(signingkeys.Options{Fetcher: i, Clock: r.clock})
	t.Cleanup(func() { _ = keys.Close() })
	r.services.SigningKeys = keys
	r.mustCompile(t, `<validate-jwt header-name="Authorization" require-scheme="Bearer">
		<openid-config url="`+s11Configuration+`" />
		<decryption-keys><key>`+base64.StdEncoding.EncodeToString(make([]byte, 32))+`</key></decryption-keys>
		<audiences><audience>orders</audience></audiences>
	</validate-jwt>`)
	return r
}

func TestS11_TokenAttacks(t *testing.T) {
	i := newIdentity(t)
	r := newS11Rig(t, i)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := signRS256(i.key, `{"alg":"RS256","kid":"k1"}`, s11Claims())
	if fault := r.run(t, r.call("GET", "/echo", "Authorization", "Bearer "+good)); fault != nil {
		t.Fatalf("the good token is refused: %v", fault)
	}
	attacks := s11Attacks(t, i, own)
	accepted, worstBytes, worstTime := 0, uint64(0), time.Duration(0)
	for _, a := range attacks {
		c := r.call("GET", "/echo", "Authorization", "Bearer "+a.token)
		bytes, took, fault := measured(func() *policy.Fault { return r.run(t, c) })
		worstBytes, worstTime = max(worstBytes, bytes), max(worstTime, took)
		if fault == nil || fault.Status != 401 {
			accepted++
			t.Errorf("%s: %v, want a refusal with 401", a.name, fault)
		}
		if bytes > 1<<20 {
			t.Errorf("%s: %d bytes of memory (1 MiB)", a.name, bytes)
		}
	}
	for _, url := range i.fetched {
		if url != s11Configuration && url != "https://login.example/keys" {
			t.Errorf("%s was fetched because a token said so", url)
		}
	}
	if len(i.fetched) != 2 {
		t.Errorf("%d fetches, want 2", len(i.fetched))
	}
	t.Logf("S11: %d of %d attacks accepted (0), 0 fetches by header (0), at most %v (5 ms) and %d KiB (1 MiB) each", accepted, len(attacks), worstTime, worstBytes>>10)
}

// measured returns the memory and the time that f takes.
func measured(f func() *policy.Fault) (uint64, time.Duration, *policy.Fault) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	fault := f()
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, took, fault
}

// TestS11_TokenAttacks_NegativeControl shows that the attack table finds a
// verifier that believes what a token's header says.
func TestS11_TokenAttacks_NegativeControl(t *testing.T) {
	i := newIdentity(t)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	accepted := map[string]bool{}
	for _, a := range s11Attacks(t, i, own) {
		accepted[a.name] = believes(i, a.token)
	}
	for _, name := range []string{"none 0", "RS256 to HS256 with DER", "jwk", "expired now", "crit"} {
		if !accepted[name] {
			t.Errorf("%s is refused even by a verifier that believes everything", name)
		}
	}
}

// believes is a verifier as it should not be.
func believes(i *identity, token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	data, _ := base64.RawURLEncoding.DecodeString(parts[0])
	header := struct {
		Alg string `json:"alg"`
		JWK *struct {
			N string `json:"n"`
		} `json:"jwk"`
	}{}
	if json.Unmarshal(data, &header) != nil {
		return false
	}
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	text := parts[0] + "." + parts[1]
	switch header.Alg {
	case "none":
		return true
	case "HS256":
		der, _ := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
		mac := hmac.New(sha256.New, der)
		mac.Write([]byte(text))
		return hmac.Equal(mac.Sum(nil), signature)
	}
	key := i.key.PublicKey
	if header.JWK != nil {
		n, _ := base64.RawURLEncoding.DecodeString(header.JWK.N)
		key = rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	}
	digest := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(&key, crypto.SHA256, digest[:], signature) == nil
}

func TestValidateJWTSigningKeys(t *testing.T) {
	i := newIdentity(t)
	r := newS11Rig(t, i)
	elliptic256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r.certificates["signer"] = certificateOf(t, elliptic256)
	token := signRS256(i.key, `{"alg":"RS256","kid":"k1"}`, map[string]any{"sub": "a"})
	text := unsigned(`{"alg":"ES256"}`, map[string]any{"sub": "a"})
	digest := sha256.Sum256([]byte(text))
	x, y, err := ecdsa.Sign(rand.Reader, elliptic256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	es256 := text + "." + encode(append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...))
	for _, tt := range []struct{ name, keys, token, want string }{
		{"modulus and exponent", `<key id="k1" n="` + encode(i.key.N.Bytes()) + `" e="AQAB" />`, token, ""},
		{"key of another id is tried", `<key id="k9" n="` + encode(i.key.N.Bytes()) + `" e="AQAB" />`, token, ""},
		{"certificate", `<key certificate-id="signer" />`, es256, ""},
		{"certificate of another kind", `<key certificate-id="signer" />`, token, "TokenSignatureKeyNotFound"},
		{"another key", `<key>` + base64.StdEncoding.EncodeToString(make([]byte, 32)) + `</key>`, token, "TokenSignatureKeyNotFound"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.mustCompile(t, `<validate-jwt token-value="`+tt.token+`" require-expiration-time="false"><issuer-signing-keys>`+tt.keys+`</issuer-signing-keys></validate-jwt>`)
			fault := r.run(t, r.call("GET", "/echo"))
			if reason := reasonOf(fault); reason != tt.want {
				t.Errorf("got %q (%v), want %q", reason, fault, tt.want)
			}
		})
	}
}

func reasonOf(f *policy.Fault) string {
	if f == nil {
		return ""
	}
	return f.Reason
}

// TestKeysSpeakForTheirIssuer checks that the key of one identity provider
// confirms no token of another, and that a provider that cannot be reached
// matters only to tokens that nobody else confirms.
func TestKeysSpeakForTheirIssuer(t *testing.T) {
	i := newIdentity(t)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	r := newS11Rig(t, i)
	r.services.SigningKeys = fixedIssuers{
		"https://a.example/": {Name: "https://a.example/", Keys: []policy.SigningKey{{ID: "k1", Key: &i.key.PublicKey}}},
		"https://b.example/": {Name: "https://b.example/{tenantid}/", Keys: nil},
	}
	const a, b, gone = `<openid-config url="https://a.example/" />`, `<openid-config url="https://b.example/" />`, `<openid-config url="https://gone.example/" />`
	inline := `<issuer-signing-keys><key n="` + encode(own.N.Bytes()) + `" e="AQAB" /></issuer-signing-keys>`
	const listed = `<issuers><issuer>https://listed.example/</issuer></issuers>`
	for _, tt := range []struct {
		name, content, issuer string
		key                   *rsa.PrivateKey
		want                  string
	}{
		{"its own issuer", b + a, "https://a.example/", i.key, ""},
		{"another provider's issuer", b + a, "https://b.example/t1/", i.key, "TokenIssuerNotAllowed"},
		{"an issuer of the document", a + listed, "https://listed.example/", i.key, ""},
		{"key of the document, provider's issuer", b + inline, "https://b.example/t1/", own, ""},
		{"key of the document, other issuer", b + inline, "https://c.example/", own, "TokenIssuerNotAllowed"},
		{"another provider is gone", gone + a, "https://a.example/", i.key, ""},
		{"its provider may be the one that is gone", gone + a, "https://a.example/", own, "SigningKeysUnavailable"},
		{"key of the document and its issuer, provider gone", gone + inline + listed, "https://listed.example/", own, ""},
		{"key of the document, provider gone", gone + inline, "https://a.example/", own, "SigningKeysUnavailable"},
		{"no issuers at all", inline, "https://any.example/", own, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.mustCompile(t, `<validate-jwt header-name="X-Token">`+tt.content+`</validate-jwt>`)
			claims := s11Claims()
			claims["iss"], claims["tid"] = tt.issuer, "t1"
			fault := r.run(t, r.call("GET", "/echo", "X-Token", signRS256(tt.key, `{"alg":"RS256","kid":"k1"}`, claims)))
			if reason := reasonOf(fault); reason != tt.want {
				t.Errorf("got %q (%v), want %q", reason, fault, tt.want)
			}
		})
	}
}

// fixedIssuers are identity providers by their configuration's URL.
type fixedIssuers map[string]*policy.Issuer

// Issuer returns the issuer.
func (f fixedIssuers) Issuer(_ context.Context, url, _ string) (*policy.Issuer, error) {
	if i := f[url]; i != nil {
		return i, nil
	}
	return nil, policy.ErrKeysUnavailable
}

func TestTenantIssuer(t *testing.T) {
	const template = "https://login.example/{tenantid}/v2.0"
	for _, tt := range []struct{ name, claims, want string }{
		{"tenant", `{"tid":"1f-2A"}`, "https://login.example/1f-2A/v2.0"},
		{"no tenant", `{}`, template},
		{"path in the tenant", `{"tid":"a/../b"}`, template},
		{"no text", `{"tid":5}`, template},
	} {
		t.Run(tt.name, func(t *testing.T) {
			claims, err := jose.ParseObject([]byte(tt.claims))
			if err != nil {
				t.Fatal(err)
			}
			if got := tenantIssuer(template, &claims); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestUnavailableKeysAreNobodysFault checks that a provider that cannot be
// reached is not held against the caller.
func TestUnavailableKeysAreNobodysFault(t *testing.T) {
	i := newIdentity(t)
	r := newS11Rig(t, i)
	r.services.SigningKeys = fixedIssuers{}
	fault := r.run(t, r.call("GET", "/echo", "Authorization", "Bearer "+signRS256(i.key, `{"alg":"RS256"}`, s11Claims())))
	if fault == nil || fault.Status != 503 || len(fault.Header) == 0 {
		t.Errorf("got %+v, want 503 with Retry-After", fault)
	}
}
