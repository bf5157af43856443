package resource_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

func TestQueue(t *testing.T) {
	q := resource.NewQueue("tests", 1, 1)
	leave, err := q.Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := q.Enter(ctx)
		second <- err
	}()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("one that gave up: %v", err)
	}
	leave()
	var leaves []func()
	for range 1 {
		leave, err := q.Enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	done := make(chan func())
	go func() {
		leave, err := q.Enter(t.Context())
		if err != nil {
			leave = nil
		}
		done <- leave
	}()
	leaves[0]()
	if leave := <-done; leave == nil {
		t.Error("one that waited was refused")
	} else {
		leave()
	}
	var none *resource.Queue
	if leave, err := none.Enter(t.Context()); err != nil {
		t.Error(err)
	} else {
		leave()
	}
}

func TestQueue_Full(t *testing.T) {
	q := resource.NewQueue("tests", 1, 0)
	leave, err := q.Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	_, err = q.Enter(t.Context())
	if p, ok := errors.AsType[*problem.Error](err); !ok || p.Status != 503 {
		t.Errorf("a full queue: %v", err)
	}
}
