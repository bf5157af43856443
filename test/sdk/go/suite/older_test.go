package suite

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOlderVersions runs the lifecycles with the SDKs of two older versions of
// the API: the same source, with another import path.
func TestOlderVersions(t *testing.T) {
	const module = "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement"
	source, err := os.ReadFile("lifecycle_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"v1.1.1": module, "v2.1.0": module + "/v2"} {
		t.Run(name, func(t *testing.T) {
			older := strings.Replace(string(source), `"`+module+`/v3"`, `"`+path+`"`, 1)
			if older == string(source) {
				t.Fatal("the lifecycles do not import the SDK any more")
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "lifecycle_test.go")
			if err := os.WriteFile(file, []byte(older), 0o600); err != nil {
				t.Fatal(err)
			}
			here, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			virtual := "suite_" + strings.ReplaceAll(name, ".", "_")
			overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(here, virtual, "lifecycle_test.go"): file}})
			if err != nil {
				t.Fatal(err)
			}
			list := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(list, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			binary := filepath.Join(dir, "older.test")
			build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, "./"+virtual)
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("building: %v\n%s", err, out)
			}
			out, err := exec.CommandContext(t.Context(), binary, "-test.v").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: TestLifecycles ") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
