package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestOpenKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb}, keyLength)
	forms := map[string]string{
		"base64":      base64.StdEncoding.EncodeToString(raw) + "\n",
		"base64url":   base64.RawURLEncoding.EncodeToString(raw),
		"hexadecimal": hex.EncodeToString(raw),
	}
	want := "file:" + Fingerprint(raw)
	for name, content := range forms {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			k, err := OpenKey("file://"+path, false)
			if err != nil || k.Name() != want {
				t.Errorf("from a file: %v, %v", k, err)
			}
			t.Setenv("TEST_KEY", content)
			k, err = OpenKey("env://TEST_KEY", false)
			if err != nil || k.Name() != "env:"+Fingerprint(raw) {
				t.Errorf("from the environment: %v, %v", k, err)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if k, err := OpenKey("file://"+path, false); err != nil || k.Name() != want {
		t.Errorf("plain: %v, %v", k, err)
	}
}

func TestOpenKeyRefuses(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return "file://" + path
	}
	good := strings.Repeat("A", 43) + "="
	t.Setenv("TEST_KEY", canary)
	tests := []struct{ name, url, want string }{
		{"no file", "file://" + filepath.Join(folder, "none"), "the key is not there"},
		{"no variable", "env://TEST_NOT_SET", "the environment variable TEST_NOT_SET: the key is not there"},
		{"not a key", "env://TEST_KEY", "it is not 32 bytes in base64"},
		{"too short", write("short", "AAAA", 0o600), "it is not 32 bytes in base64"},
		{"too long", write("long", strings.Repeat("A", maxKeyFile+1), 0o600), "longer than 1024 bytes"},
		{"readable by all", write("open", good, 0o644), "chmod 600"},
		{"another scheme", "vault://" + canary, "no such kind of key"},
		{"not a URL", "://" + canary, "is not a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && tt.name == "readable by all" {
				t.Skip("SKIPPED: Windows has no such modes")
			}
			_, err := OpenKey(tt.url, false)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the error quotes the key: %v", err)
			}
		})
	}
}

func TestOpenKeyCreatesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := OpenKey("file://"+path, false); !errors.Is(err, ErrNoKey) {
		t.Errorf("without create: %v", err)
	}
	made, err := OpenKey("file://"+path, true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenKey("file://"+path, true)
	if err != nil || again.Name() != made.Name() {
		t.Errorf("the second start has %v, %v; the first had %v", again, err, made)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if k, err := OpenKey("env://TEST_NOT_SET", true); err == nil {
		t.Errorf("a variable was made: %v", k)
	}
}
