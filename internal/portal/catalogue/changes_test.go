package catalogue

import (
	"fmt"
	"testing"

	"github.com/sallyport/sallyport/internal/client"
)

func TestPlanReadsManyChangesAtOnce(t *testing.T) {
	changes := func(n int, path string) client.Changes {
		c := client.Changes{Complete: true}
		for i := range n {
			c.Changed = append(c.Changed, fmt.Sprintf(path, i))
		}
		return c
	}
	tests := []struct {
		name        string
		changes     client.Changes
		whole, tags bool
	}{
		{"few APIs", changes(maxChangedAPIs, "apis/a%d"), false, false},
		{"many APIs", changes(maxChangedAPIs+1, "apis/a%d"), true, false},
		{"many operations of one API", changes(maxChangedAPIs+1, "apis/a/operations/o%d"), false, false},
		{"few tags", changes(maxChangedTags, "apis/a%d/tags/t"), false, false},
		{"many tags", changes(maxChangedTags+1, "apis/a%d/tags/t"), false, true},
		{"links of a tag", changes(100, "tags/t/apiLinks/%d"), false, false},
		{"incomplete", client.Changes{}, true, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := planFor(test.changes, records{})
			if p.whole != test.whole || p.tags != test.tags {
				t.Errorf("whole %t, want %t; tags %t, want %t", p.whole, test.whole, p.tags, test.tags)
			}
		})
	}
}
