package usage

import (
	"context"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/allowance"
)

// maxQuotas bounds the subscriptions whose quotas are asked for: the one that is
// chosen, or the first ones.
const maxQuotas = 5

// maxShown bounds the quotas on a page.
const maxShown = 40

// quota is what a product allows, and what of it is used.
type quota struct {
	Subscription, Of string
	Allowed, Used    string
	// Notes are sentences about how it counts.
	Notes []string
	// Share is how much of it is used, 0 to 100; Known says that it is known.
	Share int
	Known bool
	// Resets is when it begins anew; zero where it does not, or that is not known.
	Resets time.Time
	// Line is what was used over time, where that can be told.
	Line []point
	// Limit is what is allowed in calls; 0 for none.
	Limit int64
}

// quotas reads the quotas of the visitor's subscriptions. Where the management
// plane cannot tell, the page has none.
func (r *request) quotas(ctx context.Context, v *view) error {
	asked := 0
	for _, s := range r.subscriptions {
		if r.subscription != "" && s.Value != r.subscription {
			continue
		}
		if asked++; asked > maxQuotas {
			break
		}
		list, _, err := allowance.Read(ctx, r.x.Client(), s.Value, r.seen)
		if client.IsUnavailable(err) {
			return err
		}
		if err != nil {
			continue // A subscription that went in between, or one that has no product.
		}
		for i := range list {
			if list[i].Sliding {
				continue
			}
			if len(v.Quotas) == maxShown {
				return nil
			}
			q := quotaOf(s.Text, &list[i])
			if r.subscription != "" {
				if q.Line, err = r.spent(ctx, &list[i]); err != nil {
					return err
				}
			}
			v.Quotas = append(v.Quotas, q)
		}
	}
	return nil
}

// quotaOf describes a quota.
func quotaOf(subscription string, a *allowance.Allowance) quota {
	return quota{
		Subscription: subscription, Of: a.Where, Notes: a.Notes, Allowed: a.Allowed, Used: a.Used, Share: a.Share,
		Known: a.Known, Resets: a.Resets, Limit: a.Limit.Calls,
	}
}

// maxSpent bounds the points of a quota's line.
const maxSpent = 200

// spent is how the calls of a quota's present period have added up, where its
// start is known.
//
// Only what counts all calls of the subscription alike adds up to what the
// reports say.
func (r *request) spent(ctx context.Context, a *allowance.Allowance) ([]point, error) {
	l := &a.Limit
	if !a.InCalls || l.Calls <= 0 || l.Start.IsZero() || l.API != "" || l.Operation != "" || len(a.Notes) > 0 {
		return nil, nil
	}
	unit, interval := time.Hour, "PT1H"
	if r.to.Sub(l.Start) > maxSpent*time.Hour {
		unit, interval = 24*time.Hour, "P1D"
	}
	q := r.query()
	q.Interval, q.From = interval, l.Start.UTC()
	if oldest := r.to.Add(-maxSpent * unit); q.From.Before(oldest) {
		q.From = oldest
	}
	rows, err := client.Report(ctx, r.x.Client(), "byTime", q)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]uint64, len(rows))
	for _, row := range rows {
		at[row.Timestamp.Unix()] = row.Success + row.Failed + row.Other
	}
	var line []point
	var sum uint64
	for start := q.From.Truncate(unit); start.Before(r.to); start = start.Add(unit) {
		sum += at[start.Unix()]
		line = append(line, point{Start: start, Text: start.Format("2 Jan 15:04"), figures: figures{client.ReportRow{Total: sum}}})
	}
	return line, nil
}
