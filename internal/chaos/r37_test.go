package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// restoreLimit is how long it may take from a bare machine to the first answer.
const restoreLimit = 10 * time.Second

// entitiesAnAPI is how many entities configured writes for each API: itself, its
// policy and its operations.
const entitiesAnAPI = 12

// configured writes a folder with so many APIs.
func configured(t *testing.T, dir string, apis int, backend string) {
	t.Helper()
	write(t, filepath.Join(dir, "policy.xml"), policyOf("", ""))
	for i := range apis {
		name := fmt.Sprintf("a%04d", i)
		api := filepath.Join(dir, "apis", name)
		write(t, filepath.Join(api, "apiInformation.json"), fmt.Sprintf(
			`{"properties":{"displayName":%q,"path":%q,"protocols":["http","https"],"serviceUrl":"http://%s","subscriptionRequired":false}}`, name, name, backend))
		write(t, filepath.Join(api, "policy.xml"), policyOf(`<base /><set-header name="X-Api" exists-action="override"><value>`+name+`</value></set-header>`, "<base />"))
		for n := range entitiesAnAPI - 2 {
			write(t, filepath.Join(api, "operations", fmt.Sprint("op", n), "operationInformation.json"), fmt.Sprintf(
				`{"properties":{"displayName":"op%d","method":"GET","urlTemplate":"/things%d/{id}","templateParameters":[{"name":"id","type":"string","required":true}]}}`, n, n))
		}
	}
}

// sallyport runs a command of the program to its end.
func sallyport(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), *program, arguments...).Output() // #nosec G204 -- The program under test.
	if err != nil {
		said := ""
		if failed, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it as it is.
			said = string(failed.Stderr)
		}
		t.Fatalf("sallyport %s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	return string(out)
}

// bare is a backup of an installation, the key of the backup, and an address for
// the gateway that is going to be.
type bare struct{ backup, key, address, data string }

func newBare(t *testing.T, apis int) bare {
	t.Helper()
	backend := origin(t)
	folder, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	b := bare{filepath.Join(t.TempDir(), "all.sallybak"), filepath.Join(t.TempDir(), "backup.key"), freeAddress(t), filepath.Join(t.TempDir(), "data")}
	configured(t, folder, apis, backend)
	sallyport(t, "token", "create", "--data", data)
	sallyport(t, "apply", folder, "--data", data)
	sallyport(t, "backup", "key", b.key)
	sallyport(t, "backup", b.backup, "--backup-key", b.key, "--data", data)
	return b
}

// serve starts serving what was restored, and returns when the gateway has
// answered, or ctx ends.
func (b *bare) serve(ctx context.Context, t *testing.T, path string) error {
	t.Helper()
	said, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		return err
	}
	c := exec.Command(*program, "serve", "--data", b.data, "--listen", b.address, "--admin", freeAddress(t), "--drain-limit", "1s",
		"--listen-tls", "", "--management-http", freeAddress(t)) // #nosec G204 -- As above.
	c.Stdout, c.Stderr = said, said
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return err
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = said.Close()
		if text, err := os.ReadFile(said.Name()); err == nil && t.Failed() {
			t.Logf("serve said, at its end:\n%s", text[max(0, len(text)-2000):])
		}
	})
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.address+path, http.NoBody)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the gateway does not answer as it should: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestR37_BareMachine restores a backup on a machine where there is nothing, and
// starts it: how long it takes until the gateway answers.
func TestR37_BareMachine(t *testing.T) {
	apis := size(85, 850)
	b := newBare(t, apis)
	begun := time.Now()
	var report struct {
		Records uint64 `json:"records"`
	}
	if err := json.Unmarshal([]byte(sallyport(t, "restore", b.backup, "--backup-key", b.key, "--data", b.data, "-o", "json")), &report); err != nil {
		t.Fatal(err)
	}
	restored := time.Since(begun)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := b.serve(ctx, t, fmt.Sprintf("/a%04d/things7/x", apis-1)); err != nil {
		t.Fatal(err)
	}
	answered := time.Since(begun)
	http.DefaultClient.CloseIdleConnections()
	fmt.Printf("R37: a bare machine answers %.2f s after the restore of %d entities was begun, of which the restore took %.2f s (limit %v for 10,000)\n",
		answered.Seconds(), report.Records, restored.Seconds(), restoreLimit)
	if answered > restoreLimit {
		t.Errorf("it took %v", answered)
	}
	if report.Records < uint64(apis*entitiesAnAPI) {
		t.Errorf("%d entities were restored of %d", report.Records, apis*entitiesAnAPI)
	}
}

// TestR37_BareMachine_NegativeControl serves from a bare machine without the
// restore: the API does not answer.
func TestR37_BareMachine_NegativeControl(t *testing.T) {
	b := newBare(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if err := b.serve(ctx, t, "/a0000/things7/x"); err == nil {
		t.Error("an API that was not restored answers")
	}
	http.DefaultClient.CloseIdleConnections()
}
