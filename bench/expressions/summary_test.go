package expressions_test

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"
)

// engines are the three that are compared; ours is the first.
var engines = []string{"sallyport", "expr-lang", "cel-go"}

// figure is the least that one engine has taken for one task.
type figure struct{ ns, allocs float64 }

// summary has a figure for each engine, by the name of the task, in the order of the tasks.
type summary struct {
	names   []string
	figures map[string]map[string]figure
}

// add notes one measurement.
func (s *summary) add(task, engine string, ns, allocs float64) {
	if s.figures == nil {
		s.figures = map[string]map[string]figure{}
	}
	if s.figures[task] == nil {
		s.names = append(s.names, task)
		s.figures[task] = map[string]figure{}
	}
	if f, ok := s.figures[task][engine]; ok {
		ns = min(ns, f.ns)
	}
	s.figures[task][engine] = figure{ns, allocs}
}

// write says for each task how we stand beside the faster of the others: we pass where we take no more time and no
// more allocations.
func (s *summary) write(w io.Writer) {
	fmt.Fprintf(w, "\n%-32s", "ns (allocations), least of all runs")
	for _, e := range engines {
		fmt.Fprintf(w, "%16s", e)
	}
	fmt.Fprintf(w, "%8s\n", "ratio")
	passed := 0
	for _, name := range s.names {
		fmt.Fprintf(w, "%-35s", name)
		fastest, fewest := math.Inf(1), math.Inf(1)
		for i, e := range engines {
			f := s.figures[name][e]
			fmt.Fprintf(w, "%16s", fmt.Sprintf("%.0f (%.0f)", f.ns, f.allocs))
			if i > 0 {
				fastest, fewest = min(fastest, f.ns), min(fewest, f.allocs)
			}
		}
		ours := s.figures[name][engines[0]]
		verdict := "passes"
		switch {
		case ours.ns > fastest:
			verdict = "FAILS: slower"
		case ours.allocs > fewest:
			verdict = "FAILS: allocates more"
		default:
			passed++
		}
		fmt.Fprintf(w, "%8.2f  %s\n", ours.ns/fastest, verdict)
	}
	fmt.Fprintf(w, "%d of %d tasks pass: not slower than the faster of the others, and no more allocations\n", passed, len(s.names))
}

// measured is what the benchmarks of this run have measured.
var measured summary

// TestMain writes the summary when there is one.
func TestMain(m *testing.M) {
	code := m.Run()
	if len(measured.names) > 0 {
		measured.write(os.Stdout)
	}
	os.Exit(code)
}

// TestSummary makes sure that a task that is slower, or allocates more, does not pass.
func TestSummary(t *testing.T) {
	var s summary
	for _, f := range []struct {
		task, engine string
		ns, allocs   float64
	}{
		{"good", "sallyport", 40, 0}, {"good", "expr-lang", 50, 1}, {"good", "cel-go", 90, 3}, {"good", "sallyport", 60, 0},
		{"slow", "sallyport", 51, 0}, {"slow", "expr-lang", 50, 1}, {"slow", "cel-go", 90, 3},
		{"wasteful", "sallyport", 40, 2}, {"wasteful", "expr-lang", 50, 1}, {"wasteful", "cel-go", 90, 3},
	} {
		s.add(f.task, f.engine, f.ns, f.allocs)
	}
	var b strings.Builder
	s.write(&b)
	for _, want := range []string{"0.80  passes", "1.02  FAILS: slower", "0.80  FAILS: allocates more", "1 of 3 tasks"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the summary has no %q:\n%s", want, b.String())
		}
	}
}
