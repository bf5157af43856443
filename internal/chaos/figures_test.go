package chaos

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// figures are what a gateway holds.
type figures struct {
	goroutines, descriptors, objects, heap, resident float64
}

// figures reads them.
func (g *gateway) figures(t *testing.T) figures {
	t.Helper()
	m := g.metrics(t)
	return figures{
		goroutines: m["go_goroutines"], descriptors: m["process_open_fds"], objects: m["go_memstats_heap_objects"],
		heap: m["go_memstats_heap_alloc_bytes"], resident: m["process_resident_memory_bytes"],
	}
}

// metric reads one metric.
func (g *gateway) metric(t *testing.T, name string) float64 {
	t.Helper()
	return g.metrics(t)[name]
}

// metrics reads all that have no labels.
func (g *gateway) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + g.admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			all[name] = number
		}
	}
	return all
}

func (f figures) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f descriptors, %.0f objects, %.1f MiB on the heap, %.1f MiB resident",
		f.goroutines, f.descriptors, f.objects, f.heap/(1<<20), f.resident/(1<<20))
}

// resident returns the gateway's resident memory in bytes.
func (g *gateway) resident() int64 { return g.status("VmRSS:") }

// peak returns the most that its resident memory has been since forgetPeak.
func (g *gateway) peak() int64 { return g.status("VmHWM:") }

// forgetPeak begins to look for the peak anew.
func (g *gateway) forgetPeak(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", g.command.Process.Pid), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// status reads a line of the process's status, in bytes.
func (g *gateway) status(name string) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", g.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), name)
	n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64) // The kernel writes numbers.
	return n << 10
}

// processorTime returns what the gateway has used.
func (g *gateway) processorTime(t *testing.T) time.Duration {
	t.Helper()
	return processorTime(t, g.command.Process.Pid)
}

// processorTime returns what a process has used.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.ParseInt(fields[11], 10, 64) // The kernel writes numbers.
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * (time.Second / 100)
}

// delays are those of calls.
type delays []time.Duration

// at returns a percentile.
func (d delays) at(percent float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(math.Ceil(float64(len(d))*percent/100)))]
}

// honest calls the gateway as everyone does, on a connection that is kept, until
// it is stopped.
type honest struct {
	stop   chan struct{}
	done   sync.WaitGroup
	delays delays
	failed int
	last   error
}

const honestRequest = "GET /pass/small HTTP/1.1\r\nHost: a\r\n\r\n"

// honestPause is between two calls.
const honestPause = 2 * time.Millisecond

func (g *gateway) startHonest() *honest {
	h := &honest{stop: make(chan struct{})}
	h.done.Go(func() {
		var c *client
		for {
			select {
			case <-h.stop:
				if c != nil {
					_ = c.Close()
				}
				return
			case <-time.After(honestPause):
			}
			begin := time.Now()
			var err error
			if c, err = g.callHonestly(c); err != nil {
				h.failed++
				h.last = err
				continue
			}
			h.delays = append(h.delays, time.Since(begin))
		}
	})
	return h
}

// callHonestly calls on a connection, or on a new one where there is none.
func (g *gateway) callHonestly(c *client) (*client, error) {
	if c == nil {
		var err error
		if c, err = g.dial(); err != nil {
			return nil, err
		}
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	status, _, err := c.ask(honestRequest)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("answered %d", status)
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// end stops the calls.
func (h *honest) end() {
	close(h.stop)
	h.done.Wait()
}

// during runs something and returns the delays of honest calls meanwhile. The
// test fails where one of them does.
func (g *gateway) during(t *testing.T, run func()) delays {
	t.Helper()
	h := g.startHonest()
	run()
	h.end()
	if h.failed > 0 {
		t.Errorf("%d of %d honest calls failed: %v", h.failed, h.failed+len(h.delays), h.last)
	}
	return h.delays
}

// baseline returns the delays of honest calls when there is nothing else.
func (g *gateway) baseline(t *testing.T) delays {
	t.Helper()
	return g.during(t, func() { pause(size(700*time.Millisecond, 5*time.Second)) })
}

// noise is below what a percentile says more about the machine that the test
// runs on than about the gateway.
const noise = 20 * time.Millisecond

// notSlower fails where the 99th percentile of calls has grown more than so many
// times. The short forms run beside other tests: there it says how busy the
// machine is, and is only shown.
func notSlower(t *testing.T, before, during delays, times float64) {
	t.Helper()
	if b, d := before.at(99), during.at(99); *long && d > max(noise, time.Duration(times*float64(b))) {
		t.Errorf("the 99th percentile of honest calls was %v, and %v before: more than %.1f times", d, b, times)
	}
}

// discard reads to the end, in large pieces.
func discard(r io.Reader) (total int64, err error) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := r.Read(buffer)
		total += int64(n)
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
