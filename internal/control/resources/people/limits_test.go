package people_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

// TestLimits tells what the product states, and what gateways have counted.
func TestLimits(t *testing.T) {
	counters := memory.New(memory.Options{})
	for name, s := range map[string]*resourcestest.Server{
		"known": resourcestest.NewWith(t, resourcestest.Options{Counters: counters}), "unknown": resourcestest.New(t, nil),
	} {
		t.Run(name, func(t *testing.T) {
			s.Put("products/starter", `{"properties": {"displayName": "Starter"}}`)
			s.Put("products/starter/policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml",
				"value": `<policies><inbound><base /><quota calls="100" bandwidth="40" renewal-period="3600" />
					<rate-limit calls="5" renewal-period="60"><api name="echo" calls="2" renewal-period="60" /></rate-limit>
					<choose><when condition="@(true)"><quota calls="1" renewal-period="60" /></when></choose></inbound></policies>`}})
			s.Put("subscriptions/mine", `{"properties": {"displayName": "mine", "scope": "/products/starter", "state": "active"}}`)
			s.Put("subscriptions/all", `{"properties": {"displayName": "all", "scope": "/apis", "state": "active"}}`)
			counters.Quota("quota/products/starter", counter.Sharing{}).Take("subscriptions/mine",
				counter.QuotaLimit{Calls: 100, Bytes: counter.Unlimited, Period: time.Hour}, counter.Usage{Calls: 7, Bytes: 512})
			raw, err := json.Marshal(s.Get("subscriptions/mine/sallyportLimits")["value"])
			if err != nil {
				t.Fatal(err)
			}
			var got []map[string]any
			if err := json.Unmarshal(raw, &got); err != nil {
				t.Fatal(err)
			}
			known := name == "known"
			want := []map[string]any{
				{"kind": "quota", "calls": 100.0, "bandwidth": 40.0, "renewalPeriod": 3600.0, "known": known},
				{"kind": "rateLimit", "calls": 5.0, "renewalPeriod": 60.0, "known": known},
				{"kind": "rateLimit", "calls": 2.0, "renewalPeriod": 60.0, "known": known, "target": "echo"},
			}
			if known {
				for _, limit := range want {
					limit["usedCalls"], limit["usedKilobytes"] = 0.0, 0.0
				}
				want[0]["usedCalls"], want[0]["usedKilobytes"] = 7.0, 0.5
				if got[0]["start"] == nil || got[0]["end"] == nil {
					t.Errorf("the quota does not say when it begins anew: %v", got[0])
				}
				delete(got[0], "start")
				delete(got[0], "end")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if list, _ := s.Get("subscriptions/all/sallyportLimits")["value"].([]any); len(list) != 0 {
				t.Errorf("a subscription to no product has limits: %v", list)
			}
		})
	}
}
