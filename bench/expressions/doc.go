// Package expressions measures policy expressions beside the nearest equivalents in expr-lang/expr and
// google/cel-go, in one run and with allocations. It is a module of its own, so that the gateway does not depend on
// either. `make bench` runs it; it has no assertions on time.
package expressions
