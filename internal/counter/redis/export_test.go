package redis

import "github.com/sallyport/sallyport/internal/clock"

// TellTime makes the scripts of a store tell the time by a clock, so that a test
// can move it.
func (o *Options) TellTime(c clock.Clock) {
	o.testTime = func() int64 { return c.Now().UnixMicro() }
}
