package usage

import (
	"math/bits"
	"time"
)

// Class is how a call ended, in the words of Azure API Management's reports.
type Class uint8

// The classes of calls.
const (
	// Success is every status up to 301, 304 and 307.
	Success Class = iota
	// Blocked is 401, 403 and 429.
	Blocked
	// Failed is 400, and everything from 500 on.
	Failed
	// Other is everything else, and a client that had gone before it was answered.
	Other
)

// ClassOf returns the class of a status; 0 is that of a client that has gone.
func ClassOf(status int) Class {
	switch {
	case status == 401, status == 403, status == 429:
		return Blocked
	case status == 400, status >= 500:
		return Failed
	case status > 0 && status <= 301, status == 304, status == 307:
		return Success
	}
	return Other
}

// Totals are what was counted of calls. Totals of the same calls can be added in
// any order.
type Totals struct {
	// Success, Blocked, Failed and Other are calls by their class.
	Success, Blocked, Failed, Other uint64
	// CacheHits were answered by cache-lookup; CacheMisses were looked for and not
	// found. Other calls are neither.
	CacheHits, CacheMisses uint64
	// BytesIn and BytesOut are the bytes of the bodies read from and sent to
	// clients.
	BytesIn, BytesOut uint64
	// Whole is how long calls took, from the head until the answer was sent;
	// Backend how long those of them waited for backends that called one.
	Whole, Backend Latency
}

// Calls is the number of calls.
func (t *Totals) Calls() uint64 { return t.Success + t.Blocked + t.Failed + t.Other }

// Add adds other totals.
func (t *Totals) Add(o *Totals) {
	t.Success += o.Success
	t.Blocked += o.Blocked
	t.Failed += o.Failed
	t.Other += o.Other
	t.CacheHits += o.CacheHits
	t.CacheMisses += o.CacheMisses
	t.BytesIn += o.BytesIn
	t.BytesOut += o.BytesOut
	t.Whole.Add(&o.Whole)
	t.Backend.Add(&o.Backend)
}

// Steps is the number of steps of a histogram.
const Steps = 32

// finest is the number of bits of the first bound of a histogram, 512
// microseconds. From there on each power of two has two steps.
const finest = 9

// Latency is what was counted of durations, in whole microseconds.
type Latency struct {
	Count, Sum uint64
	// Min and Max mean nothing where Count is 0.
	Min, Max uint64
	// Histogram counts durations by their step.
	Histogram [Steps]uint64
}

// Observe counts one duration.
func (l *Latency) Observe(d time.Duration) {
	v := uint64(max(0, d.Microseconds()))
	if l.Count == 0 || v < l.Min {
		l.Min = v
	}
	l.Max = max(l.Max, v)
	l.Count++
	l.Sum += v
	l.Histogram[stepOf(v)]++
}

// Add adds what was counted elsewhere.
func (l *Latency) Add(o *Latency) {
	if o.Count == 0 {
		return
	}
	if l.Count == 0 || o.Min < l.Min {
		l.Min = o.Min
	}
	l.Max = max(l.Max, o.Max)
	l.Count += o.Count
	l.Sum += o.Sum
	for i, n := range o.Histogram {
		l.Histogram[i] += n
	}
}

// stepOf is the step of a number of microseconds.
func stepOf(v uint64) int {
	n := bits.Len64(v)
	if n <= finest {
		return 0
	}
	half := int(v >> (n - 2) & 1) // Whether it is in the upper half of its power of two.
	return min(1+2*(n-finest-1)+half, Steps-1)
}

// stepFrom is the least number of microseconds of a step.
func stepFrom(i int) uint64 {
	if i == 0 {
		return 0
	}
	power := uint64(1) << (finest + (i-1)/2)
	return power + power/2*uint64((i-1)%2)
}

// Mean is the average in microseconds; 0 of nothing.
func (l *Latency) Mean() float64 {
	if l.Count == 0 {
		return 0
	}
	return float64(l.Sum) / float64(l.Count)
}

// Quantile is the number of microseconds that a share of the durations, such as
// 0.95, did not exceed, as far as the steps of the histogram tell; 0 of nothing.
func (l *Latency) Quantile(share float64) float64 {
	if l.Count == 0 {
		return 0
	}
	left := share * float64(l.Count)
	for i, n := range l.Histogram {
		if float64(n) < left {
			left -= float64(n)
			continue
		}
		from, to := float64(max(stepFrom(i), l.Min)), float64(l.Max)
		if i < Steps-1 {
			to = min(float64(stepFrom(i+1)), to)
		}
		if n == 0 {
			return from
		}
		return from + (to-from)*left/float64(n)
	}
	return float64(l.Max)
}
