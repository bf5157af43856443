package usage

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page/pagetest"
)

func TestUsage(t *testing.T) {
	tests := []struct {
		name, path string
		want       []string
	}{
		{"at first", "/usage", []string{"<h1>Usage</h1>", "Shop front", "Batch (suspended)", "24 hours", "By API", "Payments", "412 calls", "begins anew on"}},
		{"an hour by operation", "/usage?range=hour&by=operation", []string{"12:34", "By operation", "api-1"}},
		{"a week of one subscription", "/usage?range=week&subscription=one", []string{"Used over time", `data-limit="1000"`}},
		{"90 days", "/usage?range=quarter&by=subscription", []string{"10 Mar 2026", "11 Dec 2025"}},
		{"what is not known is as at first", "/usage?range=eon&by=%3Cscript%3E", []string{"24 hours", "By API"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			a := b.Get(tt.path)
			if a.Status != http.StatusOK {
				t.Fatalf("the status is %d: %s", a.Status, a.Body)
			}
			for _, want := range tt.want {
				if !strings.Contains(a.Body, want) {
					t.Errorf("%q is not on the page", want)
				}
			}
			for _, filter := range b.asked() {
				if !strings.Contains(filter, "userId eq '/users/ann'") {
					t.Errorf("a report was not narrowed to the visitor: %s", filter)
				}
			}
		})
	}
}

// TestUsageIsTheVisitors asks for what is somebody else's.
func TestUsageIsTheVisitors(t *testing.T) {
	b := newBench(t)
	b.management.Set("subscriptions/theirs", map[string]any{"displayName": "Theirs", "ownerId": "/users/bob"})
	for _, path := range []string{
		"/usage?subscription=theirs", "/usage/export?subscription=theirs", "/usage?subscription=nobodys", "/usage?subscription=one%27%20or%20%271%27%20eq%20%271",
		"/usage?subscription=../one", "/usage?subscription=ONE%00",
	} {
		if a := b.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if asked := b.asked(); len(asked) > 0 {
		t.Errorf("reports were asked for: %q", asked)
	}
	for _, path := range []string{"/admin/usage", "/admin/usage/export"} {
		if a := b.Get(path); a.Status == http.StatusOK {
			t.Errorf("%s shows a developer the whole service", path)
		}
		if a := b.As(pagetest.Guest).Get(strings.TrimPrefix(path, "/admin")); a.Status != http.StatusSeeOther {
			t.Errorf("%s shows a guest something: %d", path, a.Status)
		}
		b.As(pagetest.Developer)
	}
	fmt.Println("usage: another's subscription, and one that is not there, are 404 alike; every report is narrowed to the visitor (limit: no other)")
}

func TestAdminUsage(t *testing.T) {
	b := newBench(t)
	b.As(pagetest.Admin)
	for _, path := range []string{"/admin/usage", "/admin/usage?by=user&range=month", "/admin/usage?by=region", "/admin/usage?subscription=any"} {
		a := b.Get(path)
		if a.Status != http.StatusOK || !strings.Contains(a.Body, "Subscriptions with the most calls") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	for _, filter := range b.asked() {
		if strings.Contains(filter, "userId") {
			t.Errorf("the report of the service is narrowed to a user: %s", filter)
		}
	}
}

func TestExport(t *testing.T) {
	tests := []struct {
		name, path string
		first      []string
		rows       int
		cell       string // of the last row
	}{
		{"by time", "/usage/export?table=time&range=hour", []string{"start"}, 61, "2026-03-10T12:34:00Z"},
		{"by API", "/usage/export?table=breakdown", []string{"api", "id"}, 5, `'=HYPERLINK("http://evil.example")`},
		{"of one subscription", "/usage/export?subscription=one&by=operation", []string{"operation", "id"}, 5, `'=HYPERLINK("http://evil.example")`},
		{"of the service", "/admin/usage/export?by=user", []string{"user", "id"}, 5, `'=HYPERLINK("http://evil.example")`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.As(pagetest.Admin)
			b.management.Set("users/1/subscriptions/one", map[string]any{"displayName": "Mine"})
			a := b.Get(tt.path)
			if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment;") {
				t.Fatalf("%d %v %s", a.Status, a.Header, a.Body)
			}
			if !strings.Contains(a.Body, "\r\n") || strings.Contains(strings.ReplaceAll(a.Body, "\r\n", ""), "\n") {
				t.Error("lines do not end as RFC 4180 says")
			}
			rows, err := csv.NewReader(strings.NewReader(a.Body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append(tt.first, columns()...), rows[0]); diff != "" {
				t.Error(diff)
			}
			if len(rows) != tt.rows || rows[len(rows)-1][0] != tt.cell {
				t.Errorf("%d rows, the last is %q", len(rows), rows[len(rows)-1])
			}
		})
	}
}

// TestUsageEscapes has names that are markup.
func TestUsageEscapes(t *testing.T) {
	b := newBench(t)
	b.hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	b.management.Set("users/ann/subscriptions/three", map[string]any{"displayName": b.hostile})
	for _, path := range []string{"/usage?by=api", "/usage?by=operation", "/usage?by=subscription&subscription=three"} {
		if a := b.Get(path); a.Status != http.StatusOK || strings.Contains(a.Body, "<script>alert") || strings.Contains(a.Body, "<img src=x") {
			t.Errorf("%s: a name is not escaped", path)
		}
	}
}

func TestUsageWhileAway(t *testing.T) {
	b := newBench(t)
	b.management.Away(true)
	if a := b.Get("/usage"); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
}

func TestHarmless(t *testing.T) {
	tests := []struct{ name, cell, want string }{
		{"a name", "Orders", "Orders"},
		{"a formula", "=1+1", "'=1+1"},
		{"behind spaces", "  =1+1", "'  =1+1"},
		{"a sum", "+1", "'+1"},
		{"a difference", "-1", "'-1"},
		{"a function", "@SUM(A1)", "'@SUM(A1)"},
		{"a tab", "\t=1", "'\t=1"},
		{"a pipe", "|cmd", "'|cmd"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := harmless(tt.cell); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"microseconds", milliseconds(0.436), "0.44 ms"}, {"milliseconds", milliseconds(4.36), "4.4 ms"}, {"many", milliseconds(436), "436 ms"},
		{"seconds", milliseconds(1436), "1.4 s"}, {"many seconds", milliseconds(61_000), "61 s"},
		{"bytes", bytes(999), "999 B"}, {"kilobytes", bytes(1400), "1.4 kB"}, {"few calls", count(999), "999"}, {"many calls", count(1234567), "1\u202f234\u202f567"}, {"petabytes", bytes(2e15), "2.0 PB"},
		{"no share", percent(0, 0), "0 %"}, {"a share", percent(1, 250), "0.4 %"},
		{"nothing was called", figures{}.MeanText(), "–"}, {"something was", figures{client.ReportRow{Total: 1, P95: 3}}.P95Text(), "3.0 ms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}
