package listen

import (
	"context"
	"time"
)

// settleTime is how long a connection of HTTP/3 that drains is kept after its last
// request, so that the answer to that arrives.
const settleTime = time.Second

// drainQUIC ends HTTP/3 without failing anyone, as far as ctx lets it, and sends
// how many connections were closed with requests under way. New connections are
// refused, so that their clients go to TCP, or to whoever has the port next;
// those that are open get GOAWAY, and are closed when they have been without a
// request for a while.
func (s *Server) drainQUIC(ctx context.Context) <-chan int {
	left := make(chan int, 1)
	q := s.quic.Load()
	if q == nil {
		left <- 0
		return left
	}
	q.stop()
	go func() {
		<-q.accepted
		left <- q.drain(ctx)
	}()
	return left
}

// drain waits for the connections to end.
func (q *quicSide) drain(ctx context.Context) int {
	done := make(chan struct{})
	shutting, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(done)
		_ = q.http.Shutdown(shutting) // It fails where it is cut short, which is told below.
	}()
	tick := q.server.clock.NewTicker(settleTime)
	defer tick.Stop()
	left, more := 0, true
	for more {
		select {
		case <-done:
			more = false
		case <-ctx.Done():
			left, more = q.busy(), false
		case <-tick.C():
			q.closeSettled()
		}
	}
	cancel()
	<-done
	q.close()
	<-q.released
	return left
}

// busy returns how many connections have requests under way.
func (q *quicSide) busy() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for c := range q.open {
		if c.requests > 0 {
			n++
		}
	}
	return n
}

// closeSettled closes the connections whose last request ended a while ago.
func (q *quicSide) closeSettled() {
	q.mu.Lock()
	var settled []*quicConn
	for c := range q.open {
		if c.idle != nil && c.requests == 0 && q.server.clock.Since(c.since) >= settleTime {
			settled = append(settled, c)
		}
	}
	q.mu.Unlock()
	for _, c := range settled {
		c.closeIdle()
	}
}

// close ends everything at once.
func (q *quicSide) close() {
	q.stop()
	<-q.accepted
	q.once.Do(func() {
		_ = q.http.Close() // The connections are told; nobody else is.
		close(q.gone)
	})
}
