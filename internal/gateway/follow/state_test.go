package follow

import (
	"testing"

	"github.com/sallyport/sallyport/internal/model"
)

// FuzzState reads any bytes as what is kept beside a generation; what was read can
// be written and read again.
func FuzzState(f *testing.F) {
	digest := "0000000000000000000000000000000000000000000000000000000000000001"
	f.Add([]byte(`{"lineage":"l","revision":3,"digest":"` + digest + `","put":1,"delete":1,"odd":1}` + "\n" +
		`{"id":"apis/a","properties":{}}` + "\n" + `{"id":"apis/b"}` + "\n" + `{"id":"apis/c","digest":"` + digest + `"}` + "\n"))
	f.Add([]byte(`{"digest":"` + digest + `","put":-1,"delete":1}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, changes, err := decodeState(data)
		if err != nil {
			return
		}
		r.held = map[string]*heldGroup{}
		for _, g := range groupsOf(changes) {
			r.held[g.name] = &heldGroup{group: g}
		}
		again, same, err := decodeState(r.encode())
		if err != nil || again.Position != r.Position || len(same) != len(changes) || len(again.odd) != len(r.odd) {
			t.Errorf("what was read is written as %q (%v)", r.encode(), err)
		}
	})
}

func TestGroupOf(t *testing.T) {
	for _, tt := range []struct{ id, group string }{
		{"apis/Echo;rev=2/operations/get/policies/policy", "apis/echo"},
		{"apis/echo/futures/x", "apis/echo"},
		{"workspaces/W/apis/echo;rev=2", "workspaces/w/apis/echo"},
		{"workspaces/w/policies/policy", "workspaces/w"},
		{"workspaces/w", "workspaces/w"},
		{"products/p/policies/policy", "products/p"},
		{"products/p/apis/echo", "products/p/apis/echo"},
		{"policies/policy", globalGroup},
		{"gateways/edge/apis/echo", "gateways/edge/apis/echo"},
		{"subscriptions/one", "subscriptions/one"},
		{"", ""},
		{"nonsense", "nonsense"},
		{"workspaces/w/apis", "workspaces/w/apis"},
	} {
		if got := groupOf(model.ID(tt.id)); got != tt.group {
			t.Errorf("%q is of the group %q, want %q", tt.id, got, tt.group)
		}
	}
}
