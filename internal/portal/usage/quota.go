package usage

import (
	"context"
	"fmt"
	"time"

	"github.com/sallyport/sallyport/internal/client"
)

// maxQuotas bounds the subscriptions whose quotas are asked for: the one that is
// chosen, or the first ones.
const maxQuotas = 5

// quota is what a product allows, and what of it is used.
type quota struct {
	Subscription, Of string
	Allowed, Used    string
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
		limits, err := client.Read[client.Limits](ctx, r.x.Client(), client.Path("subscriptions", s.Value, "sallyportLimits"), client.AsPortal())
		if client.IsUnavailable(err) {
			return err
		}
		if err != nil {
			continue // A subscription that went in between, or one that has no product.
		}
		for i := range limits.Value {
			if limits.Value[i].Kind != "quota" {
				continue
			}
			q := quotaOf(s.Text, &limits.Value[i])
			if r.subscription != "" {
				if q.Line, err = r.spent(ctx, &limits.Value[i]); err != nil {
					return err
				}
			}
			v.Quotas = append(v.Quotas, q)
		}
	}
	return nil
}

// quotaOf describes a quota.
func quotaOf(subscription string, l *client.Limit) quota {
	q := quota{Subscription: subscription, Of: "all APIs of the product", Known: l.Known, Resets: l.End, Limit: l.Calls}
	if l.Target != "" {
		q.Of = l.Target
	}
	each := ""
	if l.RenewalPeriod > 0 {
		each = " in " + (time.Duration(l.RenewalPeriod) * time.Second).String()
		if day := int64(24 * 60 * 60); l.RenewalPeriod%day == 0 && l.RenewalPeriod > day {
			each = fmt.Sprintf(" in %d days", l.RenewalPeriod/day)
		}
	}
	switch {
	case l.Calls > 0:
		q.Allowed, q.Used = count(uint64(l.Calls))+" calls"+each, count(uint64(max(0, l.UsedCalls)))+" calls"
		q.Share = int(min(100, max(0, l.UsedCalls)*100/l.Calls))
	default:
		q.Allowed, q.Used = bytes(uint64(max(0, l.Bandwidth))*1000)+each, bytes(uint64(max(0, l.UsedKilobytes)*1000))
		if l.Bandwidth > 0 {
			q.Share = int(min(100, max(0, l.UsedKilobytes)*100/float64(l.Bandwidth)))
		}
	}
	return q
}

// maxSpent bounds the points of a quota's line.
const maxSpent = 200

// spent is how the calls of a quota's present period have added up, where its
// start is known.
func (r *request) spent(ctx context.Context, l *client.Limit) ([]point, error) {
	if l.Calls <= 0 || l.Start.IsZero() {
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
