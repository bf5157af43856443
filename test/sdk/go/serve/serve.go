// Package serve starts the program that is tested, as its users do: built from
// the tree, with a folder of its own, and called over HTTPS.
package serve

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Installation is a running `sallyport serve`.
type Installation struct {
	// Management is the URL of the management API, without a path, Gateway that of
	// the gateway, Authority the file with the certificate authority of the former.
	Management, Gateway, Authority string
	// Subscription, Group and Service name the service that it serves.
	Subscription, Group, Service string
	// Token is one of an administrator.
	Token string
}

// startTimeout is how long the program may take until it serves, on a machine
// that is busy with other tests.
const startTimeout = 2 * time.Minute

// binaryVariable is the environment variable with the program that Main built,
// for the tests of this process and of those that it starts.
const binaryVariable = "SALLYPORT_SDK_BINARY"

// Main builds the program once for all tests of a package, runs them, and removes
// it. It is what a TestMain calls.
func Main(m *testing.M) int {
	if os.Getenv(binaryVariable) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "sallyport-sdk-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(dir)
	if err == nil {
		err = os.Setenv(binaryVariable, binary)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build builds the program into a folder.
func build(dir string) (string, error) {
	tree, err := root()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "sallyport")
	command := exec.Command("go", "build", "-o", binary, "./cmd/sallyport")
	command.Dir = tree
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return binary, nil
}

// root is the folder of the program's module.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "cmd", "sallyport")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("the tests are not inside the checkout")
}

// Start starts the program with an empty service, until the test ends. more are
// flags beside those that every test needs.
func Start(t *testing.T, more ...string) *Installation {
	t.Helper()
	binary := os.Getenv(binaryVariable)
	if binary == "" {
		var err error
		if binary, err = build(t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	data := t.TempDir()
	printed := run(t, binary, data, more)
	api := regexp.MustCompile(`(?m)^Management API: (https?://[^/\s]+)/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.ApiManagement/service/(\S+)$`).FindStringSubmatch(printed)
	gateway := regexp.MustCompile(`is serving (http://[^\s,]+)`).FindStringSubmatch(printed)
	if api == nil || gateway == nil {
		t.Fatalf("the program did not say where it is:\n%s", printed)
	}
	token, err := exec.CommandContext(t.Context(), binary, "token", "create", "--data", data).Output()
	if err != nil {
		t.Fatalf("making a token: %v", err)
	}
	return &Installation{
		Management: api[1], Subscription: api[2], Group: api[3], Service: api[4], Gateway: gateway[1],
		Authority: filepath.Join(data, "tls", "ca.pem"), Token: strings.TrimSpace(string(token)),
	}
}

// run starts the process and returns what it prints until it serves.
func run(t *testing.T, binary, data string, more []string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	args := append([]string{
		"serve", "--data", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
		"--management", "127.0.0.1:0", "--echo", "127.0.0.1:0", "--example=false", "--allow-private-links",
	}, more...)
	command := exec.CommandContext(ctx, binary, args...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 30 * time.Second
	var log bytes.Buffer
	command.Stderr = &log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // It was interrupted.
		if t.Failed() {
			t.Logf("the program's log ends:\n%s", tail(log.String()))
		}
	})
	return until(t, out, "Stop with")
}

// until reads what the process prints, up to a line.
func until(t *testing.T, out io.Reader, last string) string {
	t.Helper()
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(out)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	var printed strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("the program ended:\n%s", printed.String())
			}
			printed.WriteString(line + "\n")
			if strings.HasPrefix(line, last) {
				go func() {
					for range lines { // What is printed later is of no interest.
					}
				}()
				return printed.String()
			}
		case <-ctx.Done():
			t.Fatalf("the program does not serve after %s:\n%s", startTimeout, printed.String())
		}
	}
}

func tail(log string) string {
	const most = 4000
	return log[max(0, len(log)-most):]
}

// Credential gives the SDK the administrator's token.
func (i *Installation) Credential() azcore.TokenCredential { return credential(i.Token) }

type credential string

// forever is when the token ends, as the SDK is told.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// GetToken gives the token, whatever the scope is.
func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(c), ExpiresOn: forever}, nil
}

// Client calls the management API and trusts its authority.
func (i *Installation) Client(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(i.Authority)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", i.Authority)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// Options points an SDK at the installation.
func (i *Installation) Options(t *testing.T) *arm.ClientOptions {
	t.Helper()
	return &arm.ClientOptions{
		DisableRPRegistration: true,
		ClientOptions: policy.ClientOptions{
			Transport: i.Client(t),
			Retry:     policy.RetryOptions{MaxRetries: -1},
			Cloud: cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: i.Management, Audience: i.Management},
			}},
		},
	}
}
