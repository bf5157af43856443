package js

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sallyport/sallyport/test/sdk/go/serve"
)

func TestJavaScript(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node is not installed")
		}
		t.Skip("SKIPPED: node is not installed (Debian: apt-get install nodejs npm)")
	}
	dir, err := filepath.Abs("../../js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("installing the SDK: %v\n%s", err, out)
		}
	}
	in := serve.Start(t)
	command := exec.CommandContext(t.Context(), node, "--test", "management.test.js")
	command.Dir = dir
	command.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+in.Authority, "SALLYPORT_MANAGEMENT="+in.Management,
		"SALLYPORT_SUBSCRIPTION="+in.Subscription, "SALLYPORT_GROUP="+in.Group, "SALLYPORT_SERVICE="+in.Service, "SALLYPORT_TOKEN="+in.Token)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out[max(0, len(out)-400):])
}
