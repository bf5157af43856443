package author

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/problem"
)

// maxPolicyFile bounds the files that check reads, in bytes.
const maxPolicyFile = 4 << 20

// document compiles one bare document.
func (k *checker) document(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("checking policies: %w", err)
	}
	if info.Size() > maxPolicyFile {
		k.failed++
		fmt.Fprintf(k.out, "%s: the file has %d bytes, more than the %d that a document may have\n", path, info.Size(), maxPolicyFile)
		return nil
	}
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("checking policies: %w", err)
	}
	problems := k.compile(policy.Source{Text: text, File: path})
	problems.Sort()
	for _, p := range problems {
		fmt.Fprintln(k.out, p)
	}
	if problems.HasErrors() {
		k.failed++
	} else {
		k.passed++
	}
	return nil
}

// standIns are the values that an unknown named value is tried with.
var standIns = []string{"1", "true", "https://named.value.example", "word"}

// checkScopes are the scopes that a bare document is tried at.
var checkScopes = []policy.Scope{policy.ScopeAPI, policy.ScopeProduct, policy.ScopeGlobal}

// maxTriedValues bounds the named values of a document that are tried each by
// itself.
const maxTriedValues = 16

// compile compiles a bare document in the ways that it could be meant, and
// returns what is wrong in the one with the fewest problems.
func (k *checker) compile(source policy.Source) problem.Problems {
	names := &namedValues{forms: map[string]string{}}
	best := k.try(source, names, standIns[0])
	uniform := standIns[0]
	for _, value := range standIns[1:] {
		if !best.HasErrors() {
			return best
		}
		if found := k.try(source, names, value); better(found, best) {
			best, uniform = found, value
		}
	}
	// One may be a number and another a URL.
	for _, name := range names.seen {
		if !best.HasErrors() || len(names.seen) < 2 {
			break
		}
		kept := uniform
		for _, value := range standIns {
			names.forms[name] = value
			if found := k.try(source, names, uniform); better(found, best) {
				best, kept = found, value
			}
		}
		names.forms[name] = kept
	}
	return best
}

// better reports whether one way to compile a document has fewer problems.
func better(a, b problem.Problems) bool {
	return len(a) < len(b) || (b.HasErrors() && !a.HasErrors())
}

// try compiles a bare document at the scopes that it could be for; named values
// without a form of their own have the value given.
func (k *checker) try(source policy.Source, names *namedValues, value string) (best problem.Problems) {
	env := k.environment(func(name string) (string, bool) { return names.value(name, value), true })
	for i, scope := range checkScopes {
		_, found := policy.CompileAny(env, source, scope)
		if !found.HasErrors() {
			return found
		}
		if i == 0 || better(found, best) {
			best = found
		}
	}
	return best
}

// namedValues are those that a bare document refers to.
type namedValues struct {
	seen  []string          // in the order of the document
	forms map[string]string // what single ones are tried with
}

// value returns what a named value is tried with, and remembers the name.
func (n *namedValues) value(name, otherwise string) string {
	if !slices.Contains(n.seen, name) && len(n.seen) < maxTriedValues {
		n.seen = append(n.seen, name)
	}
	if form, ok := n.forms[name]; ok {
		return form
	}
	return otherwise
}

// environment is what a bare document is compiled against.
func (k *checker) environment(named func(name string) (string, bool)) *policy.Environment {
	return &policy.Environment{
		Policies: policies.All(), Expressions: k.compiler,
		NamedValue: named,
		Fragment: func(string) (policy.Source, bool) {
			return policy.Source{Text: []byte("<fragment />")}, true
		},
	}
}
