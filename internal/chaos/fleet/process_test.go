package fleet

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a running program.
type process struct {
	command *exec.Cmd
	output  string // File of what it says.
	ended   chan struct{}
	over    bool // What it has said is of no use any more.
}

// run starts the program, which ends with the test at the latest.
func run(t *testing.T, args ...string) *process {
	t.Helper()
	output, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	p := &process{command: exec.Command(*program, args...), output: output.Name(), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = output, output
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() && !p.over {
			said := p.said()
			t.Logf("%s said, at its end:\n%s", strings.Join(args, " "), said[max(0, len(said)-3000):])
		}
	})
	return p
}

// kill kills it, as kill -9 does.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.ended
}

// stop ends it in order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatal("the process does not end")
	}
}

func (p *process) said() string {
	data, _ := os.ReadFile(p.output) // What was not read is missing in a report.
	return string(data)
}

// running fails the test where the process has ended.
func (p *process) running(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
		t.Fatalf("the process has ended:\n%s", p.said())
	default:
	}
}

// resident returns its resident memory in bytes.
func (p *process) resident(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.command.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// command runs a command of the program to its end, and returns what it prints.
func command(t *testing.T, args ...string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	c := exec.Command(*program, args...)
	c.Stdout, c.Stderr = &out, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out.String(), stderr.String())
	}
	return strings.TrimSpace(out.String())
}

// control is a management plane.
type control struct {
	*process
	dir, address, token string
	role                string
	more                []string
}

const service = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sallyport/providers/Microsoft.ApiManagement/service/sallyport"

// startControl starts a management plane with an empty service.
func startControl(t *testing.T, more ...string) *control {
	t.Helper()
	c := &control{dir: t.TempDir(), address: freeAddress(t), role: "control", more: more}
	c.start(t)
	c.token = c.command(t, "token", "create")
	return c
}

// command runs a command on the installation, wherever its store is.
func (c *control) command(t *testing.T, args ...string) string {
	t.Helper()
	args = append(args, "--data", c.dir)
	if i := slices.Index(c.more, "--store"); i >= 0 {
		args = append(args, c.more[i:i+2]...)
	}
	return command(t, args...)
}

// start starts it, or starts it anew at the same address.
func (c *control) start(t *testing.T) {
	t.Helper()
	c.process = run(t, append([]string{
		"serve", "--role", c.role, "--data", c.dir, "--management-http", c.address, "--admin", "", "--echo", "127.0.0.1:0", "--example=false",
	}, c.more...)...)
	eventually(t, "the management plane answers", func() bool {
		c.running(t)
		status, _, err := call(http.DefaultClient, http.MethodGet, "http://"+c.address+service, "", "")
		return err == nil && status != 0
	})
}

// api calls the management API.
func (c *control) api(t *testing.T, method, path, body string) string {
	t.Helper()
	status, answer, err := c.ask(method, path, body)
	if err != nil || status >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %v %s", method, path, status, err, answer)
	}
	return answer
}

func (c *control) ask(method, path, body string) (status int, answer string, err error) {
	return call(http.DefaultClient, method, "http://"+c.address+service+"/"+path+"?api-version=2024-05-01", "Bearer "+c.token, body)
}

// answers makes APIs that answer by themselves.
func (c *control) answers(t *testing.T, name, text string) {
	t.Helper()
	c.api(t, http.MethodPut, "apis/"+name, fmt.Sprintf(`{"properties":{"displayName":%q,"path":%q,"protocols":["http"],"subscriptionRequired":false}}`, name, name))
	c.api(t, http.MethodPut, "apis/"+name+"/operations/get", `{"properties":{"displayName":"Get","method":"GET","urlTemplate":"/*"}}`)
	c.policy(t, "apis/"+name, returning(text))
}

// policy sets the policies of a scope.
func (c *control) policy(t *testing.T, scope, document string) {
	t.Helper()
	c.api(t, http.MethodPut, strings.TrimPrefix(scope+"/policies/policy", "/"), fmt.Sprintf(`{"properties":{"format":"rawxml","value":%q}}`, document))
}

// returning is a policy document that answers with a text.
func returning(text string) string {
	return `<policies><inbound><base /><return-response><set-status code="200" /><set-body>` + text + `</set-body></return-response></inbound></policies>`
}

// gateway is a gateway that follows.
type gateway struct {
	*process
	dir, address, admin string
	token               string
	control             string // URL.
}

// startGateway starts a gateway that follows a management plane.
func startGateway(t *testing.T, c *control) *gateway {
	t.Helper()
	g := &gateway{dir: t.TempDir(), address: freeAddress(t), admin: freeAddress(t), control: "http://" + c.address,
		token: c.command(t, "gateway", "token", "managed")}
	g.start(t)
	return g
}

// start starts it, or starts it anew.
func (g *gateway) start(t *testing.T) {
	t.Helper()
	g.process = run(t, "serve", "--role", "gateway", "--control", g.control, "--token", g.token,
		"--data", g.dir, "--listen", g.address, "--admin", g.admin, "--drain-limit", "1s")
}

// get calls the gateway.
func (g *gateway) get(path string) (status int, body string, err error) {
	return call(http.DefaultClient, http.MethodGet, "http://"+g.address+path, "", "")
}

// until waits until a path is answered with a text.
func (g *gateway) until(t *testing.T, path, text string) time.Duration {
	t.Helper()
	return eventually(t, path+" is answered with "+text, func() bool {
		g.running(t)
		status, body, err := g.get(path)
		return err == nil && status == http.StatusOK && body == text
	})
}

// call makes one HTTP request.
func call(client *http.Client, method, url, authorization, body string) (status int, answer string, err error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer w.Body.Close()
	data, err := io.ReadAll(w.Body)
	return w.StatusCode, string(data), err
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) (took time.Duration) {
	t.Helper()
	begin := time.Now()
	for !holds() {
		if time.Since(begin) > patience {
			t.Fatalf("it never came that %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begin)
}

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

// write writes a file in a folder that may not be there.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
