package usage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// view is what the page shows.
type view struct {
	Admin         bool
	Ranges        []page.Link
	Current       string // the range's link
	Period        period
	Range         string
	By            grouping
	Groupings     []page.Option
	Subscription  string
	Subscriptions []page.Option
	Action        string
	Total         figures
	Points        []point
	Each          string
	Summary       string
	LatencyText   string
	Rows          []row
	More          bool
	Tops          []top
	Quotas        []quota
	TimeCSV       string
	TableCSV      string
}

// point is an interval of the plots.
type point struct {
	Start time.Time
	Text  string
	figures
}

// Unix is the start in seconds since 1970.
func (p *point) Unix() int64 { return p.Start.Unix() }

// row is a line of the table.
type row struct {
	Name, Detail string
	figures
}

// top is a list of those who call most.
type top struct {
	Title, Column string
	Rows          []row
}

// show answers with the page.
func show(x *page.Exchange, o Options, admin bool) error {
	ctx, cancel := context.WithTimeout(x.R.Context(), readTimeout)
	defer cancel()
	r, err := read(ctx, x, admin)
	if err != nil {
		return err
	}
	if o.Catalogue != nil {
		r.seen = o.Catalogue().View(catalogue.Reader{Groups: x.Visitor.Groups, Admin: x.Visitor.Admin})
	}
	v := r.view()
	if err := r.fill(ctx, v); err != nil {
		return err
	}
	p := page.Page{
		Title: "Usage", Section: "usage", Template: "usage", Data: v, Styles: []string{"vendor/uplot/uPlot.min.css", "usage.css"},
		Modules: []string{"usage.js"}, Description: "How often APIs were called, how calls ended, and how long they took.",
	}
	if admin {
		p.Title, p.Section, p.Styles = "Usage of the service", "admin", append(p.Styles, "page/administration.css")
		p.Crumbs = []page.Link{{Text: "Administration", Path: "/admin"}}
	}
	return x.Render(http.StatusOK, p)
}

// view is the page without figures.
func (r *request) view() *view {
	v := &view{
		Admin: r.admin, Period: r.period, Range: r.period.Key, By: r.by, Subscription: r.subscription, Subscriptions: r.subscriptions,
		Current: r.path("", "range", r.period.Key), Each: r.period.each,
		TimeCSV: r.path("/export", "table", "time"), TableCSV: r.path("/export", "table", "breakdown"),
		Action: strings.TrimSuffix(strings.SplitN(r.path(""), "?", 2)[0], "/"),
	}
	for _, key := range shown() {
		p := periodOf(key)
		v.Ranges = append(v.Ranges, page.Link{Text: p.Text, Path: r.path("", "range", key)})
	}
	for _, g := range groupings(r.admin) {
		v.Groupings = append(v.Groupings, page.Option{Value: g.Key, Text: g.Text})
	}
	if len(r.subscriptions) > 0 {
		v.Subscriptions = append([]page.Option{{Text: "All subscriptions"}}, r.subscriptions...)
	}
	return v
}

// fill reads the figures: the reports beside each other, since each reads the
// totals of all the time that is shown.
func (r *request) fill(ctx context.Context, v *view) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var reports sync.WaitGroup
	for _, read := range []func(context.Context, *view) error{r.overTime, r.breakdown, r.besides} {
		reports.Go(func() {
			if err := read(ctx, v); err != nil {
				cancel(err)
			}
		})
	}
	reports.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	v.describe()
	return nil
}

// overTime, breakdown and besides fill fields of the page of their own.
func (r *request) overTime(ctx context.Context, v *view) error {
	points, err := r.points(ctx)
	if err != nil {
		return err
	}
	v.Points = points
	v.Total.ReportRow, err = r.total(ctx, points)
	return err
}

func (r *request) breakdown(ctx context.Context, v *view) (err error) {
	v.Rows, v.More, err = r.rows(ctx, r.by, MaxRows)
	return err
}

func (r *request) besides(ctx context.Context, v *view) error {
	if r.admin {
		return r.tops(ctx, v)
	}
	return r.quotas(ctx, v)
}

// points are the intervals of the period, those without calls too.
func (r *request) points(ctx context.Context) ([]point, error) {
	q := r.query()
	q.Interval = r.period.interval
	rows, err := client.Report(ctx, r.x.Client(), "byTime", q)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]client.ReportRow, len(rows))
	for _, row := range rows {
		at[row.Timestamp.Unix()] = row
	}
	var points []point
	for start := r.from; start.Before(r.to); start = start.Add(r.period.unit) {
		points = append(points, point{Start: start, Text: start.Format(r.period.layout), figures: figures{at[start.Unix()]}})
	}
	return points, nil
}

// total is the sum of the period: of a report that has one row, because average
// and percentile of points cannot be added up.
func (r *request) total(ctx context.Context, points []point) (client.ReportRow, error) {
	var sum client.ReportRow
	for i := range points {
		p := &points[i]
		sum.Success += p.Success
		sum.Blocked += p.Blocked
		sum.Failed += p.Failed
		sum.Other += p.Other
		sum.Total += p.Total
		sum.Bandwidth += p.Bandwidth
	}
	if sum.Total == 0 {
		return sum, nil
	}
	q := r.query()
	q.Interval = "P20000D" // One interval for all of it.
	rows, err := client.Report(ctx, r.x.Client(), "byTime", q)
	if err == nil && len(rows) == 1 {
		sum.Mean, sum.P95, sum.BackendMean, sum.BackendP95 = rows[0].Mean, rows[0].P95, rows[0].BackendMean, rows[0].BackendP95
	}
	return sum, err
}

// rows are those with the most calls, at most so many, and whether there are
// more.
func (r *request) rows(ctx context.Context, by grouping, most int) ([]row, bool, error) {
	q := r.query()
	q.OrderBy, q.Most = "callCountTotal desc", most+1
	list, err := client.Report(ctx, r.x.Client(), by.report, q)
	if err != nil {
		return nil, false, err
	}
	more := len(list) > most
	rows := make([]row, 0, len(list))
	for _, one := range list[:min(most, len(list))] {
		name, _ := by.about(&one)
		rows = append(rows, row{Name: name, Detail: by.detail(&one), figures: figures{one}})
	}
	return rows, more, nil
}

// topRows is the length of the lists of those who call most.
const topRows = 5

// tops reads who calls most.
func (r *request) tops(ctx context.Context, v *view) error {
	for _, t := range [...]struct{ key, title string }{
		{"user", "Users who call most"}, {"subscription", "Subscriptions with the most calls"},
	} {
		if t.key == r.by.Key {
			continue // The table has them.
		}
		g := groupingOf(t.key, true)
		rows, _, err := r.rows(ctx, g, topRows)
		if err != nil {
			return err
		}
		v.Tops = append(v.Tops, top{Title: t.title, Column: g.Text, Rows: rows})
	}
	return nil
}

// describe says in sentences what the plots show.
func (v *view) describe() {
	if v.Total.Total == 0 {
		v.Summary = fmt.Sprintf("No calls in the last %s.", v.Period.Text)
		return
	}
	most, slowest := 0, 0
	for i := range v.Points {
		if v.Points[i].Total > v.Points[most].Total {
			most = i
		}
		if v.Points[i].P95 > v.Points[slowest].P95 {
			slowest = i
		}
	}
	v.Summary = fmt.Sprintf("Calls by the %s over the last %s: %s in all, of which %s failed or were blocked. "+
		"The busiest %s began at %s, with %s.",
		v.Each, v.Period.Text, count(v.Total.Total), count(v.Total.Errors()), v.Each, v.Points[most].Text, count(v.Points[most].Total))
	v.LatencyText = fmt.Sprintf("Latency by the %s: on average %s, and 95 of 100 calls within %s. The slowest %s began at %s, with %s.",
		v.Each, milliseconds(v.Total.Mean), milliseconds(v.Total.P95), v.Each, v.Points[slowest].Text, milliseconds(v.Points[slowest].P95))
}
