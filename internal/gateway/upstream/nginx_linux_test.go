package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// nginxConfig answers with the client's subject and what nginx makes of it.
const nginxConfig = `daemon off;
master_process off;
worker_processes 1;
pid %[1]s/pid;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s ssl;
		ssl_certificate %[1]s/server.pem;
		ssl_certificate_key %[1]s/server.pem;
		ssl_client_certificate %[1]s/root.pem;
		ssl_verify_client on;
		ssl_verify_depth 2;
		location / { return 200 "$ssl_client_verify $ssl_client_s_dn"; }
	}
}
`

// startNginx runs nginx, which wants client certificates of an authority, until
// the test ends, and returns its URL.
func startNginx(t *testing.T, root, server *authority) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal("nginx is not installed: make services")
			}
			t.Skip("SKIPPED: nginx is not installed (make services; Debian: apt-get install nginx)")
		}
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	key, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	for name, text := range map[string]string{
		"root.pem":   block("CERTIFICATE", root.Leaf.Raw),
		"server.pem": block("CERTIFICATE", server.Leaf.Raw) + block("PRIVATE KEY", key),
		"nginx.conf": fmt.Sprintf(nginxConfig, dir, address),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, path, "-c", filepath.Join(dir, "nginx.conf"), "-p", dir, "-e", filepath.Join(dir, "error.log"))
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // It was killed.
	})
	await(t, func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return "https://" + address
}

// TestNginxBackend shows nginx a client certificate that it wants, with its
// chain, and others that it does not. Its refusals are answers of its own: the
// handshake has succeeded.
func TestNginxBackend(t *testing.T) {
	var none *authority
	root := none.issue(t, "root", asAuthority)
	between := root.issue(t, "between", asAuthority)
	stranger := none.issue(t, "stranger", asAuthority)
	url := startNginx(t, root, root.issue(t, "server", nil))
	chained := between.issue(t, "chained", nil)
	chained.Certificate.Certificate = append(chained.Certificate.Certificate, between.Leaf.Raw)
	tests := []struct {
		name   string
		client *authority
		want   string
	}{
		{"a client certificate", root.issue(t, "client", nil), "SUCCESS CN=client"},
		{"one with its chain", chained, "SUCCESS CN=chained"},
		{"none", nil, "400 No required SSL certificate was sent"},
		{"one of another authority", stranger.issue(t, "client", nil), "400 The SSL certificate error"},
		{"one that has expired", root.issue(t, "old", func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
		}), "400 The SSL certificate error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newRig(t, Options{Clock: clock.System()})
			certificates := map[string]*tls.Certificate{}
			credentials := &model.BackendCredentials{}
			if test.client != nil {
				credentials.CertificateIDs, certificates["own"] = []string{"own"}, &test.client.Certificate
			}
			g.adopt(table([]*authority{root}), certificates)
			g.add("orders", &model.Backend{URL: url, Credentials: credentials})
			got, err := g.forward(g.to(t, "orders"), &policy.DefaultForward)
			if err != nil || !strings.Contains(got, test.want) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
