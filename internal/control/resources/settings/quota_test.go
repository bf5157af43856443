package settings_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/control/resources/resourcestest"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/memory"
)

func TestQuotasOutOfReach(t *testing.T) {
	s := resourcestest.New(t, nil)
	update := `{"properties": {"callsCount": 0, "kbTransferred": 2.5}}`
	at(t, s.Get("quotas/ba"), "value", []any{})
	at(t, s.Must(http.MethodPatch, "quotas/ba", update, http.StatusOK), "value", []any{})
	at(t, s.Get("quotas/ba/periods/0_P3Y"), "periodKey", "0_P3Y")
	at(t, s.Must(http.MethodPatch, "quotas/ba/periods/0_P3Y", update, http.StatusOK), "value.callsCount", 0.0)
	s.Must(http.MethodPatch, "quotas/ba", `{"properties": {"callsCount": "many"}}`, http.StatusBadRequest)
	if remark, _ := s.Get("quotas/ba")["sallyportRemark"].(string); remark == "" {
		t.Error("nothing says that the counters are elsewhere")
	}
}

func TestQuotas(t *testing.T) {
	counters := memory.New(memory.Options{})
	s := resourcestest.NewWith(t, resourcestest.Options{Counters: counters})
	week := counter.QuotaLimit{Calls: 100, Bytes: 1 << 20, Period: 7*24*time.Hour + 90*time.Minute}
	q := counters.Quota("quota-by-key", counter.Sharing{})
	q.Take("ba", week, counter.Usage{Calls: 5, Bytes: 2645})
	q.Take("ba", counter.QuotaLimit{Calls: 9, Bytes: 9}, counter.Usage{Calls: 1})
	q.Take("other", week, counter.Usage{Calls: 7})
	counters.Quota("quota/products/starter", counter.Sharing{}).Take("ba", week, counter.Usage{Calls: 7})

	const weekly = "quotas/ba/periods/0_P7DT1H30M"
	list := s.Get("quotas/ba")
	at(t, list, "count", 2.0)
	at(t, item(t, list, 0), "periodKey", "0_P0D")
	at(t, item(t, list, 1), "periodKey", "0_P7DT1H30M")
	at(t, item(t, list, 1), "counterKey", "ba")
	one := s.Get(weekly)
	at(t, one, "value.callsCount", 5.0)
	at(t, one, "value.kbTransferred", 2.5830078125)
	if start, end := when(t, one, "periodStartTime"), when(t, one, "periodEndTime"); end.Sub(start) != week.Period {
		t.Errorf("the period is from %v to %v, want %v", start, end, week.Period)
	}
	at(t, s.Get("quotas/none"), "value", []any{})
	s.Must(http.MethodGet, "quotas/ba/periods/0_P1D", "", http.StatusNotFound)

	set := s.Must(http.MethodPatch, weekly, `{"properties": {"callsCount": 100}}`, http.StatusOK)
	at(t, set, "value.callsCount", 100.0)
	at(t, set, "value.kbTransferred", 2.5830078125)
	if q.Take("ba", week, counter.Usage{Calls: 1}).Allowed() {
		t.Error("a call is allowed beyond what the quota was set to")
	}
	reset := s.Must(http.MethodPatch, "quotas/ba", `{"properties": {"callsCount": 0, "kbTransferred": 0}}`, http.StatusOK)
	at(t, item(t, reset, 1), "value.callsCount", 0.0)
	if d := q.Peek("ba", week, counter.Usage{}); d.Remaining.Calls != 100 || d.Remaining.Bytes != 1<<20 {
		t.Errorf("after a reset %+v is left", d.Remaining)
	}
}

// when reads a time of an answer.
func when(t *testing.T, body map[string]any, field string) time.Time {
	t.Helper()
	text, _ := body[field].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// item returns one of the items of a list.
func item(t *testing.T, list map[string]any, n int) map[string]any {
	t.Helper()
	items, _ := list["value"].([]any)
	if n >= len(items) {
		t.Fatalf("%d items, want more than %d", len(items), n)
	}
	one, _ := items[n].(map[string]any)
	return one
}
