package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const (
	// bareLimit is how long a bare machine may take from a backup of 10,000
	// entities to the first answer. On a machine that does something else too,
	// processor time is what can be asserted.
	bareLimit = 10 * time.Second
	// barePatience is how long is waited for an answer.
	barePatience = time.Minute
)

// asProcess runs a command in a process of its own.
func asProcess(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Env = append(os.Environ(), asCommand+"=1")
	c.Stderr = t.Output()
	return c
}

// bareMachine restores a backup into a folder, unless it is "", serves it, and
// calls an API. It returns how long that has taken until it was answered, and
// the processor time; answered is false where it was not.
func bareMachine(t *testing.T, backup, key string) (wall, cpu time.Duration, answered bool) {
	t.Helper()
	data, address := filepath.Join(t.TempDir(), "data"), freePort(t)
	begin := time.Now()
	var spent []*exec.Cmd
	if backup != "" {
		restore := asProcess(t, "restore", "--data", data, "--backup-key", key, backup)
		if err := restore.Run(); err != nil {
			t.Fatal(err)
		}
		spent = append(spent, restore)
	}
	serve := asProcess(t, "serve", "--data", data, "--listen", address, "--admin", "", "--management", "127.0.0.1:0", "--echo", "127.0.0.1:0", "--example=false")
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	patience := barePatience
	if backup == "" {
		patience = bareLimit / 2 // Nothing is going to come.
	}
	for !answered && time.Since(begin) < patience {
		// The backend is not there: that the gateway has looked for it is enough.
		if response, err := http.Get("http://" + address + "/api999/things9/1"); err == nil {
			_ = response.Body.Close()
			answered = response.StatusCode == http.StatusInternalServerError || response.StatusCode == http.StatusBadGateway
		}
		time.Sleep(5 * time.Millisecond)
	}
	wall = time.Since(begin)
	http.DefaultClient.CloseIdleConnections()
	if err := serve.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, c := range append(spent, serve) {
		cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	return wall, cpu, answered
}

// TestR37_BareMachine restores 1,000 APIs of 10 operations, with their policy
// documents and descriptions, where there was nothing, and serves them.
func TestR37_BareMachine(t *testing.T) {
	dir := t.TempDir()
	writeColdFolder(t, filepath.Join(dir, "configuration"), coldPolicy)
	key, archive := filepath.Join(dir, "backup.key"), filepath.Join(dir, "all.sallybak")
	data := filepath.Join(dir, "data")
	var out bytes.Buffer
	for _, command := range [][]string{
		{"token", "create", "--data", data}, {"apply", "--data", data, filepath.Join(dir, "configuration")},
		{"backup", "key", key}, {"backup", "--data", data, "--backup-key", key, archive},
	} {
		if code := run(t.Context(), command, &out, &out); code != exitOK {
			t.Fatalf("%v: %s", command, &out)
		}
	}
	wall, cpu, answered := bareMachine(t, archive, key)
	fmt.Printf("R37: a bare machine serves a backup of %d entities after %.2f s, with %.2f s of processor time (limit %.0f)\n",
		coldAPIs*(coldOperations+1), wall.Seconds(), cpu.Seconds(), bareLimit.Seconds())
	if !answered || cpu > bareLimit {
		t.Errorf("answered: %v, after %v of processor time", answered, cpu)
	}
}

// TestR37_BareMachine_NegativeControl restores nothing.
func TestR37_BareMachine_NegativeControl(t *testing.T) {
	if _, _, answered := bareMachine(t, "", ""); answered {
		t.Error("what was not restored was answered")
	}
}
