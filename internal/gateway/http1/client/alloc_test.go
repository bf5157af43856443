package client

import (
	"bufio"
	"io"
	"net"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/message"
)

// TestAllocations makes exchanges on a connection that is kept: nothing is
// allocated, for a body neither that is at hand.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	small := []byte(smallAnswer)
	url := backend(t, func(c net.Conn, r *bufio.Reader) {
		for skipHead(r) {
			_, _ = c.Write(small)
		}
	})
	g := newRig(t, Options{Clock: clock.System()})
	buffer := make([]byte, 4<<10)
	for _, method := range []string{"GET", "POST"} {
		c := call(t, method, url+"/orders/42?expand=lines")
		c.Request.Header.Add(message.Accept, "application/json")
		c.Request.Header.Add(message.UserAgent, "test/1.0")
		c.Header = &message.Header{}
		c.Header.Add(message.Authorization, "Bearer token")
		c.Query = "code=1"
		c.Deadline = g.Client.clock.Now().Add(patience)
		if n := testing.AllocsPerRun(200, func() {
			x, err := g.Do(c)
			if err != nil {
				t.Fatal(err)
			}
			for err == nil {
				_, err = x.Read(buffer)
			}
			if err != io.EOF { //nolint:errorlint // io.Reader returns io.EOF itself.
				t.Error(err)
			}
			c.Response.Reset()
			x.Free()
		}); n >= 1 {
			t.Errorf("%s: %v allocations, want 0", method, n)
		}
	}
}
