package fleet

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// loadRate is how many calls a second the load makes, loadClients from how many
// clients. The load is open: a call that is late does not put off the next one.
const (
	loadRate    = 300
	loadClients = 20
	// renewEvery is after how many calls a client takes a new connection.
	renewEvery = 10
)

// load calls a gateway until it is ended.
type load struct {
	stop chan struct{}
	done sync.WaitGroup

	mu     sync.Mutex
	calls  int
	failed int
	first  string // What was wrong first.
	delays []time.Duration
}

// startLoad calls paths in turn; right says whether an answer is one that may
// come.
func startLoad(address string, paths []string, right func(path string, status int, body string) bool) *load {
	l := &load{stop: make(chan struct{})}
	for n := range loadClients {
		l.done.Go(func() {
			client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			ticker := time.NewTicker(time.Second * loadClients / loadRate)
			defer ticker.Stop()
			for i := n; ; i++ {
				select {
				case <-l.stop:
					return
				case <-ticker.C:
				}
				if i%renewEvery == 0 {
					client.CloseIdleConnections()
				}
				path := paths[i%len(paths)]
				begin := time.Now()
				status, body, err := call(client, http.MethodGet, "http://"+address+path, "", "")
				l.note(path, status, body, err, err == nil && right(path, status, body), time.Since(begin))
			}
		})
	}
	return l
}

func (l *load) note(path string, status int, body string, err error, right bool, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	l.delays = append(l.delays, took)
	if !right {
		l.failed++
		if l.first == "" {
			l.first = fmt.Sprintf("%s: %d %q %v", path, status, body, err)
		}
	}
}

// end ends the calls.
func (l *load) end() {
	close(l.stop)
	l.done.Wait()
}

// during calls while something happens.
func during(address string, paths []string, right func(path string, status int, body string) bool, do func()) *load {
	l := startLoad(address, paths, right)
	do()
	l.end()
	return l
}

// at returns a percentile of durations.
func at(list []time.Duration, percent float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return list[min(len(list)-1, int(float64(len(list))*percent/100))]
}

// none fails where a call has failed.
func (l *load) none(t *testing.T) {
	t.Helper()
	if l.failed > 0 {
		t.Errorf("%d of %d calls failed; first: %s", l.failed, l.calls, l.first)
	}
}

// is wants of each path the answer that has its name.
func is(path string, status int, body string) bool {
	return status == http.StatusOK && "/"+body == path
}
