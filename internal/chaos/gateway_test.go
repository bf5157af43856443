package chaos

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// options say how a gateway is started.
type options struct {
	// files are its maximum of open files; 0 for that of the test.
	files int
	// resolver is a file that stands in the place of /etc/resolv.conf for it.
	resolver string
	// arguments are more arguments of the program.
	arguments []string
	// environment is set besides that of the test.
	environment []string
	// apis are the paths of APIs with their backends.
	apis map[string]string
	// policies are those of APIs that have some.
	policies map[string]string
}

// gateway is a running process.
type gateway struct {
	command *exec.Cmd
	dir     string // of its configuration
	address string
	admin   string
	ended   chan struct{}
}

// start starts a gateway, which ends with the test.
func start(t *testing.T, o options) *gateway {
	t.Helper()
	g := &gateway{dir: t.TempDir(), ended: make(chan struct{})}
	writeFolder(t, g.dir, o)
	g.address, g.admin = freeAddress(t), freeAddress(t)
	arguments := []string{*program, "gateway", "--config", g.dir, "--listen", g.address, "--admin", g.admin, "--drain-limit", "1s"}
	arguments = append(arguments, o.arguments...)
	if o.files > 0 {
		arguments = append([]string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, o.files)}, arguments...)
	}
	if o.resolver != "" {
		arguments = append([]string{"unshare", "--mount", "/bin/sh", "-c",
			fmt.Sprintf(`mount --bind '%s' /etc/resolv.conf && exec "$0" "$@"`, o.resolver)}, arguments...)
	}
	g.command = exec.Command(arguments[0], arguments[1:]...)
	g.command.Env = append(os.Environ(), o.environment...)
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	g.command.Stdout, g.command.Stderr = output, output
	// Nothing goes on when the test has ended, in whatever way.
	g.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := g.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = g.command.Wait()
		close(g.ended)
	}()
	t.Cleanup(func() {
		_ = g.command.Process.Kill()
		<-g.ended
		if said, err := os.ReadFile(output.Name()); err == nil && t.Failed() {
			t.Logf("the gateway said, at its end:\n%s", said[max(0, len(said)-2000):])
		}
	})
	g.await(t)
	return g
}

// await waits until the gateway serves.
func (g *gateway) await(t *testing.T) {
	t.Helper()
	eventually(t, "the gateway serves", func() bool {
		select {
		case <-g.ended:
			t.Fatal("the gateway has ended")
		default:
		}
		return g.healthy()
	})
}

// healthy reports whether the gateway says that it is ready.
func (g *gateway) healthy() bool {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + g.admin + "/readyz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// running fails the test where the gateway has ended.
func (g *gateway) running(t *testing.T) {
	t.Helper()
	select {
	case <-g.ended:
		t.Fatal("the gateway has ended")
	default:
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) (took time.Duration) {
	t.Helper()
	begin := time.Now()
	for !holds() {
		if time.Since(begin) > patience {
			t.Fatalf("it never came that %s", what)
		}
		pause(10 * time.Millisecond)
	}
	return time.Since(begin)
}

func pause(d time.Duration) { <-time.After(d) }

// freeAddress returns an address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// writeFolder writes a configuration.
func writeFolder(t *testing.T, dir string, o options) {
	t.Helper()
	write(t, filepath.Join(dir, "policy.xml"), policyOf("", ""))
	for name, backend := range o.apis {
		api := filepath.Join(dir, "apis", "api-"+name)
		write(t, filepath.Join(api, "apiInformation.json"), fmt.Sprintf(
			`{"properties":{"displayName":%q,"path":%q,"protocols":["http","https"],"serviceUrl":"http://%s","subscriptionRequired":false}}`, name, name, backend))
		for _, method := range []string{"GET", "POST"} {
			write(t, filepath.Join(api, "operations", strings.ToLower(method), "operationInformation.json"), fmt.Sprintf(
				`{"properties":{"displayName":%q,"method":%q,"urlTemplate":"/*"}}`, method, method))
		}
		if text := o.policies[name]; text != "" {
			write(t, filepath.Join(api, "policy.xml"), text)
		}
	}
}

// policyOf is a policy document.
func policyOf(inbound, backend string) string {
	if backend == "" {
		backend = "<forward-request />"
	}
	return "<policies><inbound>" + inbound + "</inbound><backend>" + backend + "</backend><outbound /><on-error /></policies>"
}

// write writes a file in a folder that may not be there, at once.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// client is a connection to a gateway.
type client struct {
	net.Conn
	in *bufio.Reader
}

// dial connects to the gateway.
func (g *gateway) dial() (*client, error) {
	c, err := net.DialTimeout("tcp", g.address, patience)
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(patience)) // Fails on a closed connection, as does what follows.
	return &client{c, bufio.NewReader(c)}, nil
}

// ask sends a request and reads the answer.
func (c *client) ask(request string) (status int, body int64, err error) {
	if _, err := c.Write([]byte(request)); err != nil {
		return 0, 0, err
	}
	return c.answer()
}

// answer reads an answer, and throws its body away.
func (c *client) answer() (status int, body int64, err error) {
	r, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return 0, 0, err
	}
	defer r.Body.Close()
	n, err := discard(r.Body)
	return r.StatusCode, n, err
}
