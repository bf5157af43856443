package resource

import (
	"context"
	"fmt"

	"github.com/sallyport/sallyport/internal/problem"
)

// Queue bounds how many do one thing at once, and how many wait to. It is safe
// for use by many goroutines.
type Queue struct {
	name           string
	running, whole chan struct{}
}

// NewQueue makes a queue: running do it at once, waiting wait, and others are
// refused.
func NewQueue(name string, running, waiting int) *Queue {
	return &Queue{name: name, running: make(chan struct{}, running), whole: make(chan struct{}, running+waiting)}
}

// Enter waits for a turn, which ends with leave. The error of a full queue is a
// problem with status 503; that of a context that ends first is the context's.
func (q *Queue) Enter(ctx context.Context) (leave func(), err error) {
	if q == nil {
		return func() {}, nil
	}
	select {
	case q.whole <- struct{}{}:
	default:
		return nil, problem.New(statusUnavailable, problem.CodeUnavailable,
			"Too many requests wait for %s at this moment (%d). Try again.", q.name, cap(q.whole))
	}
	select {
	case q.running <- struct{}{}:
		return func() { <-q.running; <-q.whole }, nil
	case <-ctx.Done():
		<-q.whole
		return nil, fmt.Errorf("waiting for %s: %w", q.name, ctx.Err())
	}
}

// statusUnavailable is a status of HTTP, which this package knows by number only.
const statusUnavailable = 503
