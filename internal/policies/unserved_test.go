package policies

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/policy"
)

// TestUnserved keeps documents with policies that are not served, and runs them.
func TestUnserved(t *testing.T) {
	registry := WithUnserved()
	for _, name := range unservedNames {
		spec := registry.Lookup(name)
		if spec == nil {
			t.Errorf("%s has no stand-in", name)
			continue
		}
		if All().Lookup(name) != nil {
			t.Errorf("%s is served: take it from the list", name)
		}
		fault, ok := errors.AsType[*policy.Fault](spec.Compile(nil, nil).Run(nil))
		if !ok || fault.Reason != "PolicyNotServed" || !strings.Contains(fault.Message, name) {
			t.Errorf("%s: %v", name, fault)
		}
	}
	if registry.Lookup("set-haeder") != nil || All().Lookup("send-request") != nil {
		t.Error("a name that nobody knows, or one that is not served, is a policy")
	}
}

// TestEveryPolicyIsKnown compares with the list of API Management's policies.
func TestEveryPolicyIsKnown(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "policies.md"))
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("the list of policies is missing: %v", err)
	}
	if err != nil {
		t.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	registry := WithUnserved()
	for line := range strings.SplitSeq(string(data), "\n") {
		fields := strings.Fields(line)
		if len(fields) > 2 && fields[0] == "##" && fields[2] == "(" && registry.Lookup(fields[1]) == nil {
			t.Errorf("nothing knows the policy %s", fields[1])
		}
	}
}
