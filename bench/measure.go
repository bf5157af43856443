package main

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/bench/load"
)

const (
	// warmUp is how many requests each client sends before it is measured.
	warmUp = 16
	// share is the part of its capacity at which delays are measured.
	share = 0.7
)

// result is what the rounds have measured of one row.
type result struct {
	row     row
	samples []sample
	// problem says why there are no samples.
	problem string
}

// measure lets the gateways of a scenario take turns.
func (s *stage) measure(c *scenario) ([]*result, error) {
	var results []*result
	for _, r := range c.rows {
		one := &result{row: r}
		if s.running[r.peer] == nil {
			if one.problem = s.absent[r.peer]; one.problem == "" {
				continue // It was not asked for.
			}
		}
		results = append(results, one)
	}
	for round := range s.options.rounds {
		fmt.Fprintf(s.progress, "bench: %s, round %d of %d\n", c.name, round+1, s.options.rounds)
		for _, one := range results {
			if one.problem != "" {
				continue
			}
			got, err := s.round(c, one.row)
			if err != nil {
				one.problem = fmt.Sprintf("%s: %v", one.row.label, err)
				continue
			}
			one.samples = append(one.samples, got)
		}
	}
	return results, nil
}

// round measures one gateway once, over connections of its own.
func (s *stage) round(c *scenario, r row) (sample, error) {
	p := s.running[r.peer]
	clients, err := s.loop.Dial(s.target(c, r, p))
	if err != nil {
		return sample{}, err
	}
	defer clients.Close()
	if _, err := clients.Ask(warmUp * s.options.connections); err != nil {
		return sample{}, err
	}
	if c.metric.name == delay.name {
		return s.delays(clients, p)
	}
	stop, err := s.profile(c, r, p)
	if err != nil {
		return sample{}, err
	}
	defer stop()
	got, err := s.saturate(clients, p, c.mallocs && r.peer == sallyport)
	got.Body = c.body
	return got, err
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

// saturate measures the cost of requests while the gateway has as many as it
// can answer.
func (s *stage) saturate(clients *load.Clients, p *process, mallocs bool) (sample, error) {
	var objects allocations
	if mallocs {
		if err := objects.begin(p.site.Admin); err != nil {
			return sample{}, err
		}
	}
	got, _, err := p.measured(func() (load.Result, error) { return clients.Saturate(s.options.round) })
	if err == nil && mallocs {
		got.Mallocs, err = objects.end(p.site.Admin)
	}
	return got, err
}

// measured is what the process has used during a run.
func (r *process) measured(run func() (load.Result, error)) (sample, load.Result, error) {
	before, err := processorTime(r.command.Process.Pid)
	if err != nil {
		return sample{}, load.Result{}, err
	}
	ran, err := run()
	if err != nil {
		return sample{}, load.Result{}, err
	}
	after, err := processorTime(r.command.Process.Pid)
	return sample{Requests: ran.Requests, Processor: after - before, Wall: ran.Took}, ran, err
}

// delays finds the gateway's capacity, then measures delays at a part of it.
func (s *stage) delays(clients *load.Clients, p *process) (sample, error) {
	full, err := clients.Saturate(s.options.round)
	if err != nil {
		return sample{}, err
	}
	rate := share * float64(full.Requests) / full.Took.Seconds()
	got, ran, err := p.measured(func() (load.Result, error) { return clients.Rate(rate, s.options.round) })
	got.Delay = percentile(ran.Delays, 99)
	return got, err
}
