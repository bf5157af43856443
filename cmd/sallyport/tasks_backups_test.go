package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTasksBackups runs the pages about backups, one after the other.
func TestTasksBackups(t *testing.T) {
	dir := t.TempDir()
	key, place := filepath.Join(dir, "safe", "backup.key"), filepath.Join(dir, "backups")
	if err := os.Mkdir(filepath.Dir(key), 0o700); err != nil {
		t.Fatal(err)
	}
	if code := run(t.Context(), []string{"backup", "key", key}, t.Output(), t.Output()); code != exitOK {
		t.Fatal("no key was made")
	}
	admin := freePort(t)
	printed := startServe(t, filepath.Join(dir, "data"), "--backup", place, "--backup-key", key, "--admin", admin)
	management := regexp.MustCompile(`https://127\.0\.0\.1:\d+`).FindString(printed)
	program, err := os.Executable()
	if err != nil || management == "" {
		t.Fatalf("%v: where is it?\n%s", err, printed)
	}
	replace := []string{
		"https://127.0.0.1:9443", management, "http://127.0.0.1:8081", "http://" + admin,
		"127.0.0.1:18080", freePort(t), "127.0.0.1:18081", freePort(t), "127.0.0.1:19443", freePort(t),
		"sallyport serve", "env " + asCommand + "=1 '" + program + "' serve", // A program, which $! is the number of.
	}
	runPage(t, "../../docs/tasks/scheduled-backups.md", dir, replace...)
	runPage(t, "../../docs/tasks/rehearse-a-restore.md", dir, replace...)
}

// TestBackupOfAService backs a service up through the management API, without
// --backup, and restores it.
func TestBackupOfAService(t *testing.T) {
	m := startManaged(t)
	const body = `{"storageAccount":"account","containerName":"container","backupName":"Friday"}`
	m.api(http.MethodPut, "tags/kept", `{"properties":{"displayName":"Kept"}}`, http.StatusCreated)
	m.api(http.MethodPut, "namedValues/s", `{"properties":{"displayName":"s","value":"open sesame","secret":true}}`, http.StatusCreated)
	m.api(http.MethodPost, "restore", body, http.StatusNotFound)
	m.api(http.MethodPost, "backup", body, http.StatusOK)
	m.api(http.MethodDelete, "tags/kept", "", http.StatusOK)
	m.api(http.MethodPatch, "namedValues/s", `{"properties":{"value":"another"}}`, http.StatusOK)
	m.api(http.MethodPost, "restore", body, http.StatusOK)
	m.api(http.MethodGet, "tags/kept", "", http.StatusOK)
	if got := m.api(http.MethodPost, "namedValues/s/listValue", "", http.StatusOK); !strings.Contains(got, "open sesame") {
		t.Errorf("the secret is %s", got)
	}
	var out bytes.Buffer
	archive := filepath.Join(m.data, "backups", "apim", "account", "container", "friday.sallybak")
	if code := run(t.Context(), []string{"verify", archive, "--backup-key", filepath.Join(m.data, "backup.key")}, &out, &out); code != exitOK {
		t.Errorf("the archive is none: %s", &out)
	}
}
