package fleet

import (
	"fmt"
	"testing"
	"time"
)

// paths are those of the APIs that answer with their names.
var paths = []string{"/one", "/two", "/three"}

// named makes the APIs of paths.
func (c *control) named(t *testing.T) {
	t.Helper()
	for _, path := range paths {
		c.answers(t, path[1:], path[1:])
	}
}

// r1Slack is by which part the 99th percentile may grow, in the long form; noise
// is below what it says more about the machine than about the gateway.
const (
	r1Slack = 1.1
	noise   = 10 * time.Millisecond
)

// TestR1_ManagementPlaneKilled kills the management plane under load.
func TestR1_ManagementPlaneKilled(t *testing.T) {
	c := startControl(t)
	c.named(t)
	g := startGateway(t, c)
	g.until(t, "/three", "three")
	span := size(2*time.Second, 60*time.Second)
	before := during(g.address, paths, is, func() { time.Sleep(span) })
	after := during(g.address, paths, is, func() {
		time.Sleep(span / 10)
		c.kill()
		time.Sleep(span)
	})
	before.none(t)
	after.none(t)
	b, a := at(before.delays, 99), at(after.delays, 99)
	if *long && a > max(noise, time.Duration(r1Slack*float64(b))) {
		t.Errorf("the 99th percentile is %s, and was %s before: more than %.1f times", a, b, r1Slack)
	}
	fmt.Printf("R1: %d of %d calls failed after kill -9 of the management plane (0), p99 %s, before %s\n", after.failed, after.calls, a, b)
}

// TestR1_ManagementPlaneKilled_NegativeControl kills a management plane that has
// its gateway in the same process.
func TestR1_ManagementPlaneKilled_NegativeControl(t *testing.T) {
	address := freeAddress(t)
	c := &control{dir: t.TempDir(), address: freeAddress(t), role: "all", more: []string{"--listen", address}}
	c.start(t)
	c.token = command(t, "token", "create", "--data", c.dir)
	c.named(t)
	after := during(address, paths, is, func() {
		time.Sleep(200 * time.Millisecond)
		c.kill()
		time.Sleep(500 * time.Millisecond)
	})
	if after.failed == 0 || after.failed == after.calls {
		t.Errorf("%d of %d calls failed without a gateway of its own", after.failed, after.calls)
	}
}
