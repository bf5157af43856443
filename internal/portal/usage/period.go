package usage

import (
	"strings"
	"time"
)

// period is a stretch of time that can be chosen, up to now.
type period struct {
	Key, Text string
	// unit is the time between two points, interval the same for the management
	// API, and each is what it is called in sentences.
	unit           time.Duration
	interval, each string
	points         int
	// layout is how the start of a point is written.
	layout string
}

// periods are all of them. The first is shown where nothing is chosen.
func periods() []period {
	const day = 24 * time.Hour
	return []period{
		{"day", "24 hours", time.Hour, "PT1H", "hour", 24, "2 Jan 15:04"},
		{"hour", "1 hour", time.Minute, "PT1M", "minute", 60, "15:04"},
		{"week", "7 days", time.Hour, "PT1H", "hour", 7 * 24, "2 Jan 15:04"},
		{"month", "30 days", day, "P1D", "day", 30, "2 Jan 2006"},
		{"quarter", "90 days", day, "P1D", "day", 90, "2 Jan 2006"},
	}
}

// shown are the keys of the periods in the order in which they are offered.
func shown() []string { return []string{"hour", "day", "week", "month", "quarter"} }

func periodOf(key string) period {
	all := periods()
	for _, p := range all {
		if strings.EqualFold(p.Key, key) {
			return p
		}
	}
	return all[0]
}

// bounds are the first moment of a period and the one behind its last.
func (p *period) bounds(now time.Time) (from, to time.Time) {
	to = now.UTC().Truncate(p.unit).Add(p.unit)
	return to.Add(-time.Duration(p.points) * p.unit), to
}

// grouping is what a table is by.
type grouping struct {
	Key, Text string
	// Noun is the same in a sentence.
	Noun string
	// report is that of the management API.
	report string
}

func groupings(admin bool) []grouping {
	list := []grouping{
		{"api", "API", "API", "byApi"}, {"operation", "Operation", "operation", "byOperation"},
		{"product", "Product", "product", "byProduct"},
		{"subscription", "Subscription", "subscription", "bySubscription"},
	}
	if admin {
		list = append(list, grouping{"user", "User", "user", "byUser"},
			grouping{"region", "Region of the gateway", "region of the gateway", "byGeo"})
	}
	return list
}

func groupingOf(key string, admin bool) grouping {
	list := groupings(admin)
	for _, g := range list {
		if g.Key == key {
			return g
		}
	}
	return list[0]
}
