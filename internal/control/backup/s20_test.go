package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/secret"
	"github.com/sallyport/sallyport/internal/control/store"
)

// spellings are the forms in which something may be found.
func spellings(secretText []byte) [][]byte {
	return [][]byte{
		secretText, []byte(base64.StdEncoding.EncodeToString(secretText)), []byte(base64.RawURLEncoding.EncodeToString(secretText)),
		[]byte(hex.EncodeToString(secretText)), []byte(strings.ToUpper(hex.EncodeToString(secretText))),
	}
}

// hits counts what of the needles is in a folder.
func hits(t *testing.T, folder string, needles [][]byte) (found int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Clean(path))
		for _, needle := range needles {
			if bytes.Contains(data, needle) {
				found++
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return found
}

// TestS20_Archives looks for secrets, data keys and everything that is
// configured in archives and in whatever taking and restoring them leaves on
// disk.
func TestS20_Archives(t *testing.T) {
	archives, folder, configured, secrets := s20(t)
	inArchives := hits(t, archives, append(configured, secrets...))
	// A store holds what is configured in clear, and secrets sealed.
	inStore := hits(t, folder, secrets)
	if inArchives+inStore > 0 {
		t.Errorf("%d in archives and temporary files, %d in the store that was restored", inArchives, inStore)
	}
	fmt.Printf("S20: %d spellings of secrets, data keys and configuration: %d hits in archives and temporary files, "+
		"%d spellings of secrets and data keys: %d hits in the restored store (limit 0)\n", len(configured)+len(secrets), inArchives, len(secrets), inStore)
}

// s20 takes and restores backups, with temporary files in the folder of the
// archives.
func s20(t *testing.T) (archives, folder string, configured, secrets [][]byte) {
	t.Helper()
	archives, folder = t.TempDir(), filepath.Join(t.TempDir(), "store")
	t.Setenv("TMPDIR", archives)
	w := newWorld(t, databases[0].fresh(t))
	w.fill(t, 0, 200, 1)
	w.counters.readings = quotas(5)
	w.countFor(t, 0, 900, 1)
	key, keys := backupKey(t)
	c := w.chain(t, key, 1, 20)
	for name, data := range map[string][]byte{"base": c.base, "changes": c.changes[0]} {
		if err := os.WriteFile(filepath.Join(archives, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Verify(t.Context(), held(keys, c.base, c.changes...), VerifyOptions{Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
	target := Target{Folder: folder, Key: w.key, Clock: w.clock}
	if _, err := Restore(t.Context(), held(keys, c.base, c.changes...), target, RestoreOptions{By: somebody}); err != nil {
		t.Fatal(err)
	}
	configured = append(spellings([]byte("properties")), spellings([]byte(serviceOf))...)
	configured = append(configured, spellings([]byte(countedCanary))...)
	configured = append(configured, []byte("usage/total"), []byte("quota/product/starter"), []byte("tester"), []byte("sealed:v1:"))
	secrets = spellings([]byte(canary))
	if err := w.store.View(t.Context(), func(r store.Reader) error {
		records, err := r.List(secret.DataKeys(), store.Page{Limit: 10})
		for _, record := range records {
			k, err := w.keys.DataKey(t.Context(), record)
			if err != nil {
				return err
			}
			secrets = append(secrets, spellings(k.Key)...)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return archives, folder, configured, secrets
}

// TestS20_Archives_NegativeControl writes a canary in clear: it is found.
func TestS20_Archives_NegativeControl(t *testing.T) {
	archives, _, _, secrets := s20(t) //nolint:dogsled // The rest is the restored store's.
	if err := os.WriteFile(filepath.Join(archives, "forgotten"), secrets[len(secrets)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if hits(t, archives, secrets) == 0 {
		t.Error("a data key in a file was not found")
	}
}
