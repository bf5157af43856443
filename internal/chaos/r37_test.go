package chaos

import (
	"context"
	"encoding/json"
	"errors"
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
		inbound := `<base /><set-header name="X-Api" exists-action="override"><value>` + name + `</value></set-header>`
		if i == 0 {
			inbound += fmt.Sprintf(`<quota-by-key calls="%d" renewal-period="3600" counter-key="all" />`, quota)
		}
		write(t, filepath.Join(api, "policy.xml"), policyOf(inbound, "<base />"))
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
type bare struct{ backup, key, address, source, data string }

func newBare(t *testing.T, apis int) bare {
	t.Helper()
	backend := origin(t)
	folder := t.TempDir()
	b := bare{
		backup: filepath.Join(t.TempDir(), "all.sallybak"), key: filepath.Join(t.TempDir(), "backup.key"), address: freeAddress(t),
		source: filepath.Join(t.TempDir(), "data"), data: filepath.Join(t.TempDir(), "data"),
	}
	configured(t, folder, apis, backend)
	sallyport(t, "token", "create", "--data", b.source)
	sallyport(t, "apply", folder, "--data", b.source)
	sallyport(t, "backup", "key", b.key)
	b.take(t)
	return b
}

// take takes the backup.
func (b *bare) take(t *testing.T) {
	t.Helper()
	if err := os.Remove(b.backup); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	sallyport(t, "backup", b.backup, "--backup-key", b.key, "--data", b.source)
}

// serve starts serving an installation, and returns when the gateway has
// answered, or ctx ends. end ends it as an operator does.
func (b *bare) serve(ctx context.Context, t *testing.T, data, path string) (end func(), err error) {
	t.Helper()
	said, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		return nil, err
	}
	c := exec.Command(*program, "serve", "--data", data, "--listen", b.address, "--admin", freeAddress(t), "--drain-limit", "1s",
		"--listen-tls", "", "--management-http", freeAddress(t)) // #nosec G204 -- As above.
	c.Stdout, c.Stderr = said, said
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		return nil, err
	}
	end = func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
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
		if status := b.call(ctx, t, path); status == http.StatusOK {
			return end, nil
		}
		select {
		case <-ctx.Done():
			return end, fmt.Errorf("the gateway does not answer as it should: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// call calls the gateway and returns the status, 0 where it does not answer.
func (b *bare) call(ctx context.Context, t *testing.T, path string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
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
	if _, err := b.serve(ctx, t, b.data, fmt.Sprintf("/a%04d/things7/x", apis-1)); err != nil {
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

// quota is how often the first API may be called in an hour.
const quota = 5

// refused calls the first API until it is refused, and returns how often it was
// not.
func (b *bare) refused(t *testing.T) (allowed int) {
	t.Helper()
	for ; allowed <= quota; allowed++ {
		if status := b.call(t.Context(), t, "/a0000/things7/x"); status == http.StatusForbidden {
			break
		}
	}
	return allowed
}

// TestR37_QuotasAreRestored uses up a part of a quota, and restores a backup on a
// bare machine: the rest is left.
func TestR37_QuotasAreRestored(t *testing.T) {
	left := quotaAfterRestore(t, true)
	fmt.Printf("R37: of a quota of %d, 3 were used before the backup, and %d are left after the restore (limit 2)\n", quota, left)
	if left != quota-3 {
		t.Error("the quota is not what it was")
	}
}

// quotaAfterRestore is how many calls are left of a quota of which three are
// used, one of them to see that the gateway serves.
func quotaAfterRestore(t *testing.T, counted bool) int {
	t.Helper()
	b := newBare(t, 2)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	end, err := b.serve(ctx, t, b.source, "/a0001/things7/x")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status := b.call(ctx, t, "/a0000/things7/x"); status != http.StatusOK {
			t.Fatalf("within the quota: %d", status)
		}
	}
	end()
	if counted {
		b.take(t)
	}
	sallyport(t, "restore", b.backup, "--backup-key", b.key, "--data", b.data)
	if _, err := b.serve(ctx, t, b.data, "/a0001/things7/x"); err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	return b.refused(t)
}

// TestR37_QuotasAreRestored_NegativeControl restores the backup from before the
// calls: nothing of the quota is used.
func TestR37_QuotasAreRestored_NegativeControl(t *testing.T) {
	if left := quotaAfterRestore(t, false); left != quota {
		t.Errorf("%d calls are left of %d, of which none was used", left, quota)
	}
}

// TestR37_BareMachine_NegativeControl serves from a bare machine without the
// restore: the API does not answer.
func TestR37_BareMachine_NegativeControl(t *testing.T) {
	b := newBare(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if _, err := b.serve(ctx, t, b.data, "/a0000/things7/x"); err == nil {
		t.Error("an API that was not restored answers")
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestRestoreWhileServing restores into the store of a running process: the
// gateway serves what was restored, and goes on taking changes.
func TestRestoreWhileServing(t *testing.T) {
	b := newBare(t, 2)
	folder := t.TempDir()
	configured(t, folder, 3, origin(t))
	sallyport(t, "apply", folder, "--data", b.source)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := b.serve(ctx, t, b.source, "/a0002/things7/x"); err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	sallyport(t, "restore", b.backup, "--backup-key", b.key, "--data", b.source)
	eventually(t, "the API that is not in the backup is gone", func() bool {
		return b.call(ctx, t, "/a0002/things7/x") == http.StatusNotFound
	})
	if status := b.call(ctx, t, "/a0001/things7/x"); status != http.StatusOK {
		t.Errorf("an API of the backup: %d", status)
	}
	sallyport(t, "apply", folder, "--data", b.source)
	eventually(t, "the API is there again", func() bool {
		return b.call(ctx, t, "/a0002/things7/x") == http.StatusOK
	})
}
