package chaos

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/redisconn/redistest"
)

// What shared counting may cost, and how it is measured.
const (
	countingCostLimit = 1.10
	costConnections   = 4
)

// costPolicy counts each call in a rate limit and a quota, neither of which is
// ever used up, and passes it on.
const costPolicy = `<rate-limit-by-key calls="2000000000" renewal-period="60" counter-key="@(context.Request.Headers.GetValueOrDefault("X-Key", ""))" />` +
	`<quota-by-key calls="2000000000" renewal-period="3600" counter-key="@(context.Request.Headers.GetValueOrDefault("X-Key", ""))" />`

// TestSharedCountingCost compares the processor time of a request that is counted
// together with other gateways, and of one that is counted in memory: in one run,
// in turns. The control is a gateway that does not count.
func TestSharedCountingCost(t *testing.T) {
	backend := origin(t)
	gatewayWith := func(policy string, arguments ...string) *gateway {
		return start(t, options{arguments: arguments, apis: map[string]string{"pass": backend}, policies: map[string]string{"pass": policyOf(policy, "")}})
	}
	local, none := gatewayWith(costPolicy), gatewayWith("")
	shared := gatewayWith(costPolicy, "--counters", redistest.Start(t, redistest.Options{}).URL())
	for _, keys := range []int{1, 1000} {
		t.Run(strconv.Itoa(keys)+" keys", func(t *testing.T) {
			requests, rounds := size(1500, 3000), size(4, 20)
			all := []*gateway{none, local, shared}
			used := make([]time.Duration, len(all))
			for round := range rounds + 1 {
				for n, g := range all {
					before := g.preciseTime(t)
					g.load(t, requests, keys)
					if round > 0 { // The first warms up.
						used[n] += g.preciseTime(t) - before
					}
				}
			}
			per := func(n int) time.Duration { return used[n] / time.Duration(rounds*requests) }
			ratio := float64(used[2]) / float64(used[1])
			fmt.Printf("counting: %d keys: %v of processor time a request in memory, %v shared: %.3f times (%.2f); %v without\n",
				keys, per(1), per(2), ratio, countingCostLimit, per(0))
			// The short form runs beside other tests, for a moment.
			if ratio > size(1.5, countingCostLimit) {
				t.Errorf("a request that is counted together costs %.2f times one that is counted in memory", ratio)
			}
			if *long && used[0] >= used[1] {
				t.Error("control: a gateway that does not count is not told from one that does")
			}
		})
	}
}

// load sends requests over a few connections, each with one of some keys.
func (g *gateway) load(t *testing.T, requests, keys int) {
	t.Helper()
	var done sync.WaitGroup
	for worker := range costConnections {
		done.Go(func() {
			c, err := g.dial()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for n := worker; n < requests; n += costConnections {
				status, _, err := c.ask(fmt.Sprintf("GET /pass/small HTTP/1.1\r\nHost: a\r\nX-Key: key-%d\r\n\r\n", n%keys))
				if err != nil || status != http.StatusOK {
					t.Errorf("answered %d: %v", status, err)
					return
				}
			}
		})
	}
	done.Wait()
}

// preciseTime returns the processor time of the gateway's threads, to the
// nanosecond. It has more threads in the end than in the beginning at most.
func (g *gateway) preciseTime(t *testing.T) (sum time.Duration) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", g.command.Process.Pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("SKIPPED-REQUIRED: the kernel does not tell the time of threads: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // The thread has ended.
		}
		text, _, _ := strings.Cut(string(data), " ")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(n)
	}
	return sum
}
