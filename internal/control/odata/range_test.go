package odata

import (
	"testing"
	"time"
)

func TestFilterRange(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC) }
	tests := []struct {
		name, filter string
		want         Range
		echo, orders bool // whether what remains matches these APIs
		refused      bool
	}{
		{"both ends", "timestamp ge datetime'2026-01-01T01:00:00' and timestamp le datetime'2026-01-01T02:00:00'", Range{at(1), at(2)}, true, true, false},
		{"open ends", "timestamp gt datetime'2026-01-01T01:00:00' and timestamp lt datetime'2026-01-01T02:00:00'",
			Range{at(1).Add(1), at(2).Add(-1)}, true, true, false},
		{"one moment", "timestamp eq datetime'2026-01-01T01:00:00'", Range{at(1), at(1)}, true, true, false},
		{"a string", "timestamp ge '2026-01-01T01:00:00Z'", Range{From: at(1)}, true, true, false},
		{"the rest stays", "(timestamp ge datetime'2026-01-01T01:00:00' and apiId eq 'echo') and timestamp le datetime'2026-01-01T02:00:00'",
			Range{at(1), at(2)}, true, false, false},
		{"the narrowest counts", "timestamp ge datetime'2026-01-01T01:00:00' and timestamp ge datetime'2026-01-01T02:00:00'", Range{From: at(2)}, true, true, false},
		{"no time", "apiId eq '/apis/echo' or apiId eq 'orders'", Range{}, true, true, false},
		{"either time", "timestamp ge datetime'2026-01-01T01:00:00' or apiId eq 'echo'", Range{}, false, false, true},
		{"not a time", "not (timestamp ge datetime'2026-01-01T01:00:00')", Range{}, false, false, true},
		{"no such comparison", "timestamp ne datetime'2026-01-01T01:00:00'", Range{}, false, false, true},
		{"with a number", "timestamp ge 5", Range{}, false, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse(tt.filter, Of("ReportsClientListByAPI"))
			if err != nil {
				t.Fatal(err)
			}
			got, rest, err := f.Range("timestamp")
			if (err != nil) != tt.refused {
				t.Fatalf("the error is %v", err)
			}
			if err != nil {
				return
			}
			if !got.From.Equal(tt.want.From) || !got.To.Equal(tt.want.To) {
				t.Errorf("the range is %v, want %v", got, tt.want)
			}
			for api, want := range map[string]bool{"echo": tt.echo, "orders": tt.orders} {
				if rest.Match(map[string]any{"apiId": "/apis/" + api}) != want {
					t.Errorf("%s: matches %v", api, !want)
				}
			}
		})
	}
}
