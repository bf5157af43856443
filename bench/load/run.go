package load

import (
	"errors"
	"time"
)

// Result is what a run has done.
type Result struct {
	// Requests is how many were answered, each with status 200 and the right
	// length.
	Requests int
	// Took is the time from the first request to the last answer.
	Took time.Duration
	// Delays is how long each answer took from the moment at which its request
	// was due, in the order of the answers; only Rate keeps them.
	Delays []time.Duration
}

// Saturate lets each client ask again as soon as it has its answer, for the
// given time, and waits for the last answers.
func (c *Clients) Saturate(d time.Duration) (Result, error) {
	begin := c.start(true, false)
	for one := c.next(); one != nil; one = c.next() {
		if err := one.ask(begin); err != nil {
			return Result{}, err
		}
	}
	for c.loop.clock.Since(begin) < d {
		if err := c.step(); err != nil {
			return Result{}, err
		}
	}
	return c.finish(begin)
}

// Ask lets the clients ask n times in all.
func (c *Clients) Ask(n int) (Result, error) {
	begin := c.start(false, false)
	for asked := 0; asked < n; {
		one := c.next()
		if one == nil {
			if err := c.step(); err != nil {
				return Result{}, err
			}
			continue
		}
		if err := one.ask(begin); err != nil {
			return Result{}, err
		}
		asked++
	}
	return c.finish(begin)
}

// Rate lets the clients ask at a constant rate, in requests per second, for the
// given time. A request that finds no free client is sent late, and its delay
// counts from when it was due.
func (c *Clients) Rate(perSecond float64, d time.Duration) (Result, error) {
	begin := c.start(false, true)
	total := int(perSecond * d.Seconds())
	interval := float64(time.Second) / perSecond
	for asked := 0; asked < total; {
		due := begin.Add(time.Duration(interval * float64(asked)))
		if len(c.idle) > 0 && c.loop.clock.Since(due) >= 0 {
			if err := c.next().ask(due); err != nil {
				return Result{}, err
			}
			asked++
			continue
		}
		// A wait of whole milliseconds would be too long.
		if _, err := c.loop.turn(0); err != nil {
			return Result{}, err
		}
		if c.loop.clock.Since(begin) > d+silence {
			return Result{}, errors.New("the gateway does not keep up with the rate")
		}
	}
	return c.finish(begin)
}

// start begins a run.
func (c *Clients) start(again, measured bool) time.Time {
	c.again, c.measured, c.answered, c.delays = again, measured, 0, nil
	return c.loop.clock.Now()
}

// finish waits for the answers that are not there yet.
func (c *Clients) finish(begin time.Time) (Result, error) {
	c.again = false
	for c.awaited > 0 {
		if err := c.step(); err != nil {
			return Result{}, err
		}
	}
	return Result{Requests: c.answered, Took: c.loop.clock.Since(begin), Delays: c.delays}, nil
}

// step waits for something to happen.
func (c *Clients) step() error {
	n, err := c.loop.turn(silence)
	if err == nil && n == 0 {
		err = errors.New("the gateway does not answer")
	}
	return err
}
