package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// maxLogLine bounds a line of the general log, in bytes. A longer one is cut.
const maxLogLine = 32 << 10

// Log is the general log: what slog.Logger writes, brought to its sink by a
// Queue, so that a sink that hangs holds up nobody who logs.
type Log struct {
	*slog.Logger
	// Level is the level from which on lines are written. It may be changed at
	// any time.
	Level *slog.LevelVar
	queue *Queue[[]byte]
}

// NewLog starts a general log that writes to w from a level on.
func NewLog(w io.Writer, f Format, level slog.Level, o QueueOptions) *Log {
	if o.Flush == 0 {
		o.Flush = -1 // Lines are rare, and read by someone who waits.
	}
	q := NewQueue("log", w, appendLogLine, o)
	v := new(slog.LevelVar)
	v.Set(level)
	options := &slog.HandlerOptions{Level: v}
	var h slog.Handler
	if f == FormatJSON {
		h = slog.NewJSONHandler(lineWriter{q}, options)
	} else {
		h = slog.NewTextHandler(lineWriter{q}, options)
	}
	return &Log{Logger: slog.New(h), Level: v, queue: q}
}

// Stats returns what has become of the lines.
func (l *Log) Stats() QueueStats { return l.queue.Stats() }

// Close writes what is pending, as Queue.Close does. Later lines are dropped.
func (l *Log) Close(ctx context.Context) error { return l.queue.Close(ctx) }

func appendLogLine(dst []byte, line *[]byte) []byte {
	if len(*line) <= maxLogLine {
		return append(dst, *line...)
	}
	dst = append(dst, (*line)[:maxLogLine-1]...)
	return append(dst, '\n')
}

// lineWriter is the end of a slog handler, which hands it whole lines and uses
// their memory again.
type lineWriter struct{ q *Queue[[]byte] }

// Write queues a line. It never fails: what is dropped is counted.
func (w lineWriter) Write(p []byte) (int, error) {
	w.q.Offer(&p)
	return len(p), nil
}

// ParseFormat returns the format of a name: "json" or "text".
func ParseFormat(name string) (Format, error) {
	switch strings.ToLower(name) {
	case "json":
		return FormatJSON, nil
	case "text":
		return FormatText, nil
	}
	return 0, fmt.Errorf("unknown log format %q: use json or text", name)
}

// ParseLevel returns the level of a name: "debug", "info", "warn" or "error".
func ParseLevel(name string) (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(name)); err != nil {
		return 0, fmt.Errorf("unknown log level %q: use debug, info, warn or error", name)
	}
	return l, nil
}
