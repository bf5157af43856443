package browser

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// portal is a running Sallyport with everything on this machine.
type portal struct {
	tb   testing.TB
	data string
	post *postOffice
	// url is the portal's address, gateway the gateway's.
	url, gateway string
	ports        map[string]string // Flag to address: the same after a restart.
	extra        []string

	command *exec.Cmd
	done    chan struct{}
	said    lockedBuffer
}

// lockedBuffer is what the process says.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startPortal starts one with the example configuration, with further flags of
// serve.
func startPortal(tb testing.TB, extra ...string) *portal {
	tb.Helper()
	p := &portal{tb: tb, data: tb.TempDir(), post: openPostOffice(tb), ports: map[string]string{}, extra: extra}
	for _, flag := range []string{"--listen", "--management", "--portal", "--admin", "--echo"} {
		p.ports[flag] = freeAddress(tb)
	}
	p.url, p.gateway = "http://"+p.ports["--portal"], "http://"+p.ports["--listen"]
	p.start()
	tb.Cleanup(func() {
		p.kill()
		if tb.Failed() {
			tb.Logf("the process said:\n%s", last(p.said.String(), 60))
		}
	})
	return p
}

// last are the last lines of a text.
func last(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// freeAddress is an address on this machine that nobody listens on.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the process and waits until the portal answers.
func (p *portal) start() {
	p.tb.Helper()
	arguments := []string{"serve", "--data", p.data, "--smtp", "smtp://" + p.post.address + "?tls=none"}
	for flag, address := range p.ports {
		arguments = append(arguments, flag, address)
	}
	p.command = exec.Command(*program, append(arguments, p.extra...)...)
	p.command.Stdout, p.command.Stderr = &p.said, &p.said
	if err := p.command.Start(); err != nil {
		p.tb.Fatal(err)
	}
	p.done = make(chan struct{})
	go func(command *exec.Cmd, done chan struct{}) {
		defer close(done)
		_ = command.Wait() // How it ended is in what it said.
	}(p.command, p.done)
	p.await()
}

// await waits until the portal's pages are there.
func (p *portal) await() {
	p.tb.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		select {
		case <-p.done:
			p.tb.Fatalf("the process has ended:\n%s", last(p.said.String(), 40))
		case <-time.After(50 * time.Millisecond):
		}
		answer, err := http.Get(p.url + "/apis")
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, answer.Body) // Only the status is looked at.
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return
		}
	}
	p.tb.Fatalf("the portal does not answer:\n%s", last(p.said.String(), 40))
}

// kill ends the process without a warning, as a power cut would.
func (p *portal) kill() {
	_ = p.command.Process.Kill() // It may have ended.
	<-p.done
}

// restart kills the process and starts it anew with the same data.
func (p *portal) restart() {
	p.tb.Helper()
	p.kill()
	p.start()
}

// run runs a command of the program on the installation and returns what it
// prints.
func (p *portal) run(arguments ...string) string {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, *program, append(arguments, "--data", p.data)...).CombinedOutput()
	if err != nil {
		p.tb.Fatalf("sallyport %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// administratorLink is a link that signs the administrator in, once.
func (p *portal) administratorLink() string {
	p.tb.Helper()
	lines := bufio.NewScanner(strings.NewReader(p.run("portal", "sign-in", "--portal-url", p.url)))
	for lines.Scan() {
		if link := address.FindString(lines.Text()); strings.Contains(link, "/signin-sso") {
			return link
		}
	}
	p.tb.Fatal("sallyport portal sign-in printed no link")
	return ""
}

// axeFile is the accessibility checker, which scripts/testdata.sh fetches.
func axeFile(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", ".cache", "testdata", "axe.min.js"))
	if err != nil {
		tb.Fatalf("SKIPPED-REQUIRED: axe-core is not there: scripts/services.sh testdata fetches it: %v", err)
	}
	return string(text)
}

// call calls the gateway with a key and returns the status.
func (p *portal) call(path, key string) int {
	p.tb.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.gateway+path, nil)
	if err != nil {
		p.tb.Fatal(err)
	}
	r.Header.Set("Ocp-Apim-Subscription-Key", key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.tb.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // Only the status is looked at.
	return answer.StatusCode
}
