package services_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// counted is a server with some usage.
func counted(t *testing.T) *resourcestest.Server {
	t.Helper()
	s := resourcestest.New(t, nil)
	s.Put("apis/echo", `{"properties":{"displayName":"Echo API","path":"echo","protocols":["https"]}}`)
	s.Put("users/ann", `{"properties":{"email":"ann@example.com","firstName":"Ann","lastName":"Lee"}}`)
	row := func(api, subscription, user string, minute time.Duration, success, failed uint64) usage.Row {
		r := usage.Row{Series: usage.Series{API: api, Operation: "get", Subscription: subscription, User: user}, Minute: s.Clock.Now().Add(minute)}
		r.Totals.Success, r.Totals.Failed, r.Totals.BytesIn, r.Totals.BytesOut = success, failed, 1, 2
		for range success + failed {
			r.Totals.Whole.Observe(1500 * time.Microsecond)
		}
		return r
	}
	p := &usage.Parcel{Version: usage.Version, Instance: "i", Boot: "b", Sequence: 1, Region: "north", Rows: []usage.Row{
		row("echo", "one", "ann", -20*time.Minute, 9, 1), row("gone", "two", "ann", -5*time.Minute, 2, 0), row("", "", "", 0, 0, 100),
	}}
	if err := s.Plane.Environment().Usage.Take(t.Context(), resourcestest.Service, "managed", p); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReportRows(t *testing.T) {
	s := counted(t)
	const day = "$filter=timestamp ge datetime'2026-01-01T00:00:00' and timestamp le datetime'2026-01-01T23:59:59'"
	tests := []struct {
		name, path string
		want       []string
	}{
		{"by API", "byApi?" + day, []string{"/apis/- - 100", "/apis/echo Echo API 10", "/apis/gone gone 2"}},
		{"the most first", "byApi?" + day + "&$orderby=callCountTotal desc&$top=1", []string{"/apis/- - 100"}},
		{"the fewest first", "byApi?" + day + "&$orderby=callCountTotal", []string{"/apis/gone gone 2", "/apis/echo Echo API 10", "/apis/- - 100"}},
		{"the second page", "byApi?" + day + "&$skip=2", []string{"/apis/gone gone 2"}},
		{"of one API", "byApi?" + day + " and apiId eq '/apis/echo'", []string{"/apis/echo Echo API 10"}},
		{"by operation", "byOperation?" + day + " and userId eq '/users/ann'",
			[]string{"/apis/echo/operations/get get 10", "/apis/gone/operations/get get 2"}},
		{"by subscription", "bySubscription?" + day + " and subscriptionId eq 'one'", []string{"/subscriptions/one one 10"}},
		{"by user", "byUser?" + day, []string{"/users/- Anonymous 100", "/users/ann Ann Lee 12"}},
		{"by product", "byProduct?" + day, []string{"/products/- - 112"}},
		{"by region of gateways", "byGeo?" + day, []string{"north - 112"}},
		{"of another region", "byApi?" + day + " and apiRegion eq 'south'", nil},
		{"by time", "byTime?" + day + "&interval=PT15M",
			[]string{"2026-01-01T08:30:00Z - 10", "2026-01-01T08:45:00Z - 2", "2026-01-01T09:00:00Z - 100"}},
		{"up to a minute", "byTime?$filter=timestamp lt datetime'2026-01-01T08:55:00'&interval=PT15M", []string{"2026-01-01T08:30:00Z - 10"}},
		{"single requests", "byRequest?" + day, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer := s.Get("reports/" + strings.ReplaceAll(tt.path, " ", "%20"))
			var got []string
			list, _ := answer["value"].([]any)
			for _, v := range list {
				row, _ := v.(map[string]any)
				got = append(got, fmt.Sprintf("%v %v %v", about(row), orDash(row["name"]), row["callCountTotal"]))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, path := range []string{
		"byTime?" + day, "byTime?" + day + "&interval=PT10S", "byTime?" + day + "&interval=x", "byApi?" + day + " or apiId eq 'echo'",
		"byApi?" + day + "&$orderby=name sideways",
	} {
		s.Must("GET", "reports/"+strings.ReplaceAll(path, " ", "%20"), nil, http.StatusBadRequest)
	}
}

// about is what a row is about.
func about(row map[string]any) any {
	for _, field := range []string{"operationId", "subscriptionId", "apiId", "productId", "userId", "apiRegion", "timestamp"} {
		if v, ok := row[field]; ok {
			return v
		}
	}
	return nil
}

func orDash(v any) any {
	if v == nil || v == "" {
		return "-"
	}
	return v
}

// TestReportsTellWorkspacesApart counts calls of APIs, products and subscriptions that are called the same in the
// service and in two workspaces: each has its own row and its own figures, and none is named by the id of another.
func TestReportsTellWorkspacesApart(t *testing.T) {
	s := resourcestest.New(t, nil)
	for i, place := range []string{"", "workspaces/sales/", "workspaces/support/"} {
		name := []string{"Service", "Sales", "Support"}[i]
		if place != "" {
			s.Put(strings.TrimSuffix(place, "/"), fmt.Sprintf(`{"properties":{"displayName":%q}}`, name))
		}
		s.Put(place+"apis/orders", fmt.Sprintf(`{"properties":{"displayName":"Orders of %s","path":"orders%d","protocols":["https"]}}`, name, i))
		s.Put(place+"apis/orders/operations/get",
			fmt.Sprintf(`{"properties":{"displayName":"Get of %s","method":"GET","urlTemplate":"/"}}`, name))
		s.Put(place+"products/gold", fmt.Sprintf(`{"properties":{"displayName":"Gold of %s"}}`, name))
	}
	row := func(workspace string, calls uint64) usage.Row {
		of := func(name string) string { return workspace + name }
		r := usage.Row{Minute: s.Clock.Now().Add(-time.Minute), Series: usage.Series{
			API: of("orders"), Operation: "get", Product: of("gold"), Subscription: of("mine"), User: "ann",
		}}
		r.Totals.Success = calls
		return r
	}
	p := &usage.Parcel{Version: usage.Version, Instance: "i", Boot: "b", Sequence: 1, Rows: []usage.Row{
		row("", 1), row("sales:", 2), row("support:", 4),
	}}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	if err := s.Plane.Environment().Usage.Take(t.Context(), resourcestest.Service, "managed", p); err != nil {
		t.Fatal(err)
	}
	const all = "$filter=timestamp ge datetime'2026-01-01T00:00:00'"
	for path, want := range map[string][]string{
		"byApi?" + all: {"/apis/orders Orders of Service 1", "/workspaces/sales/apis/orders Orders of Sales 2",
			"/workspaces/support/apis/orders Orders of Support 4"},
		"byApi?" + all + " and apiId eq '/apis/orders'":                          {"/apis/orders Orders of Service 1"},
		"byApi?" + all + " and apiId eq 'orders'":                                {"/apis/orders Orders of Service 1"},
		"byApi?" + all + " and apiId eq '/workspaces/sales/apis/orders'":         {"/workspaces/sales/apis/orders Orders of Sales 2"},
		"byApi?" + all + " and apiId eq 'workspaces/Sales/apis/orders'":          {"/workspaces/sales/apis/orders Orders of Sales 2"},
		"byApi?" + all + " and subscriptionId eq '/subscriptions/mine'":          {"/apis/orders Orders of Service 1"},
		"byApi?" + all + " and productId eq '/workspaces/support/products/gold'": {"/workspaces/support/apis/orders Orders of Support 4"},
		"byOperation?" + all + " and apiId eq '/workspaces/sales/apis/orders'": {
			"/workspaces/sales/apis/orders/operations/get Get of Sales 2"},
		"byProduct?" + all: {"/products/gold Gold of Service 1", "/workspaces/sales/products/gold Gold of Sales 2",
			"/workspaces/support/products/gold Gold of Support 4"},
		"bySubscription?" + all + " and subscriptionId eq '/workspaces/sales/subscriptions/mine'": {
			"/workspaces/sales/subscriptions/mine sales:mine 2"},
	} {
		var got []string
		list, _ := s.Get("reports/" + strings.ReplaceAll(path, " ", "%20"))["value"].([]any)
		for _, v := range list {
			row, _ := v.(map[string]any)
			got = append(got, fmt.Sprintf("%v %v %v", about(row), orDash(row["name"]), row["callCountTotal"]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestReportFields(t *testing.T) {
	s := counted(t)
	answer := s.Get("reports/byApi?$filter=apiId%20eq%20'echo'")
	list, _ := answer["value"].([]any)
	if len(list) != 1 {
		t.Fatalf("the rows are %v", list)
	}
	want := map[string]any{
		"name": "Echo API", "apiId": "/apis/echo", "callCountSuccess": 9.0, "callCountBlocked": 0.0, "callCountFailed": 1.0, "callCountOther": 0.0,
		"callCountTotal": 10.0, "bandwidth": 3.0, "cacheHitCount": 0.0, "cacheMissCount": 0.0,
		"apiTimeAvg": 1.5, "apiTimeMin": 1.5, "apiTimeMax": 1.5, "serviceTimeAvg": 0.0, "serviceTimeMin": 0.0, "serviceTimeMax": 0.0,
		"sallyportApiTimeP95": 1.5, "sallyportServiceTimeP95": 0.0, "sallyportBytesIn": 1.0, "sallyportBytesOut": 2.0,
	}
	if diff := cmp.Diff(want, list[0]); diff != "" {
		t.Error(diff)
	}
}
