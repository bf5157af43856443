package apiops

import (
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzRead reads a folder of three files of any contents, with overrides of
// any contents: nothing may panic, every error must name a file, and what has
// no error must be the same after writing and reading.
func FuzzRead(f *testing.F) {
	f.Add(`{"properties":{"path":"a"}}`, `{"properties":{"scope":"/apis/a","state":"active"}}`, "<policies />", "apis: [{name: a, properties: {path: b}}]")
	f.Add(`{"properties":{"path":"a","apiVersionSetId":"/apiVersionSets/v"}}`, `{"properties":{}}`, "", "subscriptions:\n- name: s\n  sallyport: {valueFrom: {primaryKey: {env: A}}}\n")
	f.Fuzz(func(t *testing.T, api, subscription, policy, overrides string) {
		folder := fstest.MapFS{
			"apis/a/apiInformation.json":                   {Data: []byte(api)},
			"apis/a/policy.xml":                            {Data: []byte(policy)},
			"subscriptions/s/subscriptionInformation.json": {Data: []byte(subscription)},
		}
		o := Options{Overrides: []byte(overrides), Env: func(name string) (string, bool) { return name, true }}
		c, problems := Read(folder, o)
		for _, p := range problems {
			if p.File == "" {
				t.Fatalf("no file: %v", p)
			}
		}
		if !problems.HasErrors() && !strings.Contains(overrides, "sallyport") {
			roundTrip(t, c, o)
		}
	})
}
