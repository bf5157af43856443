package services_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/resources/services"
)

// TestListTrace answers what the gateway of the process recorded, and nothing for
// what it did not, or what is another gateway's.
func TestListTrace(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Plane.Environment().Trace = func(id string) (map[string]any, bool) {
		return map[string]any{"inbound": []string{"entry"}}, id == "known"
	}
	empty := map[string]any{"inbound": []any{}, "outbound": []any{}}
	s.Do("PUT", "gateways/own", `{"properties": {"locationData": {"name": "here"}}}`)
	tests := []struct {
		name, gateway, id string
		want              any
	}{
		{"known", "managed", "known", map[string]any{"inbound": []any{"entry"}}},
		{"unknown", "managed", "x", empty},
		{"of another gateway", "own", "known", empty},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, _, body := s.Do("POST", "gateways/"+test.gateway+"/listTrace", `{"traceId": "`+test.id+`"}`)
			if diff := cmp.Diff(test.want, body["traceEntries"]); status != 200 || diff != "" {
				t.Errorf("answered %d (-want +got):\n%s", status, diff)
			}
		})
	}
}

// TestDebugKeys has the key with which the credentials of the managed gateway are
// signed.
func TestDebugKeys(t *testing.T) {
	s := resourcestest.New(t, nil)
	err := s.Plane.Read(context.Background(), &resource.Call{Principal: "test"}, func(session *resource.Session) error {
		keys, err := services.DebugKeys(session, resource.ID(resourcestest.Service))
		if len(keys) != 1 || keys[0] == "" {
			t.Errorf("%d keys", len(keys))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
