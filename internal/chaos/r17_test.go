package chaos

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// strangers is how many tokens with unknown keys are shown.
	strangers = 10_000
	// strangersAtOnce show them.
	strangersAtOnce = 8
	// maxFetches is how often the endpoint may be asked for them.
	maxFetches = 3
)

// issuer signs tokens, and serves its keys until it is told to be down.
type issuer struct {
	*httptest.Server
	key     *rsa.PrivateKey
	down    atomic.Bool
	fetches atomic.Int64
}

// newIssuer runs an issuer until the test ends.
func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.fetches.Add(1)
		switch {
		case i.down.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/keys":
			exponent := big.NewInt(int64(key.E)).Bytes()
			_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{
				"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "known", "n": encode(key.N.Bytes()), "e": encode(exponent)}}})
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
		}
	}))
	t.Cleanup(i.Close)
	return i
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// token is signed by the issuer's key, under a key id.
func (i *issuer) token(t *testing.T, kid string) string {
	t.Helper()
	head, err := json.Marshal(map[string]any{"alg": "RS256", "typ": "JWT", "kid": kid})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := json.Marshal(map[string]any{"iss": i.URL, "sub": "test", "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	text := encode(head) + "." + encode(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encode(signature)
}

// validating starts a gateway whose API wants tokens of the issuer.
func validating(t *testing.T, i *issuer) *gateway {
	t.Helper()
	return start(t, options{apis: map[string]string{"a": origin(t)}, policies: map[string]string{
		"a": policyOf(`<validate-jwt header-name="Authorization" require-scheme="Bearer"><openid-config url="`+i.URL+`/openid" /></validate-jwt>`, "")}})
}

// show calls with a token, and returns the status.
func (g *gateway) show(client *http.Client, token string) int {
	r, err := http.NewRequest(http.MethodGet, "http://"+g.address+"/a/small", http.NoBody)
	if err != nil {
		return 0
	}
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := client.Do(r)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, w.Body)
	_ = w.Body.Close()
	return w.StatusCode
}

// TestR17_KeysOfTheProcess takes the endpoint of signing keys from a running
// gateway, and shows it tokens with keys that nobody knows: it asks a few times,
// and goes on taking the tokens whose keys it has.
func TestR17_KeysOfTheProcess(t *testing.T) {
	i := newIssuer(t)
	g := validating(t, i)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: strangersAtOnce}}
	defer client.CloseIdleConnections()
	good := i.token(t, "known")
	_, claims, _ := strings.Cut(good, ".")
	// What nobody has a key for has no signature to check.
	stranger := func(n int64) string {
		return encode(fmt.Appendf(nil, `{"alg":"RS256","typ":"JWT","kid":"unknown %d"}`, n)) + "." + claims
	}
	if status := g.show(client, good); status != http.StatusOK {
		t.Fatalf("a good token is answered with %d", status)
	}
	i.down.Store(true)
	before := i.fetches.Load()
	var failed, taken, shown atomic.Int64
	var all sync.WaitGroup
	for range strangersAtOnce {
		all.Go(func() {
			for n := shown.Add(1); n <= strangers; n = shown.Add(1) {
				if status := g.show(client, stranger(n)); status != http.StatusUnauthorized {
					taken.Add(1)
				}
				if n%10 == 0 && g.show(client, good) != http.StatusOK {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	fetches := i.fetches.Load() - before
	if fetches > maxFetches || failed.Load() > 0 || taken.Load() > 0 {
		t.Errorf("%d fetches, %d good tokens refused, %d unknown ones not", fetches, failed.Load(), taken.Load())
	}
	fmt.Printf("R17: %d fetches for %d tokens with unknown keys (%d), %d of %d good ones refused by the process (0)\n",
		fetches, strangers, maxFetches, failed.Load(), strangers/10)
}

// TestR17_KeysOfTheProcess_NegativeControl takes the endpoint away before the
// gateway has seen a key: then good tokens are refused, and it is found.
func TestR17_KeysOfTheProcess_NegativeControl(t *testing.T) {
	i := newIssuer(t)
	i.down.Store(true)
	g := validating(t, i)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	if status := g.show(client, i.token(t, "known")); status == http.StatusOK {
		t.Error("a token whose key nobody can know was taken")
	}
	if i.fetches.Load() == 0 {
		t.Error("the endpoint was not asked: its count finds nothing")
	}
}
