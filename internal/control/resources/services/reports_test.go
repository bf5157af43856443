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
