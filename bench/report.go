package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// report prints scenarios as they come and remembers the targets.
type report struct {
	out      io.Writer
	verdicts []string
}

// head says what was measured, and what was not.
func (r *report) head(s *stage) {
	fmt.Fprintf(r.out, "%d rounds of %s each, %d connections kept alive, medians; ratios are to the first row, round by round.\n",
		s.options.rounds, s.options.round, s.options.connections)
	if runtime.NumCPU() <= loadProcessor {
		fmt.Fprintln(r.out, "This machine has one processor: gateway, clients and origin share it.")
	}
	fmt.Fprintln(r.out, "Each writes an access log to a file where it says nothing else.")
	for _, name := range peerNames() {
		if why := s.absent[name]; why != "" {
			fmt.Fprintln(r.out, why)
		}
	}
	fmt.Fprintln(r.out, "traefik is left out: Debian has no package of it.")
}

// scenario prints one table.
func (r *report) scenario(c *scenario, results []*result) {
	fmt.Fprintf(r.out, "\n%s: %s\n", c.name, c.title)
	table := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\t%s\tratio\tlowest\thighest\trequests/s\tbusy %%\t\n", c.metric.unit)
	unit := c.figuresOf(results, c.rows[0].label)
	for _, one := range results {
		if one.problem == "" {
			r.row(table, c, one, unit)
		}
	}
	table.Flush()
	for _, one := range results {
		if one.problem != "" {
			fmt.Fprintln(r.out, "  not measured:", one.problem)
		}
	}
	for _, verdict := range c.verdicts(results) {
		fmt.Fprintln(r.out, "  "+verdict)
		r.verdicts = append(r.verdicts, fmt.Sprintf("%-7s %s", c.name, verdict))
	}
}

// row prints one line.
func (r *report) row(table io.Writer, c *scenario, one *result, unit []float64) {
	list := figures(one.samples, c.metric.figure)
	fmt.Fprintf(table, "%s\t%.1f\t", one.row.label, median(list))
	if of := ratios(list, unit); len(of) > 0 {
		fmt.Fprintf(table, "%.2f\t%.2f\t%.2f\t", median(of), slices.Min(of), slices.Max(of))
	} else {
		fmt.Fprint(table, "-\t-\t-\t")
	}
	fmt.Fprintf(table, "%.0f\t%.0f\t\n", median(figures(one.samples, sample.perSecond)), median(figures(one.samples, sample.busy)))
}

// targets prints all targets again, in one place.
func (r *report) targets() {
	if len(r.verdicts) > 0 {
		fmt.Fprintf(r.out, "\ntargets\n  %s\n", strings.Join(r.verdicts, "\n  "))
	}
}

// figuresOf are the figures of the row with a label; none where it was not
// measured.
func (c *scenario) figuresOf(results []*result, label string) []float64 {
	i := slices.IndexFunc(results, func(r *result) bool { return r.row.label == label && r.problem == "" })
	if i < 0 {
		return nil
	}
	return figures(results[i].samples, c.metric.figure)
}

// verdicts compares the last row with the targets.
func (c *scenario) verdicts(results []*result) []string {
	own := c.rows[len(c.rows)-1].label
	var lines []string
	for _, t := range c.targets {
		line := fmt.Sprintf("%s %.2f of %s: ", t.words(c.metric), t.limit, t.against)
		of := ratios(c.figuresOf(results, own), c.figuresOf(results, t.against))
		switch {
		case len(of) == 0:
			line += "not measured"
		case t.reached(c.metric, median(of)):
			line += fmt.Sprintf("%.2f, ok", median(of))
		default:
			line += fmt.Sprintf("%.2f, FALLS SHORT", median(of))
		}
		lines = append(lines, line)
	}
	if c.mallocs {
		lines = append(lines, allocationVerdict(results, own))
	}
	return lines
}

// words are those before the limit.
func (t target) words(m metric) string {
	switch {
	case m.more:
		return "at least"
	case t.below:
		return "below"
	}
	return "at most"
}

// allocationLimit is how many allocations a request count as none: what goes on
// beside the requests allocates too, and reading the count most of all.
const allocationLimit = 0.05

// allocationVerdict compares allocations with none.
func allocationVerdict(results []*result, own string) string {
	const line = "no allocations per request in steady state: "
	i := slices.IndexFunc(results, func(r *result) bool { return r.row.label == own && r.problem == "" })
	if i < 0 {
		return line + "not measured"
	}
	per := median(figures(results[i].samples, func(s sample) float64 { return s.Mallocs / float64(s.Requests) }))
	if per < allocationLimit {
		return fmt.Sprintf("%s%.2f, ok", line, per)
	}
	return fmt.Sprintf("%s%.2f, FALLS SHORT", line, per)
}
