package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	// mallocsMetric counts the objects that the gateway has allocated.
	mallocsMetric = "go_memstats_mallocs_total"
	// readings is how often it is read to know what reading takes: some hundred
	// objects, and now and then some thousand.
	readings = 9
)

// allocations counts what a gateway allocates between begin and end, without
// what reading the count takes.
type allocations struct {
	first, reading float64
}

// begin reads the count again and again: the median of the differences is what
// a reading takes.
func (a *allocations) begin(admin string) error {
	var differences []float64
	for i := range readings {
		last, err := mallocs(admin)
		if err != nil {
			return err
		}
		if i > 0 {
			differences = append(differences, last-a.first)
		}
		a.first = last
	}
	a.reading = median(differences)
	return nil
}

// end is how many objects were allocated since begin.
func (a *allocations) end(admin string) (float64, error) {
	last, err := mallocs(admin)
	return max(0, last-a.first-a.reading), err
}

// mallocs reads the count from the gateway's metrics.
func mallocs(admin string) (float64, error) {
	response, err := http.Get("http://" + admin + "/metrics") //nolint:noctx // The gateway runs on this machine.
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return readMetric(response.Body, mallocsMetric)
}

// readMetric finds a metric without labels in Prometheus' text format.
func readMetric(r io.Reader, name string) (float64, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("the gateway's metrics have no %s", name)
}
