package author

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
)

// brokenAtTheirSource are public documents that use only policies that are
// served, and are wrong all the same.
var brokenAtTheirSource = map[string]string{
	"5609b0d86b8af9f7.xml": "a Terraform template before it was filled in",
	"5e65b2ee0110869e.xml": "a piece of a program that writes documents",
	"a0f7603ac4f27d50.xml": "a template with {retry_count} before it was filled in",
	"bf2fe0c520a5bd74.xml": "a template with {jwt_signing_key} before it was filled in",
	"e914581017dc593e.xml": "a template with {jwt_signing_key} before it was filled in",
	"c9e1b888f8e2e2e3.xml": "a validate-jwt without any attribute",
}

// sharedDocuments is the folder of public policy documents beside the checkout.
func sharedDocuments(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "policy-documents")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("../shared is not beside the checkout: %v", err)
		}
		t.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	return dir
}

// TestPublicPolicyDocuments checks real documents: each is read, and those that
// use only policies that are served compile.
func TestPublicPolicyDocuments(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(sharedDocuments(t), "*.xml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no documents: %v", err)
	}
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	unserved, compiled := 0, 0
	for _, path := range paths {
		var out bytes.Buffer
		k := &checker{out: &out, compiler: compiler}
		if err := k.path(path); err != nil {
			t.Errorf("%s cannot be read: %v", path, err)
			continue
		}
		name := filepath.Base(path)
		switch reason, broken := brokenAtTheirSource[name]; {
		case usesUnserved(out.String()):
			unserved++
		case broken && k.failed == 0:
			t.Errorf("%s compiles, and is listed as broken (%s)", name, reason)
		case k.failed > 0 && !broken:
			t.Errorf("%s does not compile:\n%s", name, out.String())
		default:
			compiled++
		}
	}
	fmt.Printf("public policy documents: %d read, %d use policies that are not served yet, %d of the others compile or are broken at their source (%d)\n",
		len(paths), unserved, compiled, len(brokenAtTheirSource))
}

// later matches what is said of a document because of a policy, a template or a
// type that comes with a later release.
var later = regexp.MustCompile(`there is no policy of this name|Liquid templates are not served yet`)

func usesUnserved(report string) bool {
	return later.MatchString(report) && !strings.Contains(report, "the compiler itself failed")
}
