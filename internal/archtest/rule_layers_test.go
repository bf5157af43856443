package archtest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// everything marks a package that may import any other of ours: the places
// where the planes meet.
const everything = "*"

// supportFolders hold code that only tests may import, beside the packages
// whose name ends in "test".
var supportFolders = []string{"archtest", "chaos"}

// layers says what each package may import of ours, by its path below
// internal. The longest key that is the package or a folder above it counts,
// and "x/..." stands for x and all below it. A package may always import what
// lies in its own folder and below, but for the keys in sealed.
var layers = map[string][]string{
	"model":   {"problem"},
	"problem": {},
	"clock":   {},
	"message": {},

	"expr":        {"problem", "clock", "expr/..."},
	"expr/syntax": {"problem"},
	// The vectors run on the gateway's own messages.
	"expr/vectors": {"expr/...", "policy", "policy/trial", "message", "problem", "clock"},

	"policy":          {"expr/...", "model", "message", "problem", "counter", "cache", "clock", "policy/document"},
	"policy/document": {"problem"},
	"policy/trial":    {"policy", "expr/host", "message"},
	"policy/stated":   {"policy", "policy/document", "expr/parse", "expr/syntax"},
	"policies":        {"policy/...", "expr/...", "model", "message", "counter", "cache", "problem", "clock"},

	"snapshot":       {"model", "message", "policy/...", "expr/...", "problem", "clock", "snapshot/..."},
	"snapshot/route": {"problem", "model"},

	"counter":   {"problem", "clock"},
	"cache":     {"problem", "clock"},
	"telemetry": {"problem", "clock", "telemetry"},

	// Connections to Redis, which counters and caches share.
	"redisconn":      {"problem", "clock"},
	"counter/memory": {"problem", "clock", "counter"},
	"counter/disk":   {"problem", "clock", "counter"},
	"counter/redis":  {"problem", "clock", "counter", "counter/memory", "redisconn"},
	"cache/memory":   {"problem", "clock", "cache"},
	"cache/wire":     {"cache"},
	"cache/redis":    {"problem", "clock", "cache", "cache/wire", "redisconn"},

	// What a snapshot holds is model's, and what expressions see is host's:
	// plain data and interfaces, which a gateway fills.
	"gateway": {
		"gateway/...", "snapshot/...", "policy/...", "expr/host", "model", "message",
		"counter", "cache", "telemetry", "telemetry/usage", "problem", "clock",
	},

	"control":                {"control/...", "model/...", "snapshot/...", "policy/...", "counter", "problem", "clock", "telemetry", "telemetry/usage"},
	"control/transfer":       {"model/...", "problem", "snapshot", "policy/document", "clock"},
	"control/store":          {"model", "problem", "clock"},
	"control/contract":       {"problem"},
	"control/odata":          {"problem"},
	"control/store/memory":   {"control/store"},
	"control/store/sqlite":   {"control/store", "problem", "clock"},
	"control/store/postgres": {"control/store", "problem", "clock"},
	"control/store/replica":  {"control/store"},

	"client":  {"model", "problem", "clock"},
	"portal":  {"client", "model/...", "problem", "telemetry", "clock"},
	"console": {"client", "model", "problem", "telemetry", "clock"},
	"review":  {"client", "model", "problem", "telemetry", "clock"},
	"traffic": {"client", "model", "problem", "telemetry", "clock"},

	"examples":      {},
	"cmd/sallyport": {everything},
	"bench":         {everything},
	// Tests of the program from outside, with clients that know nothing of it.
	"test": {},
}

// sealed are the keys of layers whose package does not get the packages below
// it for nothing: interfaces that must not know those who fill them, and a
// reader that stands below its own parent.
var sealed = []string{"counter", "cache", "policy", "control/store"}

// planes may never meet, in tests neither: what is in one list may not reach,
// directly or through others, what is in the other.
var planes = [2][]string{
	{"gateway"},
	{"control", "portal", "console"},
}

// httpPackages are the packages that may import net/http and what lies below
// it. All others see requests as message.Request, so that the engine under the
// gateway can be exchanged.
var httpPackages = []string{
	"bench", "client", "cmd/sallyport", "console",
	"control/access/issuer", "control/access/oidc", "control/arm", "control/backup/place", "control/feed", "control/rest", "control/secret/vault", "control/transfer/link",
	"gateway/follow/remote", "gateway/listen", "gateway/upstream", "portal", "telemetry",
}

// emptyNames are package names that say nothing about what is inside.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "shared", "lib"}

// listedPackage is what the rules need of a package as `go list -json` tells it.
type listedPackage struct {
	ImportPath   string   `json:"ImportPath"`
	Name         string   `json:"Name"`
	Imports      []string `json:"Imports"`
	TestImports  []string `json:"TestImports"`
	XTestImports []string `json:"XTestImports"`
	Deps         []string `json:"Deps"`
}

// short is the package's path in the words of layers: below internal where it
// is there, else below the module.
func short(module, importPath string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
	return strings.TrimPrefix(rest, "internal/")
}

// under says whether pkg is folder or lies below it.
func under(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

// ours are those of the paths that belong to the module, shortened.
func ours(module string, paths []string) []string {
	var found []string
	for _, p := range paths {
		if p == module || strings.HasPrefix(p, module+"/") {
			found = append(found, short(module, p))
		}
	}
	return found
}

// rowFor is the key of layers that speaks for a package: the longest that
// holds it, or "" where none does.
func rowFor(table map[string][]string, pkg string) string {
	best := ""
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if under(pkg, key) && len(key) > len(best) {
			best = key
		}
	}
	return best
}

// allows says whether the row of the table lets pkg import target.
func allows(table map[string][]string, row, pkg, target string) bool {
	if !slices.Contains(sealed, row) && under(target, row) {
		return true
	}
	for _, entry := range table[row] {
		folder, tree := strings.CutSuffix(entry, "/...")
		switch {
		case entry == everything, target == entry, tree && under(target, folder):
			return true
		}
	}
	return pkg == target
}

// checkLayers reports each production import that the table does not name.
func checkLayers(module string, table map[string][]string, packages []listedPackage) []string {
	var found []string
	for _, p := range packages {
		name := short(module, p.ImportPath)
		if isSupport(name) {
			continue
		}
		row := rowFor(table, name)
		if row == "" {
			found = append(found, fmt.Sprintf("%s: has no row in the import table (rule_layers_test.go): add one that says what it may import", name))
			continue
		}
		for _, target := range ours(module, p.Imports) {
			if isSupport(target) {
				found = append(found, fmt.Sprintf("%s imports %s: that package is for tests only", name, target))
			} else if !allows(table, row, name, target) {
				found = append(found, fmt.Sprintf("%s imports %s: the row %q allows only %s", name, target, row, strings.Join(table[row], ", ")))
			}
		}
	}
	return found
}

// isSupport says whether a package is part of the tests: a conformance suite,
// a harness, a tool to break things with.
func isSupport(name string) bool {
	base := path.Base(name)
	return inAny(name, supportFolders) || (strings.HasSuffix(base, "test") && base != "test")
}

// checkPlanes reports each package of one plane that reaches the other, by any
// path in production and directly in tests.
func checkPlanes(module string, packages []listedPackage) []string {
	var found []string
	for _, p := range packages {
		name := short(module, p.ImportPath)
		for side, folders := range planes {
			if !inAny(name, folders) {
				continue
			}
			reached := slices.Concat(ours(module, p.Deps), ours(module, p.TestImports), ours(module, p.XTestImports))
			slices.Sort(reached)
			for _, target := range slices.Compact(reached) {
				if inAny(target, planes[1-side]) {
					found = append(found, fmt.Sprintf("%s reaches %s: the planes meet only in cmd/sallyport", name, target))
				}
			}
		}
	}
	return found
}

func inAny(pkg string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return under(pkg, f) })
}

// checkHTTP reports each production import of net/http outside the packages
// that stand at the network.
func checkHTTP(module string, allowed []string, packages []listedPackage) []string {
	var found []string
	for _, p := range packages {
		name := short(module, p.ImportPath)
		if inAny(name, allowed) || isSupport(name) {
			continue
		}
		for _, target := range p.Imports {
			if under(target, "net/http") {
				found = append(found, fmt.Sprintf("%s imports %s: only the packages at the network may; the others use internal/message", name, target))
			}
		}
	}
	return found
}

// checkNames reports packages whose name says nothing, or is not its folder's.
func checkNames(module string, packages []listedPackage) []string {
	var found []string
	for _, p := range packages {
		name := short(module, p.ImportPath)
		if slices.Contains(emptyNames, path.Base(name)) || slices.Contains(emptyNames, p.Name) {
			found = append(found, fmt.Sprintf("%s: the name says nothing about what is inside; name the package after its subject", name))
		}
		if p.Name != "main" && p.Name != path.Base(name) {
			found = append(found, fmt.Sprintf("%s: the package is called %s, its folder %s", name, p.Name, path.Base(name)))
		}
	}
	return found
}
