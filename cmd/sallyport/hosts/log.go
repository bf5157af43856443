package hosts

import (
	"context"
	"log/slog"
	"slices"

	"go.uber.org/zap/zapcore"
)

// logCore takes the records of the ACME client into the process's log.
type logCore struct {
	log    *slog.Logger
	fields []zapcore.Field
}

// Enabled reports whether records of a level are taken.
func (c *logCore) Enabled(l zapcore.Level) bool {
	return c.log != nil && c.log.Enabled(context.Background(), levelOf(l))
}

// With returns a core with more fields.
func (c *logCore) With(fields []zapcore.Field) zapcore.Core {
	return &logCore{c.log, append(slices.Clip(c.fields), fields...)}
}

// Check adds the core to those that write a record.
func (c *logCore) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return to.AddCore(e, c)
	}
	return to
}

// Write writes a record.
func (c *logCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	values := zapcore.NewMapObjectEncoder()
	for _, f := range append(slices.Clip(c.fields), fields...) {
		f.AddTo(values)
	}
	attributes := make([]slog.Attr, 0, len(values.Fields))
	for name, value := range values.Fields {
		attributes = append(attributes, slog.Any(name, value))
	}
	c.log.LogAttrs(context.Background(), levelOf(e.Level), "ACME: "+e.Message, attributes...)
	return nil
}

// Sync does nothing: nothing is held back.
func (*logCore) Sync() error { return nil }

// levelOf is a level in the words of the process's log. What the client calls
// information is each of its steps.
func levelOf(l zapcore.Level) slog.Level {
	switch {
	case l >= zapcore.ErrorLevel:
		return slog.LevelError
	case l == zapcore.WarnLevel:
		return slog.LevelWarn
	default:
		return slog.LevelDebug
	}
}
