// Package vectors runs expression vectors: C# with the value, the exception or the compiler's refusal that
// real C# gave. It builds the context that a vector names, runs the vector's code in it, and compares.
package vectors

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// maxLine is the length of one vector, in bytes.
const maxLine = 4 << 20

// Vector is one line of a vector file.
type Vector struct {
	// ID names the vector, Category says what it is about.
	ID       string `json:"id"`
	Category string `json:"category"`
	// Kind is "expression" or "statements".
	Kind string `json:"kind"`
	// Code is the C#; CodeWithNames is the code before named values were replaced.
	Code string `json:"code"`
	// Context says in which context it runs.
	Context struct {
		Base  string          `json:"base"`
		Patch json.RawMessage `json:"patch"`
	} `json:"context"`
	// Expected is what real C# gave, which is what the .NET Framework gives; Net10 is what .NET 10 gives where
	// that differs.
	Expected Expected  `json:"expected"`
	Net10    *Expected `json:"net10"`
	// Confirmed says that .NET 10 gave the same; what only Mono gave may print numbers as the .NET Framework does.
	Confirmed bool `json:"confirmed_net10"`
	// Flags tell doubts: "stub-assumption", "off-allowlist", "framework-vs-core", "culture-sensitive-compare".
	Flags []string `json:"flags"`
}

// Expected is a value, an exception or a refusal.
type Expected struct {
	// Type is the C# name of the value's type, Value its encoding, Str its ToString.
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
	Str   *string         `json:"str"`
	// Enum is the full name of an enum's type.
	Enum string `json:"enum"`
	// Error is set where there is no value.
	Error *Failure `json:"error"`
}

// Failure is an exception or a refusal.
type Failure struct {
	// Phase is "runtime" or "compile".
	Phase string `json:"phase"`
	// Type is the exception's type without namespace.
	Type string `json:"type"`
	// Code, Line and Col are the compiler's.
	Code string `json:"code"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
}

// Has reports whether the vector carries a flag.
func (v *Vector) Has(flag string) bool { return slices.Contains(v.Flags, flag) }

// Read calls f with each vector of a file, one a line.
func Read(r io.Reader, f func(*Vector) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		var v Vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return fmt.Errorf("reading vector %d: %w", n, err)
		}
		if err := f(&v); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading vectors: %w", err)
	}
	return nil
}
