package services

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/odata"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/usage"
	"github.com/sallyport/sallyport/internal/model"
	telemetry "github.com/sallyport/sallyport/internal/telemetry/usage"
)

// report is one of the reports of usage.
type report struct {
	name, list string
	// by is what rows are told apart by; nil is a report of what is not kept.
	by func(usage.Names) usage.Names
	// describe adds to a row what it is about.
	describe func(r *reporter, row map[string]any, n *usage.Names) error
	timed    bool
}

// reports are all of them. Single requests are not kept, so that byRequest is
// empty; of where callers are nothing is known, so that byGeo has the regions of
// the gateways.
func reports() []report {
	return []report{
		{name: "byApi", list: "ReportsClientListByAPI", describe: (*reporter).api,
			by: func(n usage.Names) usage.Names { return named(telemetry.Series{API: n.API}) }},
		{name: "byGeo", list: "ReportsClientListByGeo", describe: (*reporter).region,
			by: func(n usage.Names) usage.Names { return usage.Names{Region: n.Region} }},
		{name: "byOperation", list: "ReportsClientListByOperation", describe: (*reporter).operation,
			by: func(n usage.Names) usage.Names {
				return named(telemetry.Series{API: n.API, Operation: n.Operation})
			}},
		{name: "byProduct", list: "ReportsClientListByProduct", describe: (*reporter).product,
			by: func(n usage.Names) usage.Names { return named(telemetry.Series{Product: n.Product}) }},
		{name: "byRequest", list: "ReportsClientListByRequest"},
		{name: "bySubscription", list: "ReportsClientListBySubscription", describe: (*reporter).subscription,
			by: func(n usage.Names) usage.Names {
				return named(telemetry.Series{Product: n.Product, Subscription: n.Subscription, User: n.User})
			}},
		{name: "byTime", list: "ReportsClientListByTime", timed: true, describe: (*reporter).nothing,
			by: func(usage.Names) usage.Names { return usage.Names{} }},
		{name: "byUser", list: "ReportsClientListByUser", describe: (*reporter).user,
			by: func(n usage.Names) usage.Names { return named(telemetry.Series{User: n.User}) }},
	}
}

func named(s telemetry.Series) usage.Names { return usage.Names{Series: s} }

// reportRoutes are the reports of usage.
func reportRoutes() []resource.Route {
	var routes []resource.Route
	for _, one := range reports() {
		routes = append(routes, resource.Route{
			Method: get, Path: servicePath + "/reports/" + one.name, Permission: access.Reports.Read(),
			Run: func(s *resource.Session, _ map[string]string, in resource.Input) (resource.Result, error) {
				rows, err := one.run(s, in.ID.Service())
				return resource.Result{Items: rows, Filtered: true}, err
			},
		})
	}
	return routes
}

// maxReportTime bounds the time of a report: what is older is not kept.
const maxReportTime = 10 * 365 * 24 * time.Hour

// run makes the report of a service.
func (r *report) run(s *resource.Session, service resource.ID) ([]*resource.Entity, error) {
	if _, err := s.Get(service); err != nil {
		return nil, err
	}
	q, err := r.query(s)
	if err != nil {
		return nil, err
	}
	if r.by == nil || s.Usage == nil {
		return []*resource.Entity{}, nil
	}
	// What is counted is not in the transaction, and reading it may take long.
	found, err := s.Outside("the report "+r.name, func(ctx context.Context) (any, error) {
		return s.Usage.Sums(ctx, string(service), q)
	})
	if err != nil {
		return nil, err
	}
	sums, _ := found.([]usage.Sum)
	to := &reporter{s: s, service: service, known: map[resource.ID]string{}}
	rows := make([]*resource.Entity, 0, len(sums))
	for i := range sums {
		row := totalsOf(&sums[i].Totals)
		if r.timed {
			row["timestamp"], row["interval"] = sums[i].Start.Format(time.RFC3339), s.Call.Query["interval"]
		}
		if err := r.describe(to, row, &sums[i].Names); err != nil {
			return nil, err
		}
		rows = append(rows, &resource.Entity{Body: row})
	}
	return rows, nil
}

// query reads what the call asks for.
func (r *report) query(s *resource.Session) (usage.Query, error) {
	text := s.Call.Query["$filter"]
	if text == "" {
		return usage.Query{}, resource.Invalid("$filter", "a report needs a filter, as in timestamp ge datetime'2026-01-01T00:00:00'")
	}
	filter, err := odata.Parse(text, odata.Of(r.list))
	if err != nil {
		return usage.Query{}, err
	}
	within, rest, err := filter.Range("timestamp")
	if err != nil {
		return usage.Query{}, err
	}
	now := s.Clock.Now()
	q := usage.Query{From: within.From, To: within.To, By: r.by, Keep: func(n *usage.Names) bool { return rest.Match(identifiers(n)) }}
	if q.From.IsZero() {
		q.From = now.Add(-maxReportTime)
	}
	if q.To.IsZero() {
		q.To = now
	}
	q.To = q.To.Truncate(telemetry.Finest).Add(telemetry.Finest) // A minute that begins at the end is in it.
	if !r.timed {
		return q, nil
	}
	q.Interval, err = model.ParseDuration(s.Call.Query["interval"])
	if err != nil || q.Interval < telemetry.Finest || q.Interval%telemetry.Finest != 0 {
		return usage.Query{}, resource.Invalid("interval",
			"the report by time needs an interval of whole minutes, as in PT15M: what Azure takes are multiples of 15 minutes")
	}
	return q, nil
}

// nobody stands in ids for what a call did not have, as in Azure.
const nobody = "-"

// idOf is an id as reports have it: "/apis/echo", or "/apis/-". What is counted of a
// workspace has its name before its own, and so has the id: of "sales:echo" it is
// "/workspaces/sales/apis/echo".
func idOf(collection, name string) string {
	if name == "" {
		name = nobody
	}
	if workspace, own, found := strings.Cut(name, ":"); found && workspace != "" {
		return "/workspaces/" + workspace + "/" + collection + "/" + own
	}
	return "/" + collection + "/" + name
}

// identifiers are names as a filter sees them.
func identifiers(n *usage.Names) map[string]any {
	return map[string]any{
		"apiId": identifier(n.API, idOf("apis", n.API)), "operationId": identifier(n.API, operationID(n)),
		"productId": identifier(n.Product, idOf("products", n.Product)), "userId": idOf("users", n.User), "apiRegion": n.Region,
		"subscriptionId": identifier(n.Subscription, idOf("subscriptions", n.Subscription)),
	}
}

// identifier is an id as a filter sees it: that of a workspace's resource is not
// named by what follows the workspace.
func identifier(name, id string) any {
	if strings.Contains(name, ":") {
		return odata.Whole(id)
	}
	return id
}

func operationID(n *usage.Names) string {
	operation := n.Operation
	if operation == "" {
		operation = nobody
	}
	return idOf("apis", n.API) + "/operations/" + operation
}

// totalsOf are totals in the words of reports, times in milliseconds. What Azure
// does not have begins with sallyport.
func totalsOf(t *telemetry.Totals) map[string]any {
	return map[string]any{
		"callCountSuccess": t.Success, "callCountBlocked": t.Blocked, "callCountFailed": t.Failed, "callCountOther": t.Other,
		"callCountTotal": t.Calls(), "bandwidth": t.BytesIn + t.BytesOut,
		"cacheHitCount": t.CacheHits, "cacheMissCount": t.CacheMisses,
		"apiTimeAvg": milliseconds(t.Whole.Mean()), "apiTimeMin": milliseconds(float64(t.Whole.Min)),
		"apiTimeMax":     milliseconds(float64(t.Whole.Max)),
		"serviceTimeAvg": milliseconds(t.Backend.Mean()), "serviceTimeMin": milliseconds(float64(t.Backend.Min)),
		"serviceTimeMax":          milliseconds(float64(t.Backend.Max)),
		"sallyportApiTimeP95":     milliseconds(t.Whole.Quantile(0.95)),
		"sallyportServiceTimeP95": milliseconds(t.Backend.Quantile(0.95)),
		"sallyportBytesIn":        t.BytesIn, "sallyportBytesOut": t.BytesOut,
	}
}

// milliseconds are microseconds as reports have them, with four decimals.
func milliseconds(micro float64) float64 { return math.Round(micro*10) / 10_000 }
