package policytest

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sallyport/sallyport/internal/cache"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// keeper is a policy that counts calls by the header X-Key, and keeps the key
// as it is told to.
func keeper(keep func(string) string) *policy.Registry {
	seen, key := map[string]int{}, message.NameOf("X-Key")
	return policy.NewRegistry(&policy.Spec{Name: "keep", Sections: policy.AnySection, Scopes: policy.AnyScope,
		Compile: func(*policy.Compiler, *document.Element) policy.Step {
			return policy.StepFunc(func(c *policy.Call) error {
				k, _ := c.Request.Header.Get(key)
				if _, ok := seen[k]; !ok {
					k = keep(k)
				}
				seen[k]++
				c.Pending.Set(message.NameOf("X-Seen"), c.Arena.Int(int64(seen[k])))
				return nil
			})
		}})
}

const keeperFile = `-- policy.xml --
<policies><inbound><keep /></inbound></policies>
-- request --
GET /echo
X-Key: alpha
-- request 2 --
GET /echo
X-Key: alpha
`

// TestPoison shows that the golden tests see a policy that keeps a part of a
// message: its second call is not recognised.
func TestPoison(t *testing.T) {
	files := &archiveFiles{archive: txtar.Parse([]byte(keeperFile))}
	for _, tt := range []struct {
		name string
		keep func(string) string
		want string
	}{
		{"cloned", strings.Clone, "X-Seen: 2"},
		{"kept as it is", func(s string) string { return s }, "X-Seen: 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results := play(t, files, keeper(tt.keep))
			if got := results["response 2"]; !strings.Contains(got, tt.want) || results["errors"] != "" {
				t.Errorf("the second answer is %q, want %s (%s)", got, tt.want, results["errors"])
			}
		})
	}
}

// TestWatchedCache shows that an entry is missed whose content was not cloned.
func TestWatchedCache(t *testing.T) {
	for _, tt := range []struct {
		name  string
		clone bool
	}{{"cloned", true}, {"kept as it is", false}} {
		t.Run(tt.name, func(t *testing.T) {
			b, problems := newBench(t, &archiveFiles{archive: &txtar.Archive{}}, policy.NewRegistry())
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			value := b.view("text/plain")
			if tt.clone {
				value = strings.Clone(value)
			}
			b.responses.Set(t.Context(), b.view("key"), &cache.Response{Status: 200, Header: []cache.Field{{Name: "Content-Type", Value: value}}}, 1e9)
			for _, a := range b.views {
				a.Poison(poison)
			}
			if found := b.responses.problems(); (len(found) == 0) != tt.clone {
				t.Errorf("found %q", found)
			}
		})
	}
}
