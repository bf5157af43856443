package service

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/problem"
)

// TestOutward looks at the statuses that the store's errors have: a client tries
// again after 503, and does not after 500.
func TestOutward(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int // 0 for an error that only the log tells.
	}{
		{"others were faster", store.ErrConflict, statusConflict},
		{"the database cannot be reached", store.ErrUnavailable, statusUnavailable},
		{"a commit is in doubt", errors.Join(store.ErrUncertain, store.ErrUnavailable), statusUnavailable},
		{"the store is closed", store.ErrClosed, statusUnavailable},
		{"too late", context.DeadlineExceeded, statusUnavailable},
		{"a fault of ours", errors.New("unknown"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status := 0
			if p, ok := errors.AsType[*problem.Error](outward(fmt.Errorf("writing: %w", tt.err))); ok {
				status = p.Status
			}
			if status != tt.want {
				t.Errorf("the status is %d, want %d", status, tt.want)
			}
		})
	}
}
