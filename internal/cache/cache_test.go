package cache_test

import (
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/cache"
)

func TestSizeCountsEveryPart(t *testing.T) {
	empty := (&cache.Response{}).Size()
	full := (&cache.Response{
		Status: 200, Reason: "OK", Header: []cache.Field{{Name: "A", Value: "bc"}}, Body: make([]byte, 1000),
	}).Size()
	if least := empty + 2 + 3 + 1000; full < least || full > least+100 {
		t.Errorf("Size = %d, want %d and a little", full, least)
	}
	if got := (cache.Value{Type: "System.String", Data: make([]byte, 1000)}).Size(); got < 1013 || got > 1100 {
		t.Errorf("Size = %d, want 1013 and a little", got)
	}
}

func TestNoneHoldsNothing(t *testing.T) {
	var c cache.Values = cache.None[cache.Value]{}
	c.Set(t.Context(), "k", cache.Value{}, time.Hour)
	if _, ok := c.Get(t.Context(), "k"); ok {
		t.Error("None found an entry")
	}
	if err := c.Delete(t.Context(), "k"); err != nil {
		t.Error(err)
	}
}
