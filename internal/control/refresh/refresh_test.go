package refresh_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/control/refresh"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/secret/vault/vaulttest"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a management plane whose vault a test has.
type rig struct {
	*resourcestest.Server
	vault     *vaulttest.Server
	refresher *refresh.Refresher
	log       *bytes.Buffer
	t         *testing.T
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{vault: vaulttest.New(t), log: &bytes.Buffer{}, t: t}
	r.Server = resourcestest.NewWith(t, resourcestest.Options{Vault: r.vault.Source(t)})
	r.refresher = refresh.New(r.Plane, slog.New(slog.NewTextHandler(r.log, nil)))
	return r
}

// refer makes a named value that refers to a secret.
func (r *rig) refer(path, secret string) {
	r.t.Helper()
	name := path[strings.LastIndexByte(path, '/')+1:]
	r.Put(path, `{"properties": {"displayName": "`+name+`", "secret": true, "keyVault": {"secretIdentifier": "`+vaulttest.URL+secret+`"}}}`)
}

// sweep looks for what is due, and returns how many secrets were read.
func (r *rig) sweep() int {
	r.t.Helper()
	before := r.vault.Asked()
	if err := r.refresher.Sweep(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r.vault.Asked() - before
}

// expect compares a named value's value and status.
func (r *rig) expect(what, path, value, code string) {
	r.t.Helper()
	if got := r.Must(http.MethodPost, path+"/listValue", nil, http.StatusOK)["value"]; got != value {
		r.t.Errorf("%s: the value is %v, not %s", what, got, value)
	}
	if got := resourcestest.At(r.Get(path), "properties.keyVault.lastStatus.code"); got != code {
		r.t.Errorf("%s: the status is %v, not %s", what, got, code)
	}
}

// TestRefresh follows a secret through its life: read when it is written, read
// again after four hours, kept while the vault is down, read soon after.
func TestRefresh(t *testing.T) {
	r := newRig(t)
	first := r.vault.Set("key", "one", "")
	r.refer("namedValues/a", "key")
	r.refer("namedValues/pinned", "key/"+first)
	r.Put("workspaces/w", `{"properties": {"displayName": "w"}}`)
	r.refer("workspaces/w/namedValues/b", "key")
	r.expect("written", "namedValues/a", "one", vault.CodeSuccess)
	if n := r.sweep(); n != 0 {
		t.Errorf("%d secrets were read at once again", n)
	}
	r.vault.Set("key", "two", "")
	r.Clock.Advance(refresh.Every / 2)
	if n := r.sweep(); n != 0 {
		t.Errorf("%d secrets were read after half of the time", n)
	}
	r.Clock.Advance(refresh.Every / 2)
	if n := r.sweep(); n != 2 { // Two refer to the same.
		t.Errorf("%d secrets were read after four hours, not 2", n)
	}
	r.expect("rotated", "namedValues/a", "two", vault.CodeSuccess)
	r.expect("rotated", "workspaces/w/namedValues/b", "two", vault.CodeSuccess)
	r.expect("of a version", "namedValues/pinned", "one", vault.CodeSuccess)

	r.vault.Refuse(http.StatusForbidden)
	r.Clock.Advance(refresh.Every)
	r.sweep()
	r.expect("refused", "namedValues/a", "two", "Forbidden")
	if !strings.Contains(r.log.String(), "stays in use") {
		t.Errorf("the log does not tell: %s", r.log)
	}
	etag := r.Get("namedValues/a")
	if r.Clock.Advance(refresh.Look); r.sweep() != 0 {
		t.Error("a vault that refuses is asked all the time")
	}
	r.Clock.Advance(refresh.Again)
	if r.sweep() == 0 {
		t.Error("a vault that refused is not asked again")
	}
	if n := strings.Count(r.log.String(), "stays in use"); n != 3 {
		t.Errorf("the log tells %d times of 3 failures", n)
	}
	if now := r.Get("namedValues/a"); resourcestest.At(now, "properties.keyVault.lastStatus.timeStampUtc") != resourcestest.At(etag, "properties.keyVault.lastStatus.timeStampUtc") {
		t.Error("the same failure was written again")
	}
	r.vault.Set("key", "three", "")
	r.vault.Refuse(0)
	r.Clock.Advance(refresh.Again)
	r.sweep()
	r.expect("back", "namedValues/a", "three", vault.CodeSuccess)
}

// TestRefreshSecret reads a secret at once when it is asked to.
func TestRefreshSecret(t *testing.T) {
	r := newRig(t)
	r.vault.Set("key", "one", "")
	r.refer("namedValues/a", "key")
	r.vault.Set("key", "two", "")
	r.Must(http.MethodPost, "namedValues/a/refreshSecret", nil, http.StatusOK)
	r.expect("refreshed", "namedValues/a", "two", vault.CodeSuccess)
	r.vault.Refuse(http.StatusServiceUnavailable)
	r.Must(http.MethodPost, "namedValues/a/refreshSecret", nil, http.StatusOK)
	r.expect("down", "namedValues/a", "two", "ServiceUnavailable")
	if got := r.Names("namedValues?isKeyVaultRefreshFailed=true"); len(got) != 1 || got[0] != "a" {
		t.Errorf("what failed: %v", got)
	}
	r.vault.Refuse(0)
	r.Must(http.MethodPost, "namedValues/a/refreshSecret", nil, http.StatusOK)
	if got := r.Names("namedValues?isKeyVaultRefreshFailed=true"); len(got) != 0 {
		t.Errorf("what failed: %v", got)
	}
}

// TestNeverRead keeps a reference whose secret was never there, and reads it
// when it is.
func TestNeverRead(t *testing.T) {
	r := newRig(t)
	r.refer("namedValues/a", "later")
	if got := resourcestest.At(r.Get("namedValues/a"), "properties.keyVault.lastStatus.code"); got != "SecretNotFound" {
		t.Errorf("the status is %v", got)
	}
	r.vault.Set("later", "one", "")
	r.Clock.Advance(refresh.Again)
	r.sweep()
	r.expect("there", "namedValues/a", "one", vault.CodeSuccess)
	r.vault.Set("later", strings.Repeat("x", 5000), "")
	r.Clock.Advance(refresh.Every)
	r.sweep()
	r.expect("too long", "namedValues/a", "one", vault.CodeUnusable)
}

// TestFolder declares more references than documents may be linked to in one
// change: all are read beside the transaction, and a folder that changes nothing
// asks for nothing and writes nothing.
func TestFolder(t *testing.T) {
	r := newRig(t)
	const count = 40
	for i := range count {
		r.vault.Set(fmt.Sprint("key", i), "one", "")
	}
	declare := func() (written int) {
		t.Helper()
		call := &resource.Call{Principal: "t", Version: resourcestest.Version}
		_, err := r.Plane.Write(t.Context(), call, func(s *resource.Session) error {
			written = 0
			for i := range count {
				id := resource.ID(fmt.Sprint(resourcestest.Service, "/namedValues/n", i))
				changed, err := s.Declare(id, resource.Object(map[string]any{"displayName": fmt.Sprint("n", i),
					"keyVault": map[string]any{"secretIdentifier": fmt.Sprint(vaulttest.URL, "key", i)}}))
				if err != nil {
					return err
				}
				if changed {
					written++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return written
	}
	if n := declare(); n != count || r.vault.Asked() != count {
		t.Errorf("%d written, %d read, want %d", n, r.vault.Asked(), count)
	}
	r.expect("declared", "namedValues/n7", "one", vault.CodeSuccess)
	r.Clock.Advance(time.Minute)
	if n := declare(); n != 0 || r.vault.Asked() != count {
		t.Errorf("%d written again, %d read in all", n, r.vault.Asked())
	}
}

// TestRunEnds refreshes until its context ends.
func TestRunEnds(t *testing.T) {
	r := newRig(t)
	r.vault.Set("key", "one", "")
	r.refer("namedValues/a", "key")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.refresher.Run(ctx) }()
	r.Clock.BlockUntil(1)
	r.vault.Set("key", "two", "")
	r.Clock.Advance(refresh.Every)
	r.Clock.BlockUntil(1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	r.expect("refreshed", "namedValues/a", "two", vault.CodeSuccess)
}

// TestOneBadAmongMany refreshes the good ones while another cannot be used.
func TestOneBadAmongMany(t *testing.T) {
	r := newRig(t)
	r.vault.Set("good", "one", "")
	r.vault.Set("cert", "no certificate", "")
	r.refer("namedValues/good", "good")
	r.Put("certificates/bad", `{"properties": {"keyVault": {"secretIdentifier": "`+vaulttest.URL+`cert"}}}`)
	r.vault.Set("good", "two", "")
	r.Clock.Advance(refresh.Every)
	r.sweep()
	r.expect("the good one", "namedValues/good", "two", vault.CodeSuccess)
	if got := resourcestest.At(r.Get("certificates/bad"), "properties.keyVault.lastStatus.code"); got != vault.CodeUnusable {
		t.Errorf("the bad one is %v", got)
	}
}

// picky is a Checker that refuses a value, as a policy does that does not compile
// with it.
type picky struct{ refused string }

func (p picky) Check(s *resource.Session) error {
	for _, edit := range s.Edits() {
		if value, err := s.Reveal(edit.After, "value"); err != nil || value == p.refused {
			return errors.Join(err, errors.New("it does not compile"))
		}
	}
	return nil
}

func (picky) Committed(store.Revision) {}

// TestValueThatDoesNotCompile keeps the value before one that gateways could not
// run with, refreshes the others, and tries again later.
func TestValueThatDoesNotCompile(t *testing.T) {
	r, st := newRig(t), memory.New()
	r.Server = resourcestest.NewWith(t, resourcestest.Options{Vault: r.vault.Source(t), Store: st})
	r.refresher = refresh.New(service.New(r.Plane.Environment(), st, picky{"poison"}), slog.New(slog.NewTextHandler(r.log, nil)))
	for _, name := range []string{"a", "b", "c"} {
		r.vault.Set(name, "one", "")
		r.refer("namedValues/"+name, name)
	}
	r.vault.Set("a", "two", "")
	r.vault.Set("b", "poison", "")
	r.vault.Set("c", "two", "")
	r.Clock.Advance(refresh.Every)
	r.sweep()
	r.expect("good", "namedValues/a", "two", vault.CodeSuccess)
	r.expect("poison", "namedValues/b", "one", vault.CodeSuccess)
	r.expect("good, behind it", "namedValues/c", "two", vault.CodeSuccess)
	if !strings.Contains(r.log.String(), "the one before it stays") || strings.Contains(r.log.String(), "poison") {
		t.Errorf("the log: %s", r.log)
	}
	if n := r.sweep(); n != 0 {
		t.Errorf("%d secrets were read at once again", n)
	}
	r.vault.Set("b", "two", "")
	r.Clock.Advance(refresh.Again)
	r.sweep()
	r.expect("mended", "namedValues/b", "two", vault.CodeSuccess)
}

// TestRefreshHosts has the certificate of a host name in a vault: it is read when it
// is written, and again when it was exchanged there.
func TestRefreshHosts(t *testing.T) {
	r := newRig(t)
	r.vault.Set("api", pair(t), "")
	thumbprint := func() any {
		hosts, _ := resourcestest.At(r.Get(""), "properties.hostnameConfigurations").([]any)
		one, _ := hosts[1].(map[string]any)
		if one["encodedCertificate"] != nil || one["certificateSource"] != "KeyVault" || one["certificateStatus"] != "Completed" {
			t.Errorf("the host is %v", one)
		}
		return resourcestest.At(one, "certificate.thumbprint")
	}
	r.Must(http.MethodPatch, resourcestest.Service, `{"properties": {"hostnameConfigurations": [{"type": "Proxy", "hostName": "api.example", "keyVaultId": "`+
		vaulttest.URL+`api"}]}}`, http.StatusOK)
	first := thumbprint()
	r.sweep()
	if thumbprint() != first {
		t.Error("a certificate that is as it was is another one")
	}
	before := r.Get("")["etag"]
	r.vault.Set("api", pair(t), "")
	r.Clock.Advance(refresh.Every)
	r.sweep()
	if thumbprint() == first || r.Get("")["etag"] == before {
		t.Error("the certificate is the one from before")
	}
}

// pair is a certificate with its key, in PEM.
func pair(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"api.example"}, NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
}
