package desync

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// attackers is how many clients attack at once.
const attackers = 4

// requests returns how many mutated requests a test sends: few, unless
// DESYNC_REQUESTS says how many.
func requests(tb testing.TB, few int) int {
	tb.Helper()
	text := os.Getenv("DESYNC_REQUESTS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("DESYNC_REQUESTS: %v", err)
	}
	return n
}

// seed makes each run the same.
const seed = 65

// attack sends n mutated requests, in all ways.
func (g *rig) attack(n int) tally {
	var out tally
	var mu sync.Mutex
	var all sync.WaitGroup
	for a := range attackers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(a)))
			var mine tally
			for mine.sent < n/attackers {
				mine.add(g.several(r, a<<40|mine.sent))
			}
			mu.Lock()
			defer mu.Unlock()
			out.add(mine)
		})
	}
	all.Wait()
	return out
}

// mostOnAConnection is how many mutated requests a connection has at most.
const mostOnAConnection = 16

// several sends mutated requests on a connection until it ends, with canaries
// between them.
func (g *rig) several(r *rand.Rand, number int) tally {
	t := g.talk()
	sent := 0
	for ; sent < mostOnAConnection && !t.ended; sent++ {
		text := mutant(r)
		switch mode(r.IntN(int(modes))) {
		case pipelined:
			t.say(text + canary(number+sent))
		case keptAlive:
			t.say(text)
			t.say(canary(number + sent))
		default:
			t.say(text)
		}
	}
	out := t.hangUp()
	out.sent += sent
	return out
}

func TestS3_Mutations(t *testing.T) {
	l := &ledger{}
	g := newRig(t, l, "http://"+startRaw(t, l).address)
	begin := time.Now()
	all := g.attack(requests(t, 5000))
	took := time.Since(begin)
	fmt.Printf("S3: %+v in %.1f s, %.0f/s, %d findings (0)\n", all, took.Seconds(), float64(all.sent)/took.Seconds(), report(t, l))
}
