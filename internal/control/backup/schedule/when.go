package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Limits of schedules.
const (
	minEvery = time.Minute
	maxEvery = 366 * 24 * time.Hour
)

// When says when bases are taken.
type When struct {
	// every is the time between two; 0 where there is a time of day.
	every time.Duration
	// at is the time of day, in UTC, on one weekday or on all.
	at      time.Duration
	weekday time.Weekday
	weekly  bool
	text    string
}

// ParseWhen reads a schedule: "6h", "daily 02:00" or "weekly sunday 02:00", in
// UTC.
func ParseWhen(text string) (When, error) {
	wrong := fmt.Errorf("%q is not a schedule: give a time between backups, such as 6h (from %v to %v), "+
		`or "daily 02:00", or "weekly sunday 02:00", in UTC`, text, minEvery, maxEvery)
	words := strings.Fields(strings.ToLower(text))
	switch {
	case len(words) == 1:
		every, err := time.ParseDuration(words[0])
		if err != nil || every < minEvery || every > maxEvery {
			return When{}, wrong
		}
		return When{every: every, text: words[0]}, nil
	case len(words) == 2 && words[0] == "daily", len(words) == 3 && words[0] == "weekly":
		w := When{weekly: len(words) == 3, text: strings.Join(words, " ")}
		of, err := time.Parse("15:04", words[len(words)-1])
		if err != nil {
			return When{}, wrong
		}
		w.at = time.Duration(of.Hour())*time.Hour + time.Duration(of.Minute())*time.Minute
		if !w.weekly {
			return w, nil
		}
		for day := time.Sunday; day <= time.Saturday; day++ {
			if name := strings.ToLower(day.String()); len(words[1]) >= 3 && strings.HasPrefix(name, words[1]) {
				w.weekday = day
				return w, nil
			}
		}
	}
	return When{}, wrong
}

// String is the schedule as ParseWhen reads it.
func (w When) String() string { return w.text }

// Next is when the next base is due, after one that was begun at a time.
func (w When) Next(after time.Time) time.Time {
	if w.every > 0 {
		return after.Add(w.every)
	}
	after = after.UTC()
	next := time.Date(after.Year(), after.Month(), after.Day(), 0, 0, 0, 0, time.UTC).Add(w.at)
	for !next.After(after) || w.weekly && next.Weekday() != w.weekday {
		next = next.AddDate(0, 0, 1)
	}
	return next
}
