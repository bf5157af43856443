package main

import (
	"slices"
	"time"
)

// sample is what one round has measured of one gateway.
type sample struct {
	// Requests is how many were answered while Processor was used, in Wall.
	Requests        int
	Processor, Wall time.Duration
	// Body is the length of each body, in bytes.
	Body int
	// Delay is the 99th percentile, where it was measured.
	Delay time.Duration
	// Mallocs is how many objects were allocated, where that was asked.
	Mallocs float64
}

// metric is a figure of a sample.
type metric struct {
	name, unit string
	// more says that a higher figure is better.
	more   bool
	figure func(sample) float64
}

var (
	// cost is processor time per request.
	cost = metric{name: "cost", unit: "µs CPU/request", figure: func(s sample) float64 {
		return s.Processor.Seconds() * 1e6 / float64(s.Requests)
	}}
	// throughput is what a second of processor time passes through, in bytes of
	// bodies. Where the gateway has its processor for itself, that is what it
	// passes through in a second.
	throughput = metric{name: "throughput", unit: "MB/CPU second", more: true, figure: func(s sample) float64 {
		return float64(s.Requests) * float64(s.Body) / 1e6 / s.Processor.Seconds()
	}}
	// delay is the 99th percentile.
	delay = metric{name: "delay", unit: "µs p99", figure: func(s sample) float64 { return float64(s.Delay.Nanoseconds()) / 1e3 }}
)

// perSecond is the rate of answers.
func (s sample) perSecond() float64 { return float64(s.Requests) / s.Wall.Seconds() }

// busy is the part of the time, in percent, for which the gateway had a
// processor: 100 where nothing else was in its way and it had enough to do.
func (s sample) busy() float64 { return 100 * s.Processor.Seconds() / s.Wall.Seconds() }

// figures applies a metric to samples.
func figures(samples []sample, figure func(sample) float64) []float64 {
	list := make([]float64, len(samples))
	for i, s := range samples {
		list[i] = figure(s)
	}
	return list
}

// ratios divides round by round, so that what disturbed a round disturbs both.
func ratios(list, unit []float64) []float64 {
	of := make([]float64, min(len(list), len(unit)))
	for i := range of {
		of[i] = list[i] / unit[i]
	}
	return of
}

// median is the middle of a list, or the mean of the middle two; 0 of none.
func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile is the smallest of the delays that at least p of 100 of them do
// not exceed; 0 of none.
func percentile(delays []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(delays))
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(rank, 1)-1]
}

// reached says whether a ratio reaches a target of a metric.
func (t target) reached(m metric, ratio float64) bool {
	switch {
	case m.more:
		return ratio >= t.limit
	case t.below:
		return ratio < t.limit
	}
	return ratio <= t.limit
}
