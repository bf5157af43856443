package main

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		name string
		list []float64
		want float64
	}{
		{"none", nil, 0},
		{"one", []float64{3}, 3},
		{"odd", []float64{9, 1, 2}, 2},
		{"even", []float64{4, 1, 2, 9}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := median(test.list); got != test.want {
				t.Errorf("got %v; want %v", got, test.want)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	for _, test := range []struct {
		name   string
		delays []time.Duration
		p      int
		want   time.Duration
	}{
		{"none", nil, 99, 0},
		{"one", []time.Duration{7}, 99, 7},
		{"99 of 100", hundred, 99, 99},
		{"50 of 100", hundred, 50, 50},
		{"99 of 101 rounds up", slices.Concat(hundred, []time.Duration{101}), 99, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := percentile(test.delays, test.p); got != test.want {
				t.Errorf("got %d; want %d", got, test.want)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	s := sample{Requests: 100, Processor: 2 * time.Millisecond, Wall: 4 * time.Millisecond, Body: 1 << 20, Delay: 1500 * time.Nanosecond}
	for _, test := range []struct {
		name   string
		figure func(sample) float64
		want   float64
	}{
		{"cost", cost.figure, 20},
		{"throughput", throughput.figure, 100 * 1048576 / 1e6 / 0.002},
		{"delay", delay.figure, 1.5},
		{"rate", sample.perSecond, 25000},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff([]float64{test.want, test.want}, figures([]sample{s, s}, test.figure)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRatios(t *testing.T) {
	if diff := cmp.Diff([]float64{2, 0.5}, ratios([]float64{4, 2, 9}, []float64{2, 4})); diff != "" {
		t.Error(diff)
	}
}

func TestReached(t *testing.T) {
	for _, test := range []struct {
		name   string
		target target
		metric metric
		ratio  float64
		want   bool
	}{
		{"at most, at it", target{limit: 1}, cost, 1, true},
		{"at most, above", target{limit: 1}, cost, 1.01, false},
		{"below, at it", target{limit: 1, below: true}, cost, 1, false},
		{"below, below", target{limit: 1, below: true}, cost, 0.99, true},
		{"at least, at it", target{limit: 0.9}, throughput, 0.9, true},
		{"at least, below", target{limit: 0.9}, throughput, 0.89, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.target.reached(test.metric, test.ratio); got != test.want {
				t.Errorf("got %t; want %t", got, test.want)
			}
		})
	}
}
