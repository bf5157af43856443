package main

// scenario is one comparison.
type scenario struct {
	// name is what -scenario calls it; title says what is compared.
	name, title string
	// path is what clients ask for. Its last segment is the length of the
	// origin's answer in bytes.
	path string
	body int
	// metric is what is compared.
	metric metric
	// rows are the gateways; the first is the unit.
	rows []row
	// targets are what the last row has to reach.
	targets []target
	// mallocs asks for the allocations of the last row too.
	mallocs bool
}

// row is one gateway in a scenario.
type row struct {
	peer, label string
	// path replaces that of the scenario, for a unit that does less.
	path string
	tls  bool
}

// target is what the last row of a scenario has to reach.
type target struct {
	// against is the label of the row that it is compared with.
	against string
	limit   float64
	// below wants less than the limit, where at most the limit would do.
	below bool
}

// The unit of all comparisons.
const unitLabel = "nginx, plain proxy"

// plainRows are gateways that pass requests through.
func plainRows() []row {
	return []row{
		{peer: nginx, label: unitLabel},
		{peer: nginxNoLog, label: "nginx, no access log"},
		{peer: haproxy, label: "haproxy"},
		{peer: caddy, label: "caddy"},
		{peer: reverseProxy, label: "Go's ReverseProxy, no log"},
		{peer: before, label: "sallyport, before"},
		{peer: sallyport, label: "sallyport"},
	}
}

// allScenarios is the only list.
func allScenarios() []*scenario {
	return []*scenario{
		{
			name: "small", title: "passed through, 120 bytes", path: "/pass/120", body: 120, metric: cost, rows: plainRows(),
			targets: []target{{against: unitLabel, limit: 1.0}}, mallocs: true,
		},
		{
			name: "10k", title: "passed through, 10 KiB", path: "/pass/10240", body: 10 << 10, metric: cost, rows: plainRows(),
			targets: []target{{against: unitLabel, limit: 1.0}},
		},
		keyScenario(),
		{
			name: "cache", title: "answered from the cache, 120 bytes", path: "/cache/120", body: 120, metric: cost,
			rows: []row{
				{peer: nginx, label: unitLabel, path: "/pass/120"},
				{peer: nginx, label: "nginx, proxy_cache"},
				{peer: haproxy, label: "haproxy, cache"},
				{peer: before, label: "sallyport, before"},
				{peer: sallyport, label: "sallyport, cache-lookup"},
			},
			targets: []target{{against: "nginx, proxy_cache", limit: 1.0}},
		},
		{
			name: "tls", title: "clients with TLS 1.3, 120 bytes", path: "/pass/120", body: 120, metric: cost,
			rows: []row{
				{peer: nginx, label: unitLabel},
				{peer: nginx, label: "nginx, TLS", tls: true},
				{peer: haproxy, label: "haproxy, TLS", tls: true},
				{peer: caddy, label: "caddy, TLS", tls: true},
				{peer: before, label: "sallyport, before", tls: true},
				{peer: sallyport, label: "sallyport, TLS", tls: true},
			},
			targets: []target{{against: unitLabel, limit: 1.2}},
		},
		{
			name: "stream", title: "passed through, 1 MiB", path: "/pass/1048576", body: 1 << 20, metric: throughput, rows: plainRows(),
			targets: []target{{against: unitLabel, limit: 0.9}},
		},
		{
			name: "p99", title: "delay at 70 % of each gateway's own capacity, 120 bytes", path: "/pass/120", body: 120, metric: delay,
			rows: plainRows(), targets: []target{{against: unitLabel, limit: 1.0}},
		},
	}
}

// keyScenario is what most APIs have.
func keyScenario() *scenario {
	return &scenario{
		name: "key", title: "API key, rate limit and one header set, 120 bytes", path: "/key/120", body: 120, metric: cost,
		rows: []row{
			{peer: nginx, label: unitLabel, path: "/pass/120"},
			{peer: nginx, label: "nginx, own modules"},
			{peer: nginxLua, label: "nginx with Lua"},
			{peer: haproxy, label: "haproxy, stick-table"},
			{peer: caddy, label: "caddy, without rate limit"},
			{peer: before, label: "sallyport, before"},
			{peer: sallyport, label: "sallyport"},
		},
		targets: []target{{against: unitLabel, limit: 1.2}, {against: "nginx with Lua", limit: 1.0, below: true}},
	}
}

func scenarioNames() []string {
	var names []string
	for _, s := range allScenarios() {
		names = append(names, s.name)
	}
	return names
}

// chosenScenarios are the scenarios that a flag names.
func chosenScenarios(flag string) ([]*scenario, error) {
	return pick("scenario", flag, allScenarios(), func(s *scenario) string { return s.name })
}
