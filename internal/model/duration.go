package model

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads an ISO 8601 duration of days, hours, minutes and
// seconds, as in "PT1M30S" or "P1D". Years and months have no fixed length and
// are refused.
func ParseDuration(text string) (time.Duration, error) {
	rest, ok := strings.CutPrefix(text, "P")
	if !ok || rest == "" {
		return 0, notDuration(text)
	}
	days, clock, hasClock := strings.Cut(rest, "T")
	if hasClock && clock == "" {
		return 0, notDuration(text)
	}
	total, err := sumDuration(text, days, "WD", []time.Duration{7 * 24 * time.Hour, 24 * time.Hour})
	if err != nil {
		return 0, err
	}
	ofDay, err := sumDuration(text, clock, "HMS", []time.Duration{time.Hour, time.Minute, time.Second})
	if err != nil {
		return 0, err
	}
	return total + ofDay, nil
}

func notDuration(text string) error {
	return fmt.Errorf("%q is not an ISO 8601 duration of days, hours, minutes and seconds, as in PT1M", text)
}

// sumDuration adds up parts such as "1H30M", whose units come in order.
func sumDuration(text, parts, units string, lengths []time.Duration) (time.Duration, error) {
	const maxSeconds = float64(1<<63-1) / float64(time.Second) / 4
	total, from := time.Duration(0), 0
	for parts != "" {
		end := strings.IndexAny(parts, units[from:])
		if end <= 0 {
			return 0, notDuration(text)
		}
		unit := strings.IndexByte(units, parts[end])
		n, err := strconv.ParseFloat(parts[:end], 64)
		if err != nil || n < 0 || n*lengths[unit].Seconds() > maxSeconds || strings.ContainsAny(parts[:end], "eExXpP_nNiI+") {
			return 0, notDuration(text)
		}
		total += time.Duration(n * float64(lengths[unit]))
		parts, from = parts[end+1:], unit+1
	}
	return total, nil
}
