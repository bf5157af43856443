package chaos

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The load and the limits of R32.
const (
	largeBodies    = 50
	memoryLimit    = 256 << 20
	fileLimit      = 1024
	manyClients    = 2000
	recoveryLimit  = 5 * time.Second
	bufferedBodies = 8 << 20 // that policies hold, each below their limit
	tooLargeBody   = 32 << 20
)

// startSmall starts a gateway with little memory, and APIs that pass bodies on
// and that look into them.
func startSmall(t *testing.T, environment ...string) *gateway {
	t.Helper()
	backend := origin(t)
	return start(t, options{
		environment: environment,
		apis:        map[string]string{"pass": backend, "hold": backend},
		policies: map[string]string{"hold": policyOf(
			`<set-header name="X-Length" exists-action="override"><value>@(context.Request.Body.As<string>(preserveContent: true).Length.ToString())</value></set-header>`, "")},
	})
}

// exchange sends a body of so many bytes and reads one as long. It returns the
// status.
func (g *gateway) exchange(path string, n int64, answer int64) (int, error) {
	c, err := g.dial()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Minute))
	sent := make(chan error, 1)
	go func() {
		_, err := fmt.Fprintf(c, "POST /%s/bytes/%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", path, answer, n)
		if err == nil {
			err = sendBytes(c, n)
		}
		sent <- err
	}()
	status, got, err := c.answer()
	if err != nil {
		return 0, err
	}
	if status == http.StatusOK && got != answer {
		return status, fmt.Errorf("%d bytes came back, want %d", got, answer)
	}
	if status == http.StatusOK {
		return status, <-sent
	}
	return status, nil // The rest of the body was not wanted.
}

// sendBytes writes so many bytes.
func sendBytes(w io.Writer, n int64) error {
	piece := make([]byte, 64<<10)
	for n > 0 {
		m, err := w.Write(piece[:min(n, int64(len(piece)))])
		if err != nil {
			return err
		}
		n -= int64(m)
	}
	return nil
}

// exchanges does many at once and returns how many were answered with a status.
func (g *gateway) exchanges(t *testing.T, many int, path string, n, answer int64, want int) (good int64) {
	t.Helper()
	var all sync.WaitGroup
	var count atomic.Int64
	for range many {
		all.Go(func() {
			status, err := g.exchange(path, n, answer)
			if err != nil || status != want {
				t.Logf("answered %d (%v), want %d", status, err, want)
				return
			}
			count.Add(1)
		})
	}
	all.Wait()
	return count.Load()
}

// TestR32_LargeBodies passes 50 large bodies at once through a gateway with 256
// MiB, both ways, and sends bodies to policies that look into them.
func TestR32_LargeBodies(t *testing.T) {
	large := size[int64](64<<20, 1<<30)
	g := startSmall(t, "GOMEMLIMIT=200MiB")
	g.forgetPeak(t)
	good := g.exchanges(t, largeBodies, "pass", large, large, http.StatusOK)
	peak := g.peak()
	refused := g.exchanges(t, 10, "hold", tooLargeBody, 1, http.StatusRequestEntityTooLarge)
	healthy := g.healthy()
	g.running(t)
	fmt.Printf("R32: %d of %d exchanges of %.0f MiB each way passed (all), %.0f MiB resident at most (256), %d of 10 bodies beyond the limit of policies answered 413 (all), healthy %v (true)\n",
		good, largeBodies, mib(large), mib(peak), refused, healthy)
	if good < largeBodies || peak > memoryLimit || refused < 10 || !healthy {
		t.Error("it is not so")
	}
}

// TestR32_LargeBodies_NegativeControl has policies look into as many bodies at
// once: they are in memory then, and that is seen.
func TestR32_LargeBodies_NegativeControl(t *testing.T) {
	g := startSmall(t, "GOMEMLIMIT=200MiB")
	g.forgetPeak(t)
	g.exchanges(t, largeBodies, "hold", bufferedBodies, 1, http.StatusOK)
	if peak := g.peak(); peak <= memoryLimit {
		t.Errorf("%d bodies of %.0f MiB in memory take %.0f MiB: the test finds nothing", largeBodies, mib(bufferedBodies), mib(peak))
	}
}

// crowd connects many clients that keep their connections, and calls on each. It
// returns the connections, and how many were answered.
func (g *gateway) crowd(t *testing.T, many int) (all []*client, answered int) {
	t.Helper()
	for range many {
		c, err := g.dial()
		if err != nil {
			continue
		}
		all = append(all, c)
		if status, _, err := c.ask(honestRequest); err == nil && status == http.StatusOK {
			answered++
		}
	}
	return all, answered
}

// TestR32_FewDescriptors has 2,000 clients at a gateway that may open 1,024 files.
func TestR32_FewDescriptors(t *testing.T) {
	g := startFew(t, fileLimit)
	all, answered := g.crowd(t, manyClients)
	open := g.figures(t).descriptors
	healthy := g.healthy()
	for _, c := range all {
		_ = c.Close()
	}
	took := eventually(t, "the gateway serves again", func() bool {
		c, err := g.callHonestly(nil)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	g.running(t)
	fmt.Printf("R32: of %d clients that stay %d were served by a gateway with %d descriptors, %.0f in use (below), healthy %v (true), serving %v after they left (%v)\n",
		manyClients, answered, fileLimit, open, healthy, took.Round(time.Millisecond), recoveryLimit)
	if answered < fileLimit/2 || open >= fileLimit || !healthy || took > recoveryLimit {
		t.Error("it is not so")
	}
}

// TestR32_FewDescriptors_NegativeControl does the same where there are enough:
// all are served, so the other test has had a limit.
func TestR32_FewDescriptors_NegativeControl(t *testing.T) {
	g := startFew(t, 0)
	all, answered := g.crowd(t, manyClients)
	for _, c := range all {
		_ = c.Close()
	}
	if answered < manyClients {
		t.Errorf("%d of %d clients are served without a limit", answered, manyClients)
	}
}

func startFew(t *testing.T, files int) *gateway {
	t.Helper()
	return start(t, options{files: files, apis: map[string]string{"pass": origin(t)}})
}
