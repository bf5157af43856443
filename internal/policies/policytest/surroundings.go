package policytest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
)

// directory is the configuration that golden files look things up in.
type directory struct {
	backends map[string]*model.Backend
	schema   *model.Schema
}

var _ policy.Directory = (*directory)(nil)

// newDirectory reads "backends" of setup, "id=URL" or "id=pool" with blanks
// between them, and the file "schema", which holds the schemas of the API.
func newDirectory(b *bench) *directory {
	d := &directory{backends: map[string]*model.Backend{}}
	for entry := range strings.FieldsSeq(b.setup["backends"]) {
		id, url, _ := strings.Cut(entry, "=")
		backend := &model.Backend{ID: model.NewID("backends", id), URL: url}
		if url == "pool" {
			backend.URL, backend.Type = "", model.BackendOfBackends
		}
		d.backends[id] = backend
	}
	if text, ok := b.files.get("schema"); ok {
		d.schema = &model.Schema{Document: model.SchemaDocument{Components: json.RawMessage(text)}}
	}
	return d
}

// Backend returns a backend of setup.
func (d *directory) Backend(id string) *model.Backend { return d.backends[id] }

// Certificate returns nothing: golden files have no certificates.
func (*directory) Certificate(string) *tls.Certificate { return nil }

// Schema returns the schema of the file of that name.
func (d *directory) Schema(model.ID, string) *model.Schema { return d.schema }

// exists reports whether a policy may refer to a resource.
func (d *directory) exists(id string) bool {
	name, isBackend := strings.CutPrefix(id, "backends/")
	return !isBackend || d.backends[name] != nil
}

// operation makes the operation of a call: from the file "operation", which is
// JSON as the management API has it, with "template" and "parameters" of setup.
func (b *bench) operation(t *testing.T, c *policy.Call) *model.Operation {
	t.Helper()
	o := &model.Operation{ID: "apis/echo/operations/get", DisplayName: "Get", Method: c.Request.Method, URLTemplate: "/resource"}
	if text, ok := b.files.get("operation"); ok {
		if err := json.Unmarshal([]byte(text), o); err != nil {
			t.Fatalf("operation: %v", err)
		}
	}
	if template := b.setup["template"]; template != "" {
		o.URLTemplate = template
	}
	for entry := range strings.FieldsSeq(b.setup["parameters"]) {
		name, value, _ := strings.Cut(entry, "=")
		c.Parameters = append(c.Parameters, policy.Parameter{Name: name, Value: b.view(strings.ReplaceAll(value, `\n`, "\n"))})
	}
	return o
}

// waitingClock is a clock on which a wait is over at once: it moves the time on
// and notes how long was waited.
type waitingClock struct {
	*clock.Fake
	waits *[]string
}

// NewTimer returns a timer that has fired, after the time it was for.
func (w waitingClock) NewTimer(d time.Duration) clock.Timer {
	*w.waits = append(*w.waits, d.String())
	t := w.Fake.NewTimer(d)
	w.Advance(d)
	return t
}

// traceLog keeps what the policy trace logs.
type traceLog struct{ lines *strings.Builder }

// Enabled keeps every level.
func (traceLog) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes a record of trace as one line.
func (l traceLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message != "trace" {
		return nil
	}
	l.lines.WriteString(r.Level.String())
	r.Attrs(func(a slog.Attr) bool {
		l.lines.WriteString(" " + a.Key + "=" + a.Value.String())
		return true
	})
	l.lines.WriteString("\n")
	return nil
}

// WithAttrs returns the handler: records carry their own.
func (l traceLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup returns the handler, as WithAttrs does.
func (l traceLog) WithGroup(string) slog.Handler { return l }
