package main

import (
	"fmt"
	"os"
	"path/filepath"

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

// compile compiles a bare document in the ways that it could be meant, and
// returns what is wrong in the one with the fewest problems.
func (k *checker) compile(source policy.Source) (best problem.Problems) {
	for i, value := range standIns {
		env := k.environment(value)
		for j, scope := range checkScopes {
			_, found := policy.CompileAny(env, source, scope)
			if !found.HasErrors() {
				return found
			}
			if (i == 0 && j == 0) || len(found) < len(best) {
				best = found
			}
		}
	}
	return best
}

// environment is what a bare document is compiled against.
func (k *checker) environment(value string) *policy.Environment {
	return &policy.Environment{
		Policies: policies.All(), Expressions: k.compiler,
		NamedValue: func(string) (string, bool) { return value, true },
		Fragment: func(string) (policy.Source, bool) {
			return policy.Source{Text: []byte("<fragment />")}, true
		},
	}
}
