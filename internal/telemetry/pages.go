package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// MaxRouteLabels bounds the routes of the portal that are counted by name.
const MaxRouteLabels = 500

// Pages is what is counted of the developer portal. All methods are safe for
// concurrent use.
type Pages struct {
	routes *bounded[*routeSeries]
	render *histogram
}

type routeSeries struct {
	duration *histogram
	classes  classCounts
}

// Pages adds the metrics of a portal. There is one a process.
func (m *Metrics) Pages() (*Pages, error) {
	p := &Pages{render: newHistogram(gatewayBuckets)}
	p.routes = newBounded(MaxRouteLabels, func(labels) *routeSeries {
		return &routeSeries{duration: newHistogram(requestBuckets)}
	}, allOther)
	return p, m.register(
		&classCollector{
			desc: prometheus.NewDesc("sallyport_portal_requests_total",
				"Requests to the developer portal, by route and class of the status.", []string{"route", "status"}, nil),
			each: func(f func(*classCounts, ...string)) {
				p.routes.each(func(l labels, s *routeSeries) { f(&s.classes, l[0]) })
			},
		},
		&histogramCollector{
			desc: prometheus.NewDesc("sallyport_portal_request_duration_seconds",
				"Time from a request to the developer portal until it was answered, by route.", []string{"route"}, nil),
			each: func(f func(*histogram, ...string)) {
				p.routes.each(func(l labels, s *routeSeries) { f(s.duration, l[0]) })
			},
		},
		&histogramCollector{
			desc: prometheus.NewDesc("sallyport_portal_render_duration_seconds", "Time of making the HTML of a page.", nil, nil),
			each: func(f func(*histogram, ...string)) { f(p.render) },
		},
	)
}

// Served counts a request. The route is a pattern, and "" is none; render is zero
// where no page was made.
func (p *Pages) Served(route string, status int, took, render time.Duration) {
	if p == nil {
		return
	}
	if route == "" {
		route = noLabel
	}
	s := p.routes.get(labels{route})
	s.classes.add(status)
	s.duration.observe(took)
	if render > 0 {
		p.render.observe(render)
	}
}
