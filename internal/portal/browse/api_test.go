package browse

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
)

func TestBases(t *testing.T) {
	v2 := catalogue.Versioning{Version: "v2", VersioningScheme: "Segment"}
	header := catalogue.Versioning{Version: "v2", VersioningScheme: "Header", VersionParameter: "Api-Version"}
	tests := []struct {
		name, gateway string
		api           catalogue.API
		want          []string
	}{
		{"https", "https://api.example", catalogue.API{Path: "a/b", Protocols: []string{"https"}}, []string{"https://api.example/a/b"}},
		{"both", "https://api.example", catalogue.API{Path: "a", Protocols: []string{"http", "https"}}, []string{"https://api.example/a", "http://api.example/a"}},
		{"a port is of one protocol", "https://api.example:8443", catalogue.API{Path: "a", Protocols: []string{"http", "https"}}, []string{"https://api.example:8443/a"}},
		{"http on this machine", "http://127.0.0.1:8080", catalogue.API{Path: "a", Protocols: []string{"https"}}, []string{"http://127.0.0.1:8080/a"}},
		{"a version in the path", "https://api.example", catalogue.API{Path: "a", Protocols: []string{"https"}, Versioning: v2}, []string{"https://api.example/a/v2"}},
		{"a version elsewhere", "https://api.example", catalogue.API{Path: "a", Protocols: []string{"https"}, Versioning: header}, []string{"https://api.example/a"}},
		{"WebSocket", "https://api.example", catalogue.API{Path: "a", Protocols: []string{"wss"}}, []string{"wss://api.example/a"}},
		{"no path", "https://api.example", catalogue.API{Protocols: []string{"https"}}, []string{"https://api.example"}},
		{"no gateway", "", catalogue.API{Path: "a", Protocols: []string{"https"}}, nil},
		{"what is no protocol", "https://api.example", catalogue.API{Path: "a", Protocols: []string{"javascript"}}, []string{"https://api.example/a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, bases(test.gateway, &test.api)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
