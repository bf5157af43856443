package access

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	noon  = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	admin = audit.Entry{Actor: "p0", ActorName: "administrator", Source: "192.0.2.1"}
)

const (
	group1   = "/subscriptions/S1/resourceGroups/G1"
	service1 = group1 + "/providers/Microsoft.ApiManagement/service/Svc"
)

func open(t *testing.T, s store.Store) *Directory {
	t.Helper()
	d, err := OpenDirectory(t.Context(), s, clock.NewFake(noon))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBootstrap(t *testing.T) {
	s := memory.New()
	d := open(t, s)
	c, err := d.Bootstrap(t.Context())
	if err != nil || c == nil {
		t.Fatal(c, err)
	}
	p, ok := d.CheckSecret(strings.ToUpper(c.ClientID), c.Secret)
	if !ok || p.Name != "administrator" || !IsID(c.ClientID) || d.Tenant() != c.Tenant {
		t.Errorf("the credential is of %v, %v", p, ok)
	}
	for permission := range Permissions() {
		if !d.Allow(p.Principal(), permission, service1+"/apis/x") || !d.Allow(p.Principal(), permission, "/") {
			t.Errorf("the administrator may not %s", permission)
		}
	}
	for name, other := range map[string]*Directory{"again": d, "another start": open(t, s)} {
		if again, err := other.Bootstrap(t.Context()); again != nil || err != nil || other.Tenant() != c.Tenant {
			t.Errorf("%s: %v, %v", name, again, err)
		}
	}
	// Neither the records nor the audit log have the secret, and the audit log
	// has no hash of it either.
	err = s.View(t.Context(), func(r store.Reader) error {
		for record := range r.Tree("") {
			if strings.Contains(string(record.Value), c.Secret) {
				t.Errorf("the secret is in %s", record.Value)
			}
		}
		log, err := r.AuditLog(0, 10)
		if err != nil || len(log) != 1 {
			t.Errorf("the audit log has %d entries, %v", len(log), err)
		}
		for _, e := range log {
			if strings.Contains(string(e.Data), c.Secret) || strings.Contains(string(e.Data), p.SecretHash) {
				t.Errorf("the secret is in %s", e.Data)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckSecretRefuses(t *testing.T) {
	d := open(t, memory.New())
	c, _ := d.Bootstrap(t.Context())
	p, other, err := d.CreatePrincipal(t.Context(), admin, "other")
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string][2]string{
		"no secret": {c.ClientID, ""}, "wrong secret": {c.ClientID, c.Secret + "x"}, "of another": {c.ClientID, other.Secret},
		"unknown": {NewID(), c.Secret}, "nothing": {"", ""}, "the object id": {p.ObjectID, other.Secret}, "the hash": {p.AppID, p.SecretHash},
	} {
		if got, ok := d.CheckSecret(try[0], try[1]); ok || got.AppID != "" {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	renewed, err := d.RenewSecret(t.Context(), admin, other.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := d.CheckSecret(other.ClientID, other.Secret); ok {
		t.Error("the old secret still works")
	}
	if _, ok := d.CheckSecret(renewed.ClientID, renewed.Secret); !ok {
		t.Error("the new secret does not work")
	}
}

func TestRevoke(t *testing.T) {
	d := open(t, memory.New())
	c, _ := d.Bootstrap(t.Context())
	p, credential, _ := d.CreatePrincipal(t.Context(), admin, "ci")
	if _, err := d.Assign(t.Context(), admin, "", p.ObjectID, "contributor", "/subscriptions/s1"); err != nil {
		t.Fatal(err)
	}
	token, err := d.RegisterToken(t.Context(), admin, p.AppID, "laptop", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if holder, ok := d.Holder(p.ObjectID, token.ID); !ok || holder.AppID != p.AppID || !d.Allow(p.Principal(), APIs.Write(), service1+"/apis/x") {
		t.Fatal("the principal cannot do anything")
	}
	if err := d.RevokePrincipal(t.Context(), admin, p.AppID); err != nil {
		t.Fatal(err)
	}
	_, signedIn := d.CheckSecret(credential.ClientID, credential.Secret)
	_, holds := d.Holder(p.ObjectID, "")
	_, holdsLong := d.Holder(p.ObjectID, token.ID)
	if signedIn || holds || holdsLong || d.Allow(p.Principal(), APIs.Write(), service1+"/apis/x") || len(d.Tokens()) != 0 || len(d.Assignments()) != 1 {
		t.Errorf("after it was revoked: %v %v %v", signedIn, holds, holdsLong)
	}
	if err := d.RevokePrincipal(t.Context(), admin, p.AppID); !errors.Is(err, ErrNoPrincipal) {
		t.Errorf("twice: %v", err)
	}
	if err := d.RevokePrincipal(t.Context(), admin, c.ClientID); !errors.Is(err, ErrLastOwner) {
		t.Errorf("the last owner: %v", err)
	}
	if err := d.Unassign(t.Context(), admin, d.Assignments()[0].ID); !errors.Is(err, ErrLastOwner) {
		t.Errorf("the last owner's role: %v", err)
	}
	if err := d.Unassign(t.Context(), admin, NewID()); !errors.Is(err, ErrNoAssignment) {
		t.Errorf("no assignment: %v", err)
	}
}

func TestTokens(t *testing.T) {
	s := memory.New()
	d := open(t, s)
	c, _ := d.Bootstrap(t.Context())
	fake := d.clock.(*clock.Fake)
	first, err := d.RegisterToken(t.Context(), admin, c.ClientID, "one", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	fake.Advance(time.Minute)
	second, _ := d.RegisterToken(t.Context(), admin, c.ClientID, "two", 2*time.Hour)
	if diff := cmp.Diff([]Token{first, second}, d.Tokens()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := d.RevokeToken(t.Context(), admin, second.ID); err != nil || len(d.Tokens()) != 1 {
		t.Errorf("RevokeToken: %v", err)
	}
	if _, ok := d.Holder(second.ObjectID, second.ID); ok {
		t.Error("the token was revoked and has a holder")
	}
	if _, ok := d.Holder(NewID(), first.ID); ok {
		t.Error("the token is held by somebody else")
	}
	fake.Advance(time.Hour)
	if _, err := d.RegisterToken(t.Context(), admin, c.ClientID, "three", time.Hour); err != nil || len(d.Tokens()) != 1 {
		t.Errorf("the token that has expired is still there: %v, %v", d.Tokens(), err)
	}
	if err := d.RevokeToken(t.Context(), admin, first.ID); !errors.Is(err, ErrNoToken) {
		t.Errorf("no token: %v", err)
	}
	for name, lifetime := range map[string]time.Duration{"none": 0, "too long": MaxTokenLifetime + 1} {
		if _, err := d.RegisterToken(t.Context(), admin, c.ClientID, name, lifetime); err == nil {
			t.Errorf("lifetime %v was taken", lifetime)
		}
	}
}

func TestChangesAreChecked(t *testing.T) {
	d := open(t, memory.New())
	_, _ = d.Bootstrap(t.Context())
	if _, _, err := d.CreatePrincipal(t.Context(), admin, strings.Repeat("ä", MaxPrincipalName+1)); err == nil {
		t.Error("a long name was taken")
	}
	for name, a := range map[string][4]string{
		"role":         {"", "p", "King", "/"},
		"scope":        {"", "p", "Reader", "subscriptions/s"},
		"dotted scope": {"", "p", "Reader", "/subscriptions/../x"},
		"empty scope":  {"", "p", "Reader", ""},
		"principal":    {"", "", "Reader", "/"},
		"id":           {"a/b", "p", "Reader", "/"},
	} {
		if got, err := d.Assign(t.Context(), admin, a[0], a[1], a[2], a[3]); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFind(t *testing.T) {
	d := open(t, memory.New())
	_, _ = d.Bootstrap(t.Context())
	p, _, _ := d.CreatePrincipal(t.Context(), admin, "CI")
	for _, name := range []string{"ci", p.AppID, strings.ToUpper(p.ObjectID)} {
		if got, ok := d.Find(name); !ok || got.AppID != p.AppID {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	if _, _, err := d.CreatePrincipal(t.Context(), admin, "ci"); err != nil {
		t.Fatal(err)
	}
	if got, ok := d.Find("ci"); ok {
		t.Errorf("a name of two: %v", got)
	}
	if n := len(d.Principals()); n != 3 {
		t.Errorf("there are %d", n)
	}
}

func TestFollow(t *testing.T) {
	s := memory.New()
	here, there := open(t, s), open(t, s)
	_, _ = here.Bootstrap(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() {
		if err := there.Follow(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Follow: %v", err)
		}
	})
	p, c, err := here.CreatePrincipal(t.Context(), admin, "ci")
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the principal is known on the other node", func() bool { _, ok := there.CheckSecret(c.ClientID, c.Secret); return ok })
	if err := here.RevokePrincipal(t.Context(), admin, p.AppID); err != nil {
		t.Fatal(err)
	}
	until(t, "the principal is gone on the other node", func() bool { _, ok := there.Holder(p.ObjectID, ""); return !ok })
	cancel()
	following.Wait()
}

// until waits for a condition, and gives up only where it never comes.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for !condition() {
		select {
		case <-timeout:
			t.Fatal("waited in vain until " + what)
		case <-time.After(time.Millisecond):
		}
	}
}
