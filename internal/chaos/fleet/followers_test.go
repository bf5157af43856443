package fleet

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	countermemory "github.com/sallyport/sallyport/internal/counter/memory"
	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/gateway/follow/remote"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policies"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// follower is a gateway of this process: all of it but its listeners.
type follower struct {
	client   *remote.Client
	follower *follow.Follower
	stop     context.CancelFunc
	done     chan struct{}
	end      sync.Once
}

// startFollowers starts gateways that follow a management plane; saw is told of
// each named value revision that one of them serves.
func startFollowers(t *testing.T, url, token string, count int, random func() float64, saw func(gateway, n int)) []*follower {
	t.Helper()
	compiler, err := expr.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	services := &policy.Services{Clock: clock.System(), Log: log, Counters: countermemory.New(countermemory.Options{Clock: clock.System()}), Concurrency: policy.NewConcurrency()}
	settings := &snapshot.Settings{Policies: policies.WithUnserved(), Expressions: compiler, Services: services, MixedText: true}
	list := make([]*follower, count)
	for i := range list {
		f := &follower{done: make(chan struct{})}
		use := func(s *snapshot.Snapshot) {
			if v, ok := s.Resource("namedValues/revision").(*model.NamedValue); ok {
				if n, err := strconv.Atoi(v.Value); err == nil {
					saw(i, n)
				}
			}
		}
		f.follower = follow.New(follow.Options{Settings: settings, Use: use, Log: log, Clock: clock.System()})
		f.client, err = remote.New(remote.Options{
			URLs: []string{url}, Token: func() (string, error) { return token, nil }, Instance: fmt.Sprintf("i-%d", i), Release: "test",
			Target: f.follower, Random: random, Clock: clock.System(), Log: log,
		})
		if err != nil {
			t.Fatal(err)
		}
		var ctx context.Context
		ctx, f.stop = context.WithCancel(context.Background())
		go func() {
			defer close(f.done)
			f.client.Run(ctx)
		}()
		list[i] = f
		t.Cleanup(func() { f.close(t) })
	}
	return list
}

func (f *follower) close(t *testing.T) {
	t.Helper()
	f.end.Do(func() {
		f.stop()
		<-f.done
		if err := f.follower.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// random is that of production.
var random = rand.Float64
