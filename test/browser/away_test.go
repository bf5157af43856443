package browser

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

var (
	clientID     = regexp.MustCompile(`client id\s+(\S+)`)
	clientSecret = regexp.MustCompile(`client secret\s+(\S+)`)
)

// apart starts a portal in a process of its own and returns its address.
func (p *portal) apart() string {
	p.tb.Helper()
	said := p.run("principal", "create", "portal", "--role", "API Management Developer Portal Service")
	id, secret := clientID.FindStringSubmatch(said), clientSecret.FindStringSubmatch(said)
	if id == nil || secret == nil {
		p.tb.Fatalf("no credential in %q", said)
	}
	file := filepath.Join(p.tb.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret[1]), 0o600); err != nil {
		p.tb.Fatal(err)
	}
	address := freeAddress(p.tb)
	command := exec.Command(*program, "serve", "--role", "portal", "--control", "https://"+p.ports["--management"],
		"--control-ca", filepath.Join(p.data, "tls", "ca.pem"), "--portal", address, "--portal-client-id", id[1],
		"--portal-client-secret-file", file, "--admin", "", "--smtp", "smtp://"+p.post.address+"?tls=none")
	said2 := &lockedBuffer{}
	command.Stdout, command.Stderr = said2, said2
	if err := command.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.tb.Cleanup(func() {
		_ = command.Process.Kill() // It may have ended.
		_ = command.Wait()         // How it ended is in what it said.
		if p.tb.Failed() {
			p.tb.Logf("the portal apart said:\n%s", last(said2.String(), 30))
		}
	})
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(lookAgain) {
		answer, err := http.Get("http://" + address + "/readyz")
		if err != nil {
			continue
		}
		_ = answer.Body.Close() // Only the status is looked at.
		if answer.StatusCode == http.StatusOK {
			return "http://" + address
		}
	}
	p.tb.Fatal("the portal apart does not get ready")
	return ""
}

// TestManagementPlaneAway sends a form to a portal whose management plane has
// gone: the page says so and keeps what was typed, and sending it again when the
// management plane is back makes one subscription.
func TestManagementPlaneAway(tt *testing.T) {
	p := startPortal(tt)
	apart := p.apart()
	t := newTab(tt)
	t.signUp(p, "away@example.org")
	t.open(apart + "/subscribe/starter")
	t.fill("name", "Patient")
	p.kill()
	t.follow(`main form[method=post] button[type=submit]`)
	t.sees("does not answer")
	t.picture("management-plane-away")
	if kept := evaluate[string](t, `document.querySelector('[name="name"]')?.value || ""`); kept != "Patient" {
		tt.Errorf("the page has kept %q of what was typed", kept)
	}
	reader := newTab(tt)
	reader.open(apart + "/apis/echo/operations/retrieve-resource")
	reader.sees("cannot be saved")
	p.start()
	t.follow(`main form[method=post] button[type=submit]`)
	t.sees("Patient")
	t.open(apart + "/subscriptions")
	if n := evaluate[int](t, `new Set([...document.querySelectorAll('main a[href^="/subscriptions/"]')].map(a => a.pathname)).size`); n != 1 {
		tt.Errorf("there are %d subscriptions, want one", n)
	}
}
