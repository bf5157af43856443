package rotation

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// servicePath is where the service is in the management API.
const servicePath = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sallyport" +
	"/providers/Microsoft.ApiManagement/service/sallyport/"

// installation is a running serve, with a backend that wants client certificates.
type installation struct {
	t          *testing.T
	dir        string
	data       string
	root       *authority
	backend    *httptest.Server
	gateway    string // HTTPS
	admin      string
	management string
	token      string
	client     *http.Client // of the management API
	command    *exec.Cmd
	ended      chan struct{}
}

// start runs an installation with one API, which ends with the test.
func start(t *testing.T) *installation {
	t.Helper()
	in := &installation{t: t, dir: t.TempDir(), root: newAuthority(t, "root")}
	in.data = filepath.Join(in.dir, "data")
	in.gateway, in.admin, in.management = freeAddress(t), freeAddress(t), freeAddress(t)
	in.backend = in.newBackend()
	in.root.write(t, in.path("root.pem"), in.path("root.key"))
	in.root.issue(t, "listener 1").write(t, in.path("listener.pem"), in.path("listener.key"))
	t.Cleanup(func() {
		if said, err := os.ReadFile(in.path("output")); err == nil && t.Failed() {
			t.Logf("the program said, at its end:\n%s", said[max(0, len(said)-3000):])
		}
	})
	in.run()
	in.token = strings.TrimSpace(in.sallyport("token", "create", "--data", in.data))
	in.trust()
	in.put("certificates/orders", map[string]any{"data": in.root.issue(t, "client 1").archive(t, "p"), "password": "p"})
	in.put("backends/orders", map[string]any{"url": in.backend.URL, "protocol": "http",
		"credentials": map[string]any{"certificateIds": []string{"/certificates/orders"}}})
	in.put("apis/orders", map[string]any{"displayName": "Orders", "path": "orders", "protocols": []string{"https"}})
	in.put("apis/orders/operations/get", map[string]any{"displayName": "Get", "method": "GET", "urlTemplate": "/"})
	in.put("apis/orders/policies/policy", map[string]any{"format": "rawxml", "value": `<policies><inbound><base />` +
		`<set-backend-service backend-id="orders" /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`})
	in.put("subscriptions/shop", map[string]any{"displayName": "Shop", "scope": "/apis", "state": "active", "primaryKey": "first-key-of-the-shop"})
	return in
}

func (in *installation) path(name string) string { return filepath.Join(in.dir, name) }

// newBackend runs a backend that answers with the name in the client's
// certificate.
func (in *installation) newBackend() *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{in.root.issue(in.t, "backend").Certificate},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: in.root.pool()}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	in.t.Cleanup(s.Close)
	return s
}

// run starts the program, and waits until it is ready.
func (in *installation) run() {
	in.t.Helper()
	output, err := os.OpenFile(in.path("output"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		in.t.Fatal(err)
	}
	defer output.Close()
	in.command = exec.Command(*program, "serve", "--data", in.data, "--example=false", "--listen", "", "--listen-tls", in.gateway, "--http3=false",
		"--tls-cert", in.path("listener.pem"), "--tls-key", in.path("listener.key"), "--backend-ca", in.path("root.pem"),
		"--admin", in.admin, "--management", in.management, "--echo", "127.0.0.1:0", "--drain-limit", "1s")
	in.command.Stdout, in.command.Stderr = output, output
	// Nothing goes on when the test has ended, in whatever way.
	in.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := in.command.Start(); err != nil {
		in.t.Fatal(err)
	}
	in.ended = make(chan struct{})
	go func(command *exec.Cmd, ended chan struct{}) {
		_ = command.Wait() // How it ended is in its output.
		close(ended)
	}(in.command, in.ended)
	in.t.Cleanup(in.kill)
	in.await("it is ready", func() bool {
		select {
		case <-in.ended:
			said, _ := os.ReadFile(in.path("output"))
			in.t.Fatalf("the program has ended:\n%s", said)
		default:
		}
		return in.ready()
	})
}

// kill ends the program, as a loss of power would.
func (in *installation) kill() {
	_ = in.command.Process.Kill()
	<-in.ended
}

// ready reports whether the gateway says that it is.
func (in *installation) ready() bool {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + in.admin + "/readyz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// await waits until something is so.
func (in *installation) await(what string, so func() bool) time.Duration {
	in.t.Helper()
	begin := time.Now()
	for !so() {
		if time.Since(begin) > patience {
			in.t.Fatalf("it never came that %s", what)
		}
		pause(20 * time.Millisecond)
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

// sallyport runs a command, and returns what it printed.
func (in *installation) sallyport(arguments ...string) string {
	in.t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(in.t.Context(), *program, arguments...)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		in.t.Fatalf("sallyport %s: %v\n%s", strings.Join(arguments, " "), err, stderr.Bytes())
	}
	return stdout.String()
}

// trust makes the client of the management API.
func (in *installation) trust() {
	in.t.Helper()
	// The gateway is ready before the management API is.
	in.await("the management API accepts connections", func() bool {
		c, err := net.DialTimeout("tcp", in.management, time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	file, err := os.ReadFile(filepath.Join(in.data, "tls", "ca.pem"))
	if err != nil {
		in.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(file)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	in.t.Cleanup(transport.CloseIdleConnections)
	in.client = &http.Client{Transport: transport, Timeout: patience}
}

// ask calls the management API below the service.
func (in *installation) ask(method, path string, body any) (status int, answer map[string]any) {
	in.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		in.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(in.t.Context(), method, "https://"+in.management+servicePath+path+"?api-version=2024-05-01", bytes.NewReader(raw))
	if err != nil {
		in.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+in.token)
	r.Header.Set("Content-Type", "application/json")
	w, err := in.client.Do(r)
	if err != nil {
		in.t.Error(err)
		return 0, nil
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		in.t.Error(err)
	}
	_ = json.Unmarshal(text, &answer) // Not all answers have a body.
	return w.StatusCode, answer
}

// put writes a resource.
func (in *installation) put(path string, properties map[string]any) {
	in.t.Helper()
	if status, answer := in.ask(http.MethodPut, path, map[string]any{"properties": properties}); status >= 300 || status == 0 {
		in.t.Fatalf("PUT %s: %d %v", path, status, answer)
	}
}

// post calls an action.
func (in *installation) post(path string, body any) map[string]any {
	in.t.Helper()
	status, answer := in.ask(http.MethodPost, path, body)
	if status >= 300 || status == 0 {
		in.t.Fatalf("POST %s: %d %v", path, status, answer)
	}
	return answer
}

// primary is the subscription's primary key.
func (in *installation) primary() string {
	in.t.Helper()
	key, _ := in.post("subscriptions/shop/listSecrets", nil)["primaryKey"].(string)
	return key
}

// heartbeat reports what a gateway's token is answered with.
func (in *installation) heartbeat(token string) int {
	in.t.Helper()
	beat := fmt.Sprintf(`{"instance":%q,"release":"test","health":"ok"}`, instance)
	r, err := http.NewRequestWithContext(in.t.Context(), http.MethodPost, "https://"+in.management+"/feed/v1/heartbeat", strings.NewReader(beat))
	if err != nil {
		in.t.Fatal(err)
	}
	r.Header.Set("Authorization", "GatewayKey "+token)
	r.Header.Set("Sallyport-Instance", instance)
	r.Header.Set("Sallyport-Release", "test")
	w, err := in.client.Do(r)
	if err != nil {
		in.t.Fatal(err)
	}
	_ = w.Body.Close()
	return w.StatusCode
}

// instance is that of a gateway which there is not.
const instance = "0123456789abcdef0123456789abcdef"
