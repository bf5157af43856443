package apis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
)

// declare states resources as a folder does: pairs of path and properties.
func declare(t *testing.T, s *resourcestest.Server, stated ...any) {
	t.Helper()
	err := s.Write(func(session *resource.Session) error {
		for i := 0; i+1 < len(stated); i += 2 {
			path, _ := stated[i].(string)
			properties, _ := stated[i+1].(map[string]any)
			if _, err := session.Declare(resourcestest.Service+"/"+resource.ID(path), resource.Object(properties)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeclareAnotherRevision(t *testing.T) {
	s := withRevisions(t)
	declare(t, s,
		"apis/echo", map[string]any{"displayName": "Echo", "path": "echo", "apiRevision": "2", "isCurrent": true},
		"apis/echo;rev=1", map[string]any{"displayName": "Echo", "path": "echo", "apiRevision": "1"})
	if diff := cmp.Diff([]string{"2*", "1"}, numbers(t, s, "apis/echo")); diff != "" {
		t.Error(diff)
	}
	compile(t, s)
}

// TestDeclareSwap gives two APIs and two operations the paths of each other.
func TestDeclareSwap(t *testing.T) {
	s := resourcestest.New(t, nil)
	a, b := map[string]any{"displayName": "A", "path": "a"}, map[string]any{"displayName": "B", "path": "b"}
	get := map[string]any{"displayName": "g", "method": "GET", "urlTemplate": "/g"}
	head := map[string]any{"displayName": "h", "method": "HEAD", "urlTemplate": "/h"}
	declare(t, s, "apis/a", a, "apis/b", b, "apis/a/operations/g", get, "apis/a/operations/h", head)
	declare(t, s, "apis/a", b, "apis/b", a, "apis/a/operations/g", head, "apis/a/operations/h", get)
	if at(s.Get("apis/a"), "properties.path") != "b" || at(s.Get("apis/a/operations/g"), "properties.method") != "HEAD" {
		t.Error("nothing was exchanged")
	}
	compile(t, s)
}
