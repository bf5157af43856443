package services_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/control/resources/services"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// keep keeps a trace of a gateway.
func keep(t *testing.T, s *resourcestest.Server, service, gateway, id string) {
	t.Helper()
	err := s.Plane.Environment().Traces.Take(t.Context(), service, gateway, &feed.Trace{ID: id, Sections: map[string][]feed.TraceEntry{
		"inbound": {{Source: gateway, Elapsed: "00:00:00.1000000", Data: json.RawMessage(`{"a":1}`)}}}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestListTrace answers what a gateway recorded, and nothing for what it did not,
// or what is another gateway's or another service's.
func TestListTrace(t *testing.T) {
	s := resourcestest.New(t, nil)
	keep(t, s, resourcestest.Service, "managed", "known")
	keep(t, s, resourcestest.Service, "Own", "its")
	keep(t, s, strings.Replace(resourcestest.Service, "apimService1", "other", 1), "managed", "elsewhere")
	s.Do("PUT", "gateways/own", `{"properties": {"locationData": {"name": "here"}}}`)
	empty := map[string]any{"inbound": []any{}, "outbound": []any{}}
	of := func(gateway string) map[string]any {
		return map[string]any{"outbound": []any{}, "inbound": []any{map[string]any{
			"source": gateway, "timestamp": "0001-01-01T00:00:00Z", "elapsed": "00:00:00.1000000", "data": map[string]any{"a": 1.0}}}}
	}
	tests := []struct {
		name, gateway, id string
		want              any
	}{
		{"known", "managed", "known", of("managed")},
		{"of a gateway resource", "own", "its", of("Own")},
		{"unknown", "managed", "x", empty},
		{"no id", "managed", "../known", empty},
		{"of another gateway", "own", "known", empty},
		{"of another gateway, the other way", "managed", "its", empty},
		{"of another service", "managed", "elsewhere", empty},
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

// debugKeys are the keys of debug tokens of a gateway.
func debugKeys(t *testing.T, s *resourcestest.Server, gateway string) (keys []string) {
	t.Helper()
	err := s.Plane.Read(context.Background(), &resource.Call{Principal: "test"}, func(session *resource.Session) (err error) {
		keys, err = services.DebugKeys(session, resource.ID(resourcestest.Service), gateway)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestDebugKeys derives the keys of debug tokens from those of the gateway: they
// are others for each gateway and key, change with the key and with
// invalidateDebugCredentials, and are no keys of gateway tokens.
func TestDebugKeys(t *testing.T) {
	for _, gateway := range []string{"managed", "own"} {
		t.Run(gateway, func(t *testing.T) {
			s := resourcestest.New(t, nil)
			s.Do("PUT", "gateways/own", `{"properties": {"locationData": {"name": "here"}}}`)
			if keys := debugKeys(t, s, "managed"); len(keys) != 0 {
				t.Errorf("a managed gateway that never had a key has %d", len(keys))
			}
			_, _, signing := s.Do("POST", "gateways/"+gateway+"/listKeys", "")
			before := debugKeys(t, s, gateway)
			if len(before) != 2 || before[0] == before[1] || slices.Contains(before, signing["primary"].(string)) {
				t.Fatalf("%d keys, or they are those of the gateway", len(before))
			}
			s.Do("POST", "gateways/managed/listKeys", "")
			if other := debugKeys(t, s, map[string]string{"managed": "own", "own": "managed"}[gateway]); slices.Contains(other, before[0]) {
				t.Error("two gateways have one key")
			}
			s.Must("POST", "gateways/"+gateway+"/regenerateKey", `{"keyType":"primary"}`, 204)
			after := debugKeys(t, s, gateway)
			if after[0] == before[0] || after[1] != before[1] {
				t.Error("a new primary key does not change the first key of debug tokens alone")
			}
			s.Must("POST", "gateways/"+gateway+"/invalidateDebugCredentials", "", 204)
			ended := debugKeys(t, s, gateway)
			if ended[0] == after[0] || ended[1] == after[1] {
				t.Error("invalidating leaves a key")
			}
		})
	}
}

// TestDebugCredentials gives a token for an hour at the most, and makes nothing
// where the request is wrong.
func TestDebugCredentials(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Do("PUT", "apis/echo", `{"properties":{"displayName":"e","path":"e","protocols":["https"]}}`)
	ask := func(after string) (int, string) {
		status, _, body := s.Do("POST", "gateways/managed/listDebugCredentials", `{"apiId":"/apis/echo","purposes":["tracing"]`+after+`}`)
		token, _ := body["token"].(string)
		return status, token
	}
	ends := func(d time.Duration) string { return "&ex=" + s.Clock.Now().Add(d).Format("20060102150405") + "&" }
	if status, token := ask(""); status != 200 || !strings.HasPrefix(token, "p=tracing&aid=echo"+ends(time.Hour)) {
		t.Errorf("%d, %q", status, token)
	}
	if status, token := ask(`,"credentialsExpireAfter":"PT5M"`); status != 200 || !strings.Contains(token, ends(5*time.Minute)) {
		t.Errorf("%d, %q", status, token)
	}
	if status, _ := ask(`,"credentialsExpireAfter":"PT61M"`); status != 400 {
		t.Errorf("a token for more than an hour is answered with %d", status)
	}
}

// TestDebugCredentials_Workspaces gives tokens that say which of the APIs with one
// name they are for, and none for what is no API.
func TestDebugCredentials_Workspaces(t *testing.T) {
	s := resourcestest.New(t, nil)
	api := `{"properties":{"displayName":"Orders","path":"orders%s","protocols":["https"]}}`
	s.Put("apis/orders", strings.Replace(api, "%s", "", 1))
	for _, workspace := range []string{"sales", "ops"} {
		s.Put("workspaces/"+workspace, `{"properties":{"displayName":"W"}}`)
		s.Put("workspaces/"+workspace+"/apis/orders", strings.Replace(api, "%s", "-"+workspace, 1))
	}
	s.Put("products/orders", `{"properties":{"displayName":"Orders"}}`)
	tests := []struct{ name, id, want string }{
		{"of the service", "/apis/orders", "orders"},
		{"of a workspace", "/workspaces/sales/apis/orders", "sales:orders"},
		{"by a full id", resourcestest.Service + "/workspaces/ops/apis/orders", "ops:orders"},
		{"a product", "/products/orders", ""},
		{"an API that is not there", "/workspaces/sales/apis/x", ""},
		{"a workspace", "/workspaces/sales", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, _, body := s.Do("POST", "gateways/managed/listDebugCredentials", `{"apiId":"`+test.id+`","purposes":["tracing"]}`)
			token, _ := body["token"].(string)
			_, got, _ := strings.Cut(token, "&aid=")
			got, _, _ = strings.Cut(got, "&ex=")
			if got != test.want || (status == 200) != (test.want != "") {
				t.Errorf("%d, for %q, want %q", status, got, test.want)
			}
		})
	}
}
