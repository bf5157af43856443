package main

import (
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/bench/load"
)

const (
	// warmUp is how many requests each client sends before it is measured.
	warmUp = 16
	// share is the part of its capacity at which delays are measured.
	share = 0.7
	// slice is how long one gateway is measured before it is the next one's
	// turn: short, so that what disturbs the machine disturbs all of them, and
	// long against the moment that it takes to have its memory at hand again.
	slice = 250 * time.Millisecond
)

// result is what the rounds have measured of one row.
type result struct {
	row     row
	samples []sample
	// problem says why there are no samples.
	problem string
}

// measure lets the gateways of a scenario take turns.
func (s *stage) measure(c *scenario) []*result {
	var results []*result
	for _, r := range c.rows {
		one := &result{row: r, problem: s.absent[r.peer]}
		if s.running[r.peer] != nil || one.problem != "" { // Else it was not asked for.
			results = append(results, one)
		}
	}
	for round := range s.options.rounds {
		fmt.Fprintf(s.progress, "bench: %s, round %d of %d\n", c.name, round+1, s.options.rounds)
		s.round(c, results)
	}
	return results
}

// turn is one row in one round.
type turn struct {
	result  *result
	process *process
	clients *load.Clients
	rate    float64 // at which delays are measured
	sample  sample
	delays  []time.Duration
	objects allocations
}

// round measures each row for a while, slice by slice in turns. A row that
// fails is left out from then on.
func (s *stage) round(c *scenario, results []*result) {
	var turns []*turn
	for _, one := range results {
		if one.problem != "" {
			continue
		}
		t := &turn{result: one, process: s.running[one.row.peer], sample: sample{Body: c.body}}
		turns = append(turns, t)
		t.try(s.begin(c, t))
	}
	for range max(1, int(s.options.round/slice)) {
		for _, t := range turns {
			if t.result.problem == "" {
				t.try(t.slice(min(slice, s.options.round)))
			}
		}
	}
	for _, t := range turns {
		t.try(s.end(c, t))
		if t.clients != nil {
			t.clients.Close()
		}
		if t.result.problem == "" {
			t.result.samples = append(t.result.samples, t.sample)
		}
	}
}

// try takes note of what went wrong first.
func (t *turn) try(err error) {
	if err != nil && t.result.problem == "" {
		t.result.problem = fmt.Sprintf("%s: %v", t.result.row.label, err)
	}
}

// begin connects the clients and sends what is not measured.
func (s *stage) begin(c *scenario, t *turn) error {
	var err error
	if t.clients, err = s.loop.Dial(s.target(c, t.result.row, t.process)); err != nil {
		return err
	}
	if _, err := t.clients.Ask(warmUp * s.options.connections); err != nil {
		return err
	}
	if c.metric.name == delay.name {
		full, err := t.clients.Saturate(s.options.round)
		if err != nil {
			return err
		}
		t.rate = share * float64(full.Requests) / full.Took.Seconds()
	}
	if c.mallocs && t.result.row.peer == sallyport {
		if err := t.objects.begin(t.process.site.Admin); err != nil {
			return err
		}
	}
	return s.profile(c, t.result.row, t.process)
}

// slice measures for a moment.
func (t *turn) slice(d time.Duration) error {
	if err := t.process.charge(&t.sample.Processor); err != nil {
		return err
	}
	var ran load.Result
	var err error
	if t.rate > 0 {
		ran, err = t.clients.Rate(t.rate, d)
	} else {
		ran, err = t.clients.Saturate(d)
	}
	t.sample.Requests += ran.Requests
	t.sample.Wall += ran.Took
	t.delays = append(t.delays, ran.Delays...)
	return err
}

// end reads what the round has cost.
func (s *stage) end(c *scenario, t *turn) error {
	t.process.endProfile()
	if t.result.problem != "" {
		return nil
	}
	if err := t.process.charge(nil); err != nil {
		return err
	}
	t.sample.Delay = percentile(t.delays, 99)
	var err error
	if c.mallocs && t.result.row.peer == sallyport {
		t.sample.Mallocs, err = t.objects.end(t.process.site.Admin)
	}
	return err
}

// charge says who pays for the processor time that the process uses from now
// on; nil is nobody. What it does later for a slice, writing its log or
// collecting its garbage, is charged to that slice until the next one begins.
func (r *process) charge(to *time.Duration) error {
	now, err := processorTime(r.command.Process.Pid)
	if err != nil {
		return err
	}
	if r.payer != nil {
		*r.payer += now - r.charged
	}
	r.payer, r.charged = to, now
	return nil
}

// target is what clients call in a row of a scenario.
func (s *stage) target(c *scenario, r row, p *process) load.Target {
	path, key := c.path, ""
	if r.path != "" {
		path = r.path
	}
	if strings.HasPrefix(path, "/key/") {
		key = "Ocp-Apim-Subscription-Key: " + subscriptionKey + "\r\n"
	}
	address, config := p.site.HTTP, (*tls.Config)(nil)
	if r.tls {
		address, config = p.site.HTTPS, s.tls
	}
	request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\n%s\r\n", path, address, key)
	return load.Target{Address: address, TLS: config, Request: []byte(request), Body: c.body, Connections: s.options.connections}
}
