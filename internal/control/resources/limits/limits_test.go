package limits_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/limits"
	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

// limited is a limit as it is answered.
type limited struct {
	Kind          string    `json:"kind"`
	API           string    `json:"api"`
	Operation     string    `json:"operation"`
	CountedBy     string    `json:"countedBy"`
	Key           string    `json:"key"`
	Calls         int64     `json:"calls"`
	Bandwidth     int64     `json:"bandwidth"`
	RenewalPeriod int64     `json:"renewalPeriod"`
	UsedCalls     int64     `json:"usedCalls"`
	UsedKilobytes float64   `json:"usedKilobytes"`
	Known         bool      `json:"known"`
	Conditional   bool      `json:"conditional"`
	Partly        bool      `json:"partly"`
	CallsVary     bool      `json:"callsVary"`
	PeriodVaries  bool      `json:"periodVaries"`
	Split         bool      `json:"split"`
	Start         time.Time `json:"start"`
	End           time.Time `json:"end"`
}

func (l limited) String() string {
	text := fmt.Sprintf("%s %d/%dkB in %ds of %q %q by %s", l.Kind, l.Calls, l.Bandwidth, l.RenewalPeriod, l.API, l.Operation, l.CountedBy+l.Key)
	for _, flag := range []struct {
		text string
		set  bool
	}{{"conditional", l.Conditional}, {"partly", l.Partly}, {"calls vary", l.CallsVary}, {"period varies", l.PeriodVaries}, {"split", l.Split}} {
		if flag.set {
			text += ", " + flag.text
		}
	}
	if l.Known {
		text += fmt.Sprintf(": %d, %gkB", l.UsedCalls, l.UsedKilobytes)
	}
	if !l.End.IsZero() {
		text += " until " + l.End.Format("15:04:05")
	}
	return text
}

func read(t *testing.T, s *resourcestest.Server, subscription string) (got []string, raw string, truncated bool) {
	t.Helper()
	status, _, body := s.Raw("GET", "subscriptions/"+subscription+"/sallyportLimits", nil)
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	var answer struct {
		Value     []limited `json:"value"`
		Truncated bool      `json:"truncated"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	for _, l := range answer.Value {
		got = append(got, l.String())
	}
	return got, string(body), answer.Truncated
}

func policyOf(inbound string) map[string]any {
	return map[string]any{"properties": map[string]any{"format": "rawxml", "value": "<policies><inbound><base />" + inbound + "</inbound></policies>"}}
}

// service has a product with two APIs of three, and limits in every place.
func service(t *testing.T, counters counter.Inspector) *resourcestest.Server {
	t.Helper()
	s := resourcestest.NewWith(t, resourcestest.Options{Counters: counters})
	s.Put("users/ann", `{"properties": {"email": "ann@example.com", "firstName": "Ann", "lastName": "Lee"}}`)
	s.Put("products/starter", `{"properties": {"displayName": "Starter"}}`)
	for _, api := range []string{"echo", "orders", "hidden"} {
		s.Put("apis/"+api, `{"properties": {"displayName": "The `+api+` API", "path": "`+api+`", "protocols": ["https"]}}`)
		s.Put("apis/"+api+"/operations/list", `{"properties": {"displayName": "List all", "method": "GET", "urlTemplate": "/list"}}`)
	}
	s.Put("products/starter/apis/echo", "")
	s.Put("products/starter/apis/orders", "")
	s.Put("namedValues/plain", `{"properties": {"displayName": "plain", "value": "30"}}`)
	s.Put("namedValues/hush", `{"properties": {"displayName": "hush", "value": "31", "secret": true}}`)
	s.Put("policyFragments/throttle", map[string]any{"properties": map[string]any{"format": "rawxml",
		"value": `<fragment><rate-limit-by-key calls="4" renewal-period="10" counter-key="@(context.Subscription.Id)" /></fragment>`}})
	s.Put("policies/policy", map[string]any{"properties": map[string]any{"format": "rawxml", "value": `<policies><inbound>
		<quota-by-key calls="900" renewal-period="3600" counter-key="@(context.User.Id + "-all")" />
		<rate-limit-by-key calls="1" renewal-period="1" counter-key="@(context.Request.IpAddress)" /></inbound></policies>`}})
	s.Put("products/starter/policies/policy", policyOf(`<quota calls="100" bandwidth="40" renewal-period="3600" />
		<rate-limit calls="{{plain}}" renewal-period="60"><api name="The echo API" calls="2" renewal-period="60"><operation id="list" calls="1" renewal-period="60" /></api>
			<api name="The hidden API" calls="77" renewal-period="60" /></rate-limit>
		<choose><when condition="@(context.Request.Headers.ContainsKey("X-Batch"))"><include-fragment fragment-id="throttle" /></when></choose>`))
	s.Put("apis/echo/policies/policy", policyOf(`<rate-limit calls="7" renewal-period="30" />
		<rate-limit-by-key calls="6" renewal-period="40" counter-key="@(context.Subscription.Key)" increment-condition="@(context.Response.StatusCode == 200)" />`))
	s.Put("apis/orders/operations/list/policies/policy", policyOf(
		`<quota-by-key calls="@(context.Product.Id == "starter" ? 5 : 6)" renewal-period="300" counter-key="@(context.Subscription.Id + context.Variables["tenant"])" />`+
			`<rate-limit-by-key calls="3" renewal-period="20" counter-key="@(context.Subscription.Id + "-" + context.Api.Id)" />`+
			`<rate-limit-by-key calls="{{hush}}" renewal-period="20" counter-key="@(context.Subscription.Id)" />`))
	s.Put("apis/hidden/policies/policy", policyOf(`<rate-limit calls="88" renewal-period="60" />`))
	s.Put("subscriptions/mine", `{"properties": {"displayName": "mine", "scope": "/products/starter", "state": "active", "ownerId": "/users/ann", "primaryKey": "primary-of-mine", "secondaryKey": "secondary-of-mine"}}`)
	s.Put("subscriptions/one", `{"properties": {"displayName": "one", "scope": "/apis/orders", "state": "active"}}`)
	s.Put("subscriptions/all", `{"properties": {"displayName": "all", "scope": "/apis", "state": "active"}}`)
	return s
}

// TestOf tells what policies state wherever they stand, and what gateways have
// counted of it.
func TestOf(t *testing.T) {
	counters := memory.New(memory.Options{})
	s := service(t, counters)
	hour := counter.QuotaLimit{Calls: 100, Bytes: counter.Unlimited, Period: time.Hour}
	counters.Quota("quota/products/starter", counter.Sharing{}).Add("subscriptions/mine", hour, counter.Usage{Calls: 7, Bytes: 512})
	counters.Rate("rate-limit/product/products/starter/policies/policy/api/The echo API", counter.Sharing{}).
		Add("subscriptions/mine", counter.RateLimit{Calls: 2, Period: time.Minute}, 1)
	counters.Rate("rate-limit/api/apis/echo", counter.Sharing{}).Add("subscriptions/mine", counter.RateLimit{Calls: 7, Period: 30 * time.Second}, 3)
	counters.Rate("rate-limit-by-key", counter.Sharing{}).Add("mine", counter.RateLimit{Calls: 4, Period: 10 * time.Second}, 2)
	counters.Rate("rate-limit-by-key", counter.Sharing{}).Add("secondary-of-mine", counter.RateLimit{Calls: 6, Period: 40 * time.Second}, 5)
	counters.Rate("rate-limit-by-key", counter.Sharing{}).Add("mine-orders", counter.RateLimit{Calls: 3, Period: 20 * time.Second}, 1)

	got, raw, truncated := read(t, s, "mine")
	for i, text := range got {
		if strings.HasPrefix(text, "quota 100/") { // Counted by the clock of the counters, not of the test.
			got[i], _, _ = strings.Cut(text, " until ")
		}
	}
	want := []string{
		`quota 100/40kB in 3600s of "" "" by subscription: 7, 0.5kB`,
		`rateLimit 30/0kB in 60s of "" "" by subscription: 0, 0kB`,
		`rateLimit 2/0kB in 60s of "echo" "" by subscription: 1, 0kB`,
		`rateLimit 1/0kB in 60s of "echo" "list" by subscription: 0, 0kB`,
		`rateLimit 4/0kB in 10s of "" "" by subscription, conditional: 2, 0kB`,
		`quota 900/0kB in 3600s of "" "" by user: 0, 0kB until 10:00:00`,
		`rateLimit 7/0kB in 30s of "echo" "" by subscription: 3, 0kB`,
		`rateLimit 6/0kB in 40s of "echo" "" by keyprimary, partly: 0, 0kB`,
		`rateLimit 6/0kB in 40s of "echo" "" by keysecondary, partly: 5, 0kB`,
		`quota 0/0kB in 300s of "orders" "list" by subscription, calls vary, split`,
		`rateLimit 3/0kB in 20s of "orders" "list" by subscription: 1, 0kB`,
		`rateLimit 0/0kB in 20s of "orders" "list" by subscription, calls vary: 0, 0kB`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if truncated {
		t.Error("the answer says that it is not whole")
	}
	for _, hidden := range []string{"context.", "hidden", "31", "77", "88", "primary-of-mine", "secondary-of-mine", "X-Batch", "tenant", "IpAddress"} {
		if strings.Contains(raw, hidden) {
			t.Errorf("the answer tells %q: %s", hidden, raw)
		}
	}
}

// TestOf_Scopes reads what applies to subscriptions to an API and to all APIs.
func TestOf_Scopes(t *testing.T) {
	s := service(t, nil)
	one, _, _ := read(t, s, "one")
	want := []string{
		`quota 0/0kB in 300s of "orders" "list" by subscription, calls vary, split`,
		`rateLimit 3/0kB in 20s of "orders" "list" by subscription`,
		`rateLimit 0/0kB in 20s of "orders" "list" by subscription, calls vary`,
	}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Error(diff)
	}
	all, _, _ := read(t, s, "all")
	if len(all) != 7 || strings.Contains(strings.Join(all, "\n"), "quota 100/") {
		t.Errorf("a subscription to all APIs: %q", all)
	}
}

// TestOf_Bounds says that an answer is not whole where a bound is hit.
func TestOf_Bounds(t *testing.T) {
	s := resourcestest.New(t, nil)
	s.Put("products/big", `{"properties": {"displayName": "Big"}}`)
	s.Put("subscriptions/mine", `{"properties": {"displayName": "mine", "scope": "/products/big", "state": "active"}}`)
	for n := range 2 {
		name := fmt.Sprintf("products/big/apis/a%d", n)
		s.Put(fmt.Sprintf("apis/a%d", n), fmt.Sprintf(`{"properties": {"displayName": "A%[1]d", "path": "a%[1]d", "protocols": ["https"]}}`, n))
		s.Put(name, "")
		s.Put(fmt.Sprintf("apis/a%d/policies/policy", n), policyOf(strings.Repeat(`<rate-limit-by-key calls="1" renewal-period="1" counter-key="@(context.Subscription.Id)" />`, 70)))
	}
	got, _, truncated := read(t, s, "mine")
	if len(got) != limits.MaxLimits || !truncated {
		t.Errorf("%d limits (MaxLimits is %d), not whole: %t", len(got), limits.MaxLimits, truncated)
	}
}
