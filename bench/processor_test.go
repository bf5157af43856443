package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseChildren(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []int
		fails      bool
	}{
		{"none", "", nil, false},
		{"some", "12 3456 ", []int{12, 3456}, false},
		{"no number", "12 x", nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseChildren(test.text)
			if diff := cmp.Diff(test.want, got); diff != "" || (err != nil) != test.fails {
				t.Errorf("%v; %s", err, diff)
			}
		})
	}
}

// TestProcessorTime reads the clock of this process and of a child.
func TestProcessorTime(t *testing.T) {
	child := exec.CommandContext(t.Context(), "cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	children, err := childrenOf(os.Getpid())
	if err != nil || !slices.Contains(children, child.Process.Pid) {
		t.Errorf("children: %v, %v; want %d among them", children, err, child.Process.Pid)
	}
	own, err := ownProcessorTime(os.Getpid())
	if err != nil || own <= 0 {
		t.Errorf("own: %s, %v; want more than none", own, err)
	}
	if all, err := processorTime(os.Getpid()); err != nil || all <= own {
		t.Errorf("with children: %s, %v; want more than %s", all, err, own)
	}
	in.Close()
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := ownProcessorTime(child.Process.Pid); err == nil {
		t.Error("a process that has ended has a clock")
	}
}

func TestReadMetric(t *testing.T) {
	const text = "# TYPE go_memstats_mallocs_total counter\ngo_memstats_mallocs_total 1.5e+06\nother{a=\"b\"} 3\n"
	for _, test := range []struct {
		name, metric string
		want         float64
		fails        bool
	}{
		{"there", mallocsMetric, 1.5e6, false},
		{"absent", "go_memstats_mallocs", 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readMetric(strings.NewReader(text), test.metric)
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}
