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

func TestGatewayOf(t *testing.T) {
	host := func(name string, isDefault bool) client.Hostname {
		return client.Hostname{Type: "Proxy", HostName: name, Default: isDefault}
	}
	tests := []struct {
		name  string
		hosts []client.Hostname
		want  string
	}{
		{"no host names", nil, "http://127.0.0.1:8080"},
		{"its own", []client.Hostname{host("127.0.0.1:8080", true)}, "http://127.0.0.1:8080"},
		{"another one by default", []client.Hostname{host("127.0.0.1:8080", false), host("api.contoso.com", true)}, "https://api.contoso.com"},
		{"another one beside", []client.Hostname{host("127.0.0.1:8080", true), host("api.contoso.com", false)}, "http://127.0.0.1:8080"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := gatewayOf(client.Service{GatewayURL: "http://127.0.0.1:8080/", HostnameConfigurations: test.hosts})
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
