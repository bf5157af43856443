package signingkeys

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const configurationURL = "https://login.example/.well-known/openid-configuration"

// fakeIdentity answers as an identity provider does.
type fakeIdentity struct {
	t *testing.T

	mu      sync.Mutex
	keys    []string
	jwksURL string
	down    bool
	hold    chan struct{} // closed when fetches may go on; nil for at once
	fetches int           // of the configuration
}

func (f *fakeIdentity) Fetch(ctx context.Context, url string, _ int64) (policy.Fetched, error) {
	f.mu.Lock()
	hold := f.hold
	if url == configurationURL {
		f.fetches++
	}
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return policy.Fetched{}, ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.down:
		return policy.Fetched{}, errors.New("connection refused")
	case url == configurationURL:
		return policy.Fetched{Status: 200, Body: fmt.Appendf(nil, `{"issuer":"https://login.example/","jwks_uri":%q}`, f.jwksURL)}, nil
	case url == "https://login.example/keys":
		return policy.Fetched{Status: 200, Body: []byte(`{"keys":[` + strings.Join(f.keys, ",") + `]}`)}, nil
	}
	return policy.Fetched{Status: 404}, nil
}

func (f *fakeIdentity) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeIdentity) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fetches
}

// jwk makes the JSON of a new public key.
func jwk(t *testing.T, id string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding
	return fmt.Sprintf(`{"kty":"EC","crv":"P-256","kid":%q,"use":"sig","x":%q,"y":%q}`, id, enc.EncodeToString(point[1:33]), enc.EncodeToString(point[33:]))
}

// newTest makes a provider and the identity provider behind it.
func newTest(t *testing.T) (*Provider, *fakeIdentity, *clock.Fake) {
	t.Helper()
	f := &fakeIdentity{t: t, keys: []string{jwk(t, "one")}, jwksURL: "https://login.example/keys"}
	c := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	p := New(Options{Fetcher: f, Clock: c})
	t.Cleanup(func() { _ = p.Close() })
	return p, f, c
}

func TestFirstFetchAndRefresh(t *testing.T) {
	p, f, c := newTest(t)
	ctx := t.Context()
	issuer, err := p.Issuer(ctx, configurationURL, "one")
	if err != nil || issuer.Name != "https://login.example/" || !issuer.Has("one") {
		t.Fatalf("got %+v, %v", issuer, err)
	}
	for range 5 {
		if _, err := p.Issuer(ctx, configurationURL, "one"); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.count(); n != 1 {
		t.Errorf("%d fetches within the hour, want 1", n)
	}
	f.set(func() { f.keys = []string{jwk(t, "one"), jwk(t, "two")} })
	c.Advance(RefreshInterval)
	if _, err := p.Issuer(ctx, configurationURL, "one"); err != nil {
		t.Fatal(err)
	}
	p.running.Wait()
	issuer, err = p.Issuer(ctx, configurationURL, "")
	if err != nil || !issuer.Has("two") || f.count() != 2 {
		t.Errorf("after an hour: %+v, %v, %d fetches", issuer, err, f.count())
	}
}

// TestURLEnds fetches, later and again, from a URL whose memory is used for
// something else when its request is over.
func TestURLEnds(t *testing.T) {
	p, f, c := newTest(t)
	for range 2 {
		memory := &message.Arena{}
		hold := make(chan struct{})
		f.set(func() { f.hold = hold })
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // The request does not wait for the fetch.
		_, _ = p.Issuer(ctx, memory.Concat(configurationURL, ""), "")
		memory.Poison('Z')
		close(hold)
		p.running.Wait()
		c.Advance(RefreshInterval)
	}
	if issuer, err := p.Issuer(t.Context(), configurationURL, ""); err != nil || !issuer.Has("one") {
		t.Errorf("the keys are not there: %+v, %v", issuer, err)
	}
	p.running.Wait()
	if len(p.entries) != 1 {
		t.Errorf("%d configurations are kept, want 1", len(p.entries))
	}
}

func TestUnknownKeyFetchesOnceInAWhile(t *testing.T) {
	p, f, c := newTest(t)
	if _, err := p.Issuer(t.Context(), configurationURL, ""); err != nil {
		t.Fatal(err)
	}
	f.set(func() { f.keys = []string{jwk(t, "two")} })
	for i := range 100 {
		issuer, err := p.Issuer(t.Context(), configurationURL, fmt.Sprint("invented", i))
		if err != nil || issuer.Has("two") {
			t.Fatalf("within five minutes of the last fetch: %+v, %v", issuer, err)
		}
	}
	if n := f.count(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
	c.Advance(RetryInterval)
	issuer, err := p.Issuer(t.Context(), configurationURL, "two")
	if err != nil || !issuer.Has("two") || f.count() != 2 {
		t.Errorf("after five minutes: %+v, %v, %d fetches", issuer, err, f.count())
	}
}

func TestKeysOutliveTheirProvider(t *testing.T) {
	p, f, c := newTest(t)
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
		t.Fatal(err)
	}
	f.set(func() { f.down = true })
	for range 23 {
		c.Advance(time.Hour)
		if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
			t.Fatalf("at %s: %v", c.Now(), err)
		}
		p.running.Wait()
	}
	c.Advance(time.Hour)
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); !errors.Is(err, policy.ErrKeysUnavailable) {
		t.Errorf("after a day: %v, want ErrKeysUnavailable", err)
	}
	f.set(func() { f.down = false })
	c.Advance(FirstRetryInterval)
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
		t.Errorf("after it is back: %v", err)
	}
}

func TestRequestsShareAFetch(t *testing.T) {
	p, f, _ := newTest(t)
	hold := make(chan struct{})
	f.set(func() { f.hold = hold })
	const n = 20
	results := make(chan error, n)
	for range n {
		go func() {
			_, err := p.Issuer(t.Context(), configurationURL, "one")
			results <- err
		}()
	}
	close(hold)
	for range n {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if f.count() != 1 {
		t.Errorf("%d fetches, want 1", f.count())
	}
}

func TestWaitingIsBounded(t *testing.T) {
	p, f, c := newTest(t)
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
		t.Fatal(err)
	}
	f.set(func() { f.hold = make(chan struct{}) })
	c.Advance(RetryInterval)
	result := make(chan error, 1)
	go func() {
		_, err := p.Issuer(t.Context(), configurationURL, "unknown")
		result <- err
	}()
	c.BlockUntil(2)
	c.Advance(UnknownKeyWait)
	if err := <-result; err != nil {
		t.Errorf("got %v, want the keys that are known", err)
	}
}

func TestRefusedConfigurations(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fakeIdentity)
	}{
		{"keys without https", func(f *fakeIdentity) { f.jwksURL = "http://login.example/keys" }},
		{"keys at no URL", func(f *fakeIdentity) { f.jwksURL = "file:///etc/passwd" }},
		{"keys not found", func(f *fakeIdentity) { f.jwksURL = "https://login.example/other" }},
		{"no keys", func(f *fakeIdentity) { f.keys = nil }},
		{"only secrets", func(f *fakeIdentity) { f.keys = []string{`{"kty":"oct","k":"c2VjcmV0"}`} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, f, _ := newTest(t)
			tt.change(f)
			if _, err := p.Issuer(t.Context(), configurationURL, "one"); !errors.Is(err, policy.ErrKeysUnavailable) {
				t.Errorf("got %v, want ErrKeysUnavailable", err)
			}
		})
	}
}

func TestInventedConfigurationsAreForgotten(t *testing.T) {
	p, _, _ := newTest(t)
	for i := range MaxConfigurations + 10 {
		if _, err := p.Issuer(t.Context(), fmt.Sprintf("https://invented.example/%d", i), ""); !errors.Is(err, policy.ErrKeysUnavailable) {
			t.Fatalf("got %v, want ErrKeysUnavailable", err)
		}
	}
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
		t.Errorf("a real configuration has no place: %v", err)
	}
	if n := len(p.entries); n > MaxConfigurations {
		t.Errorf("%d configurations are kept, want %d at most", n, MaxConfigurations)
	}
}

func TestR17_KeysOutliveTheirEndpoint(t *testing.T) {
	p, f, c := newTest(t)
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
		t.Fatal(err)
	}
	before := f.count()
	f.set(func() { f.down = true })
	c.Advance(RetryInterval)
	for i := range 10_000 {
		if _, err := p.Issuer(t.Context(), configurationURL, fmt.Sprint("random", i)); err != nil {
			t.Fatal(err)
		}
	}
	fetches := f.count() - before
	c.Advance(MaxAge - RetryInterval - time.Minute)
	_, err := p.Issuer(t.Context(), configurationURL, "one")
	if fetches > 3 || err != nil {
		t.Errorf("%d fetches (3), known keys after %s: %v", fetches, c.Now(), err)
	}
	t.Logf("R17: %d fetches for 10,000 random key ids (3); known keys serve 24 h (24 h)", fetches)
}

func TestR17_KeysOutliveTheirEndpoint_NegativeControl(t *testing.T) {
	p, f, c := newTest(t)
	if _, err := p.Issuer(t.Context(), configurationURL, "one"); err != nil {
		t.Fatal(err)
	}
	f.set(func() { f.down = true })
	before := f.count()
	for i := range 10 {
		c.Advance(RetryInterval) // without the interval between them, each unknown id fetches
		if _, err := p.Issuer(t.Context(), configurationURL, fmt.Sprint("random", i)); err != nil {
			t.Fatal(err)
		}
	}
	if fetches := f.count() - before; fetches <= 3 {
		t.Errorf("%d fetches: the count of fetches finds nothing", fetches)
	}
}
