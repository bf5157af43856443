package redis_test

import (
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/counter/countertest"
	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

func TestConformance(t *testing.T) {
	for _, flavour := range redistest.Flavours() {
		for _, s := range servers {
			t.Run(string(flavour)+"/"+s.name, func(t *testing.T) {
				url := s.start(t, redistest.Options{Flavour: flavour})
				countertest.Run(t, func(t *testing.T, c clock.Clock) counter.Store {
					t.Helper()

					return open(t, url, fresh(), c)
				})
			})
		}
	}
}
