package catalogue_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/catalogue/cataloguetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	guest      = catalogue.Reader{Groups: []string{"guests"}}
	developer  = catalogue.Reader{Groups: []string{"developers"}}
	partner    = catalogue.Reader{Groups: []string{"developers", "Partners"}}
	nobody     = catalogue.Reader{}
	admin      = catalogue.Reader{Groups: []string{"administrators"}, Admin: true}
	allReaders = map[string]catalogue.Reader{
		"guest": guest, "developer": developer, "partner": partner, "nobody": nobody, "admin": admin,
	}
)

// follow follows a service until the test ends.
func follow(tb testing.TB, s *cataloguetest.Service) *catalogue.Catalogue {
	tb.Helper()
	return followWith(tb, s, clock.System())
}

func followWith(tb testing.TB, s *cataloguetest.Service, c clock.Clock) *catalogue.Catalogue {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	got, err := catalogue.Follow(ctx, catalogue.Options{
		Client: s.Client(tb), Clock: c, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)),
	})
	tb.Cleanup(func() {
		cancel()
		<-got.Done()
	})
	if err != nil {
		tb.Log(err)
	}
	return got
}

// await waits until an index has the service's revision.
func await(tb testing.TB, s *cataloguetest.Service, c *catalogue.Catalogue) *catalogue.Index {
	tb.Helper()
	want := s.Revision()
	for range 1000 {
		if x := c.Current(); x.Revision() >= want {
			return x
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatalf("the catalogue is at %d and not at %d: %v", c.Current().Revision(), want, c.Status())
	return nil
}

func example(tb testing.TB) *catalogue.Index {
	tb.Helper()
	s := cataloguetest.New()
	cataloguetest.Example(s)
	return follow(tb, s).Current()
}
