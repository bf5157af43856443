package named

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/audit"
	"github.com/sallyport/sallyport/internal/control/backup"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/backup/place"
	"github.com/sallyport/sallyport/internal/control/backup/ship"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const service = resource.ID("/subscriptions/S/resourceGroups/g/providers/Microsoft.ApiManagement/service/one")

// TestBackups takes a backup, loses the keys of the installation, and reads one
// service out of what was taken.
func TestBackups(t *testing.T) {
	c := clock.NewFake(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	key := func(name string) secret.KeyEncrypter {
		k, err := secret.OpenKey("file://"+filepath.Join(t.TempDir(), name), true)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	st, theirs := memory.New(), key("backup.key")
	keys, err := secret.OpenKeyring(t.Context(), st, key("key"), c)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := keys.Seal([]byte("open sesame"), "the place")
	if err != nil {
		t.Fatal(err)
	}
	_, err = st.Update(t.Context(), func(tx store.Tx) error {
		for _, id := range []resource.ID{service, service + "/namedValues/n", service + "2", service + "2/namedValues/n"} {
			if err := tx.Put(id.Key(), string(id), []byte(sealed)); err != nil {
				return err
			}
		}
		return audit.Append(tx, audit.Entry{Time: c.Now(), Actor: "test", Action: "write", Resource: string(service), Outcome: audit.Succeeded})
	})
	if err != nil {
		t.Fatal(err)
	}
	bucket, tries := place.NewMemory(c), 0
	b := New(Options{Source: backup.Source{Store: st, Keys: keys, Clock: c}, Open: func(ctx context.Context, to *ship.Options) (err error) {
		if tries++; tries == 1 {
			return errors.New("the key management service does not answer")
		}
		to.Place, to.Keys, to.Log = place.New(bucket, "test", c), archive.NewOpener(theirs), slog.New(slog.DiscardHandler)
		to.Key, err = archive.NewKey(ctx, theirs)
		return err
	}})
	names := []string{"account", "container", "my backup"}
	if err := b.Put(t.Context(), names, service); err == nil {
		t.Fatal("a place that cannot be opened has taken a backup")
	}
	if err := b.Put(t.Context(), names, service); err != nil {
		t.Fatal(err)
	}
	if found, err := b.Get(t.Context(), []string{"account", "container", "another"}); found != nil || err != nil {
		t.Errorf("another backup is %v, %v", found, err)
	}
	found, err := b.Get(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	if found.Service != service || len(found.Records) != 2 || found.Records[1].ID != string(service+"/namedValues/n") {
		t.Errorf("there is %+v", found)
	}
	if open, err := found.Sealer.Open(sealed, "the place"); err != nil || string(open) != "open sesame" {
		t.Errorf("the secret is %q, %v", open, err)
	}
	if _, err := found.Sealer.Seal(nil, ""); err == nil {
		t.Error("it seals")
	}
	if err := b.Put(t.Context(), names, "/subscriptions/S/resourceGroups/g/providers/Microsoft.ApiManagement/service/none"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(t.Context(), names); !errors.Is(err, errNoService) {
		t.Errorf("of a service that is not there: %v", err)
	}
	if err := b.Close(); err != nil || tries != 2 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

func TestObject(t *testing.T) {
	seen := map[string]bool{}
	for _, names := range [][]string{{"a", "b", "c"}, {"a", "b", "../c"}, {"a", "b/c", "d"}, {"a", "b", ""}, {"a", "b", strings.Repeat("x", 300)}} {
		name := object(names)
		if err := place.CheckName(name); err != nil || seen[name] || strings.Count(name, "/") != 3 {
			t.Errorf("%q is %q: %v", names, name, err)
		}
		seen[name] = true
	}
}
