package vault_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/control/secret/vault"
)

// TestFolder reads files of a folder, as platforms mount them, and nothing
// beside it.
func TestFolder(t *testing.T) {
	outside := t.TempDir()
	folder := filepath.Join(outside, "secrets")
	write := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "other"), "canary")
	write(filepath.Join(folder, "..v1", "key"), "value\n")
	write(filepath.Join(folder, "empty"), "")
	write(filepath.Join(folder, "long"), strings.Repeat("x", vault.MaxSecret+1))
	for link, to := range map[string]string{"..data": "..v1", "key": "..data/key", "out": "../other", "absolute": filepath.Join(outside, "other")} {
		if err := os.Symlink(to, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	made, err := vault.NewFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	sources := vault.Sources{"file": made}
	tests := []struct{ name, identifier, value, code string }{
		{"a file", "file://" + folder + "/key", "value", ""},
		{"nothing", "file://" + folder + "/absent", "", "SecretNotFound"},
		{"beside", "file://" + outside + "/other", "", vault.CodeNotAllowed},
		{"above", "file://" + folder + "/../other", "", vault.CodeNotAllowed},
		{"above, escaped", "file://" + folder + "/%2e%2e/other", "", vault.CodeNotAllowed},
		{"a link out", "file://" + folder + "/out", "", vault.CodeNotAllowed},
		{"an absolute link", "file://" + folder + "/absolute", "", vault.CodeNotAllowed},
		{"the folder", "file://" + folder, "", vault.CodeUnusable},
		{"an empty one", "file://" + folder + "/empty", "", vault.CodeUnusable},
		{"a long one", "file://" + folder + "/long", "", vault.CodeUnusable},
		{"a host", "file://host" + folder + "/key", "", vault.CodeNotAllowed},
		{"relative", "file:key", "", vault.CodeNotAllowed},
		{"https", "https://contoso.vault.azure.net/secrets/x", "", vault.CodeNotSupported},
		{"another scheme", "gopher://x", "", vault.CodeNotAllowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := sources.Read(t.Context(), vault.Reference{Identifier: test.identifier})
			code := ""
			if err != nil {
				code, _ = vault.StatusOf(err)
			}
			if got.Value != test.value || code != test.code {
				t.Errorf("got %.20q, %v", got.Value, err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error tells: %v", err)
			}
		})
	}
}

func TestStatusOf(t *testing.T) {
	tests := []struct {
		name string
		err  error
		code string
	}{
		{"one of ours", vault.Errorf("X", "y"), "X"},
		{"a deadline", context.DeadlineExceeded, vault.CodeUnavailable},
		{"anything", errors.New("canary"), vault.CodeUnavailable},
	}
	for _, test := range tests {
		if code, message := vault.StatusOf(test.err); code != test.code || strings.Contains(message, "canary") {
			t.Errorf("%s: %s %s", test.name, code, message)
		}
	}
}
