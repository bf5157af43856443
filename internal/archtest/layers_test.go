package archtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testModule is the module of the packages that these tests make up.
const testModule = "example.org/gate"

// made builds a package that imports others of the made-up module.
func made(name string, imports ...string) listedPackage {
	p := listedPackage{ImportPath: testModule + "/internal/" + name, Name: lastPart(name)}
	for _, target := range imports {
		if target != "net/http" && target != "net/http/httptest" {
			target = testModule + "/internal/" + target
		}
		p.Imports = append(p.Imports, target)
	}
	p.Deps = p.Imports
	return p
}

func lastPart(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}

func TestLayers(t *testing.T) {
	module, packages := listPackages(t)
	report(t, checkLayers(module, layers, packages))
	report(t, checkPlanes(module, packages))
	report(t, checkHTTP(module, httpPackages, packages))
	report(t, checkNames(module, packages))
}

func TestCheckLayers(t *testing.T) {
	tests := []struct {
		name string
		pkg  listedPackage
		want []string
	}{
		{"allowed", made("policies", "policy", "expr/check", "message"), nil},
		{"own folder", made("gateway/serve", "gateway/match"), nil},
		{"below a sealed row", made("counter", "counter/memory"), []string{
			`counter imports counter/memory: the row "counter" allows only problem, clock`,
		}},
		{"an implementation", made("policies", "counter/memory"), []string{
			`policies imports counter/memory: the row "policies" allows only policy/..., expr/..., model, message, counter, cache, problem, clock`,
		}},
		{"the longest row counts", made("snapshot/route", "policy"), []string{
			`snapshot/route imports policy: the row "snapshot/route" allows only problem, model`,
		}},
		{"a folder that only begins alike", made("policyx"), []string{
			"policyx: has no row in the import table (rule_layers_test.go): add one that says what it may import",
		}},
		{"test support", made("cmd/sallyport", "counter/countertest"), []string{
			"cmd/sallyport imports counter/countertest: that package is for tests only",
		}},
		{"the planes meet here", made("cmd/sallyport", "gateway/serve", "control/transfer"), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := checkLayers(testModule, layers, []listedPackage{test.pkg})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckPlanes(t *testing.T) {
	direct := made("gateway/serve", "control/transfer")
	indirect := made("gateway/follow")
	indirect.Deps = []string{testModule + "/internal/snapshot", testModule + "/internal/portal"}
	inTest := made("control/publish")
	inTest.XTestImports = []string{testModule + "/internal/gateway/serve"}
	got := checkPlanes(testModule, []listedPackage{direct, indirect, inTest, made("gateway/match", "snapshot")})
	want := []string{
		"gateway/serve reaches control/transfer: the planes meet only in cmd/sallyport",
		"gateway/follow reaches portal: the planes meet only in cmd/sallyport",
		"control/publish reaches gateway/serve: the planes meet only in cmd/sallyport",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckHTTP(t *testing.T) {
	got := checkHTTP(testModule, httpPackages, []listedPackage{
		made("gateway/listen", "net/http"),
		made("telemetry/metrics", "net/http"),
		made("gateway/serve", "net/http"),
		made("policy", "net/http/httptest"),
	})
	want := []string{
		"gateway/serve imports net/http: only the packages at the network may; the others use internal/message",
		"policy imports net/http/httptest: only the packages at the network may; the others use internal/message",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckNames(t *testing.T) {
	renamed := made("gateway/match")
	renamed.Name = "matching"
	got := checkNames(testModule, []listedPackage{made("model"), made("gateway/util"), renamed})
	want := []string{
		"gateway/util: the name says nothing about what is inside; name the package after its subject",
		"gateway/match: the package is called matching, its folder match",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
