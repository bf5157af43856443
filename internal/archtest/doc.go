// Package archtest holds the architecture's rules as tests: which package may
// import which, how large a file, a function or a package may grow, and what
// each policy, fuzz target and promise must come with. It has no code of its
// own to import.
//
// Each rule is a function over plain data, and each has a test that shows it
// failing on input that breaks it. docs/architecture.md says why the rules are
// as they are; CONTRIBUTING.md lists them.
package archtest
