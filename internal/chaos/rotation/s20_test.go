package rotation

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestS20_RotatedSecretsOfTheProcess looks for secrets that were exchanged in
// every file of a running installation (the store, what the gateway keeps for
// its restart, logs) and in what it answers: they are nowhere in clear.
func TestS20_RotatedSecretsOfTheProcess(t *testing.T) {
	in := start(t)
	const canary = "canary-5c21"
	in.put("subscriptions/canary", map[string]any{"displayName": "Canary", "scope": "/apis", "state": "active",
		"primaryKey": canary + "-primary", "secondaryKey": canary + "-secondary"})
	in.put("namedValues/canary", map[string]any{"displayName": "canary", "secret": true, "value": canary + "-value"})
	in.put("certificates/orders", map[string]any{"data": in.root.issue(t, "client").archive(t, canary+"-pfx"), "password": canary + "-pfx"})
	in.post("subscriptions/canary/sallyportRotateKey", map[string]any{"overlap": "PT1H"})
	if status := in.once(t, canary+"-primary"); status != http.StatusOK {
		t.Errorf("the key that is being replaced is answered with %d", status)
	}
	// Calls that fail, with good keys and with bad ones.
	stranger := newAuthority(t, "stranger")
	in.put("certificates/orders", map[string]any{"data": stranger.issue(t, "client").archive(t, canary+"-pfx"), "password": canary + "-pfx"})
	for key, want := range map[string]int{canary + "-secondary": http.StatusInternalServerError, canary + "-bad": http.StatusUnauthorized} {
		if status := in.once(t, key); status != want {
			t.Errorf("a call is answered with %d, not %d", status, want)
		}
	}
	in.put("certificates/orders", map[string]any{"data": in.root.issue(t, "client").archive(t, canary+"-pfx"), "password": canary + "-pfx"})
	_, answer := in.ask(http.MethodPut, "certificates/orders", map[string]any{"properties": map[string]any{"data": "AAAA", "password": canary + "-wrong"}})
	in.sallyport("key", "rotate", "--data", in.data)
	in.sallyport("key", "reseal", "--data", in.data)
	in.kill()
	in.run() // From what the gateway has kept.
	places := in.files()
	places["an error"] = fmt.Append(nil, answer)
	hits := 0
	for name, content := range places {
		if n := bytes.Count(content, []byte(canary)); n > 0 {
			hits += n
			at := bytes.Index(content, []byte(canary))
			t.Errorf("%d secrets in %s: …%q…", n, name, content[max(0, at-60):min(len(content), at+40)])
		}
	}
	if len(places) < 5 {
		t.Errorf("there were only %d places to look at", len(places))
	}
	fmt.Printf("S20: %d secrets in clear in %d files of a running installation (0)\n", hits, len(places))
}

// TestS20_RotatedSecretsOfTheProcess_NegativeControl finds what is no secret
// where the other test looks.
func TestS20_RotatedSecretsOfTheProcess_NegativeControl(t *testing.T) {
	in := start(t)
	in.put("namedValues/plain", map[string]any{"displayName": "plain", "value": "canary-5c21-plain"})
	for _, content := range in.files() {
		if bytes.Contains(content, []byte("canary-5c21-plain")) {
			return
		}
	}
	t.Error("a value that is not sealed was not found")
}

// files are those of the installation with what the program has said, but for
// its keys.
func (in *installation) files() map[string][]byte {
	in.t.Helper()
	found := map[string][]byte{}
	read := func(path string) {
		data, err := os.ReadFile(filepath.Clean(path))
		if errors.Is(err, fs.ErrNotExist) {
			return // The program goes on: it names what it has written, and removes what is old.
		}
		if err != nil {
			in.t.Fatal(err)
		}
		found[path] = data
	}
	read(in.path("output"))
	err := filepath.WalkDir(in.data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "key" {
			read(path)
		}
		return err
	})
	if err != nil {
		in.t.Fatal(err)
	}
	return found
}
