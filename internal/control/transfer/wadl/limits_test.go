package wadl

import (
	"strings"
	"testing"
)

// TestLimits covers small documents that would become large ones.
func TestLimits(t *testing.T) {
	const head = `<application xmlns="http://wadl.dev.java.net/2009/02">`
	tests := []struct{ name, in, want string }{
		{"types that double", head + `<resources><resource path="a" type="#t #t"/></resources><resource_type id="t"><resource path="b" type="#t #t"/></resource_type></application>`, "limit Max"},
		{"a large method, many times", head + `<resources>` + strings.Repeat(`<resource path="a"><method href="#m"/></resource>`, 4000) +
			`</resources><method id="m"><request>` + strings.Repeat(`<param name="p" style="header"/>`, 2000) + `</request></method></application>`, "limit MaxParts"},
		{"many methods", head + `<resources>` + strings.Repeat(`<resource path="a"><method name="GET"/></resource>`, 10) + strings.Repeat(`<method id="x"/>`, 10) +
			`<resource path="b">` + methods(MaxOperations+1) + `</resource></resources></application>`, "limit MaxOperations"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, problems := Read("apis/a", []byte(tt.in), Options{})
			if !problems.HasErrors() || !strings.Contains(problems.String(), tt.want) || len(in.Operations) > MaxOperations+1 {
				t.Errorf("%d operations, %v", len(in.Operations), problems)
			}
		})
	}
}

// methods makes methods of different names.
func methods(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`<method name="M` + strings.Repeat("A", i%70) + string(rune('A'+i/70%26)) + string(rune('A'+i/70/26)) + `"/>`)
	}
	return b.String()
}
