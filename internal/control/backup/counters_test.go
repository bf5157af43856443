package backup

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/control/store/memory"
	"github.com/sallyport/sallyport/internal/counter"
)

// TestAnyCounters takes backups of whatever counters there may be: those of a
// server that gateways share have two windows of one quota, several scopes, keys
// that callers have chosen, and what others have put there.
func TestAnyCounters(t *testing.T) {
	one := quotas(1)[0]
	with := func(f func(*counter.Reading)) counter.Reading {
		r := one
		f(&r)
		return r
	}
	tests := []struct {
		name           string
		have, restored []counter.Reading
	}{
		{"two scopes", []counter.Reading{with(func(r *counter.Reading) { r.Scope = counter.ScopeGlobal }), one},
			[]counter.Reading{one, with(func(r *counter.Reading) { r.Scope = counter.ScopeGlobal })}},
		{"two windows", []counter.Reading{with(func(r *counter.Reading) { r.End = r.End.Add(time.Minute) }), one},
			[]counter.Reading{one, with(func(r *counter.Reading) { r.End = r.End.Add(time.Minute) })}},
		{"twice", []counter.Reading{with(func(r *counter.Reading) { r.Used.Calls = 7 }), with(func(r *counter.Reading) { r.Used.Calls = 5 })},
			[]counter.Reading{with(func(r *counter.Reading) { r.Used.Calls = 7 })}},
		{"no text", []counter.Reading{with(func(r *counter.Reading) { r.Key = "a\xff" }), with(func(r *counter.Reading) { r.Key = "a\xfe" })},
			[]counter.Reading{with(func(r *counter.Reading) { r.Key = "a\uFFFD" })}},
		{"no year", []counter.Reading{with(func(r *counter.Reading) { r.End = time.UnixMilli(1 << 62) }), one}, []counter.Reading{one}},
		{"less than a millisecond", []counter.Reading{one, with(func(r *counter.Reading) { r.Period++ })}, []counter.Reading{one}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, memory.New())
			w.fill(t, 0, 1, 0)
			w.counters.readings = tt.have
			key, opens := backupKey(t)
			base, _ := w.taken(t, key)
			if _, err := Verify(t.Context(), held(opens, base), VerifyOptions{Clock: w.clock}); err != nil {
				t.Fatal(err)
			}
			to := newWorld(t, memory.New())
			if _, err := Restore(t.Context(), held(opens, base), to.target(), RestoreOptions{By: somebody}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.restored, to.counters.readings); diff != "" {
				t.Error(diff)
			}
		})
	}
}
