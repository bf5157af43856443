package client

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ReportRow is a row of a report of usage. Times are in milliseconds, bandwidth in
// bytes. Of the ids those are set that the report is about; an id that ends with
// /- is that of calls which had none.
type ReportRow struct {
	Name           string    `json:"name"`
	APIID          string    `json:"apiId"`
	OperationID    string    `json:"operationId"`
	ProductID      string    `json:"productId"`
	SubscriptionID string    `json:"subscriptionId"`
	UserID         string    `json:"userId"`
	Region         string    `json:"apiRegion"`
	Timestamp      time.Time `json:"timestamp"`

	Success   uint64 `json:"callCountSuccess"`
	Blocked   uint64 `json:"callCountBlocked"`
	Failed    uint64 `json:"callCountFailed"`
	Other     uint64 `json:"callCountOther"`
	Total     uint64 `json:"callCountTotal"`
	Bandwidth uint64 `json:"bandwidth"`

	Mean        float64 `json:"apiTimeAvg"`
	P95         float64 `json:"sallyportApiTimeP95"`
	BackendMean float64 `json:"serviceTimeAvg"`
	BackendP95  float64 `json:"sallyportServiceTimeP95"`
}

// ReportQuery says what a report is of.
type ReportQuery struct {
	// From and To bound the time, To not included.
	From, To time.Time
	// Interval is that of the report by time, "PT15M".
	Interval string
	// User, Subscription and API, where they are not empty, are names to which the
	// report is narrowed; those of a workspace's are qualified.
	User, Subscription, API string
	// OrderBy is "callCountTotal desc" and the like. Most bounds the rows; 0 is all.
	OrderBy string
	Most    int
}

// filter is the query as OData has it.
func (q *ReportQuery) filter() string {
	const form = "2006-01-02T15:04:05"
	parts := []string{
		"timestamp ge datetime'" + q.From.UTC().Format(form) + "'", "timestamp lt datetime'" + q.To.UTC().Format(form) + "'",
	}
	for _, p := range [...]struct{ field, collection, name string }{
		{"userId", "users", q.User}, {"subscriptionId", "subscriptions", q.Subscription}, {"apiId", "apis", q.API},
	} {
		if p.name == "" {
			continue
		}
		id := ""
		workspace, name := WorkspaceOf(p.name)
		if workspace != "" {
			id = "/workspaces/" + workspace
		}
		id += "/" + p.collection + "/" + name
		parts = append(parts, p.field+" eq '"+strings.ReplaceAll(id, "'", "''")+"'")
	}
	return strings.Join(parts, " and ")
}

// maxReportPage is the number of rows that are asked for at once, maxReportRows
// those of a whole report.
const (
	maxReportPage = 1000
	maxReportRows = 100_000
)

// Report reads a report of usage: byApi, byOperation, byProduct, bySubscription,
// byUser, byTime or byGeo.
func Report(ctx context.Context, c *Client, by string, q ReportQuery) ([]ReportRow, error) {
	r := newRequest([]Call{Filter(q.filter()), Top(maxReportPage)})
	if q.Interval != "" {
		r.query.Set("interval", q.Interval)
	}
	if q.OrderBy != "" {
		r.query.Set("$orderby", q.OrderBy)
	}
	most := maxReportRows
	if q.Most > 0 {
		most = q.Most
		r.query.Set("$top", strconv.Itoa(min(most, maxReportPage)))
	}
	var rows []ReportRow
	for {
		page, err := plain[struct {
			Value    []ReportRow `json:"value"`
			NextLink string      `json:"nextLink"`
		}](c.do(ctx, http.MethodGet, "reports/"+by, nil, r))
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Value...)
		if page.NextLink == "" || len(page.Value) == 0 || len(rows) >= most {
			return rows[:min(most, len(rows))], nil
		}
		if r.query, err = queryOf(page.NextLink); err != nil {
			return nil, err
		}
	}
}

// Errors are the calls that failed or were blocked.
func (r *ReportRow) Errors() uint64 { return r.Failed + r.Blocked }
