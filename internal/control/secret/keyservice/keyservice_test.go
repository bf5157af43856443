package keyservice

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	key := "smGbjm71Nxd1Ig5FS0wj9SlbzAIrnolCz9bQQ6uAhl4="
	k, err := Open(t.Context(), "base64key://"+key, false)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(k.Name(), "base64key:") || strings.Contains(k.Name(), key) {
		t.Errorf("its name is %s", k.Name())
	}
	encrypted, err := k.Encrypt(t.Context(), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Decrypt(t.Context(), encrypted); err != nil || string(got) != "x" {
		t.Errorf("got %q, %v", got, err)
	}
	if closer, ok := k.(interface{ Close() error }); !ok || closer.Close() != nil {
		t.Error("it does not close")
	}
}

func TestOpenOwnKinds(t *testing.T) {
	k, err := Open(t.Context(), "file://"+filepath.Join(t.TempDir(), "key"), true)
	if err != nil || !strings.HasPrefix(k.Name(), "file:") {
		t.Errorf("got %v, %v", k, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	const canary = "aHVudGVyMi1jYW5hcnk"
	for name, keyURL := range map[string]string{
		"no such kind":   "nothing://" + canary,
		"not 32 bytes":   "base64key://" + canary,
		"not a URL":      "://" + canary,
		"unknown option": "base64key://" + canary + "?" + canary + "=1",
	} {
		t.Run(name, func(t *testing.T) {
			k, err := Open(t.Context(), keyURL, false)
			if err == nil {
				t.Fatalf("got %v", k)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes the key: %v", err)
			}
		})
	}
	if _, err := Open(t.Context(), "nothing://x", false); !strings.Contains(err.Error(), "awskms, azurekeyvault") {
		t.Errorf("the error does not say what there is: %v", err)
	}
}
