package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestReport reads a report of three pages.
func TestReport(t *testing.T) {
	var asked []string
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("$filter")+" "+q.Get("interval")+" "+q.Get("$top"))
		skip, _ := strconv.Atoi(q.Get("$skip")) // The first page has none.
		page := map[string]any{"value": []map[string]any{{
			"apiId": fmt.Sprint("/apis/", skip), "callCountTotal": 3, "callCountFailed": 2, "callCountBlocked": 1, "apiTimeAvg": 1.5,
		}}}
		if skip < 2 {
			q.Set("$skip", fmt.Sprint(skip+1))
			page["nextLink"] = server.URL + r.URL.Path + "?" + q.Encode()
		}
		if err := json.NewEncoder(w).Encode(page); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c, err := New(Options{BaseURL: server.URL, Service: "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/x", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rows, err := Report(t.Context(), c, "byTime", ReportQuery{From: from, To: from.Add(time.Hour), Interval: "PT15M", User: "o'neil", API: "echo"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprint(r.APIID, " ", r.Total, " ", r.Errors(), " ", r.Mean))
	}
	if diff := cmp.Diff([]string{"/apis/0 3 3 1.5", "/apis/1 3 3 1.5", "/apis/2 3 3 1.5"}, got); diff != "" {
		t.Error(diff)
	}
	want := "timestamp ge datetime'2026-01-01T00:00:00' and timestamp lt datetime'2026-01-01T01:00:00' and userId eq '/users/o''neil' " +
		"and apiId eq '/apis/echo' PT15M 1000"
	if len(asked) != 3 || asked[0] != want {
		t.Errorf("asked %q", asked)
	}
	if rows, err = Report(t.Context(), c, "byApi", ReportQuery{From: from, To: from, Most: 2}); err != nil || len(rows) != 2 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
