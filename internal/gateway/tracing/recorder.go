package tracing

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/policy"
)

// Trace is what was recorded of a call. It does not change once it waits to be
// sent.
type Trace struct {
	ID       string
	Sections map[string][]Entry
	began    time.Time
	size     int // About how many bytes it takes.
}

// Entry is one thing that happened.
type Entry struct {
	Source    string         `json:"source"`
	Timestamp time.Time      `json:"timestamp"`
	Elapsed   string         `json:"elapsed"`
	Data      map[string]any `json:"data"`
}

// Recorder records a call. It belongs to the goroutine of the call.
type Recorder struct {
	clock  clock.Clock
	trace  *Trace
	secret string // the subscription key that was presented
	count  int
	bytes  int
	cut    bool
}

var _ policy.Tracer = (*Recorder)(nil)

// newRecorder begins to record a call.
func newRecorder(c *policy.Call, k clock.Clock) *Recorder {
	r := &Recorder{clock: k, trace: &Trace{
		ID: strings.Clone(c.ID), began: c.Begin,
		Sections: map[string][]Entry{"inbound": {}, "backend": {}, "outbound": {}, "on-error": {}},
	}}
	c.Tracer = r
	c.Expr.Tracing = true
	c.Expr.Trace = func(text string) { r.message(c, text) }
	r.note("inbound", "api-inspector", map[string]any{"request": requestData(c), "configuration": configuration(c)})
	return r
}

// configuration is what of the configuration the call meets.
func configuration(c *policy.Call) map[string]any {
	data := map[string]any{"api": map[string]any{
		"from": "/" + strings.Clone(c.API.Path), "version": c.API.APIVersion, "revision": c.API.APIRevision,
	}}
	if c.Operation != nil {
		data["operation"] = map[string]any{"name": c.Operation.ID.Name(), "method": c.Operation.Method, "uriTemplate": c.Operation.URLTemplate}
	}
	return data
}

// Authorised notes what the subscription key gave.
func (r *Recorder) Authorised(c *policy.Call, key string, denied *policy.Fault) {
	if r == nil {
		return
	}
	r.secret = strings.Clone(key)
	data := map[string]any{"subscription": "none", "product": "none", "user": "none"}
	if c.Subscription != nil {
		data["subscription"] = c.Subscription.ID.Qualified()
	}
	if c.Product != nil {
		data["product"] = c.Product.ID.Qualified()
	}
	if c.User != nil {
		data["user"] = c.User.ID.Name()
	}
	if denied != nil {
		data["denied"] = denied.Reason
	}
	r.note("inbound", "authorization", data)
}

// Step implements policy.Tracer. An entry stands where its step began, before
// those of the steps inside of it.
func (r *Recorder) Step(c *policy.Call, m *policy.Meta, s policy.Step) error {
	section := m.Section.String()
	before, began := look(c), r.clock.Now()
	at, ok := r.note(section, m.Policy, nil)
	if !ok {
		return s.Run(c)
	}
	count := r.count
	err := s.Run(c)
	data := map[string]any{"scope": m.Scope.String(), "path": m.Path, "took": r.clock.Since(began).String()}
	if m.ID != "" {
		data["id"] = m.ID
	}
	if r.count == count {
		// What holds others has not changed more than they have.
		before.differences(c, data)
	}
	if c.Backend.ID != before.backend.ID || c.Backend.Status != before.backend.Status || m.Policy == "forward-request" {
		data["backend"] = backendData(c)
	}
	if text := outcome(err); text != "" {
		data["outcome"] = text
	}
	r.trace.Sections[section][at].Data = data
	r.bytes += size(data)
	return err
}

// outcome says in words how a step ended. The text of a failure may have values
// of the request in it, so that only those that the caller is told are noted.
func outcome(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, policy.ErrDone):
		return "answered: the pipeline ends here"
	case errors.Is(err, policy.ErrCached):
		return "answered from the cache"
	}
	if f, ok := errors.AsType[*policy.Fault](err); ok {
		if f.Public {
			return "failed: " + f.Reason + ": " + f.Message
		}
		return "failed: " + f.Reason
	}
	return "failed"
}

// message notes a message of a trace policy, or of an expression.
func (r *Recorder) message(c *policy.Call, text string) {
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	r.note(c.Section().String(), "trace", map[string]any{"message": r.hide(strings.Clone(text))})
}

// hide takes the subscription key out of a text.
func (r *Recorder) hide(text string) string {
	if r.secret == "" {
		return text
	}
	return strings.ReplaceAll(text, r.secret, "[subscription key]")
}

// note adds an entry, as far as there is room.
func (r *Recorder) note(section, source string, data map[string]any) (at int, ok bool) {
	if r.count >= maxEntries || r.bytes >= maxBytes {
		r.cut = true
		return 0, false
	}
	now := r.clock.Now()
	r.count++
	r.bytes += size(data) + len(source) + 100
	entry := Entry{Source: source, Timestamp: now.UTC(), Elapsed: timespan(now.Sub(r.trace.began)), Data: data}
	r.trace.Sections[section] = append(r.trace.Sections[section], entry)
	return len(r.trace.Sections[section]) - 1, true
}

// size is about how many bytes data takes.
func size(data map[string]any) int { return len(fmt.Sprint(data)) }

// timespan writes a duration as .NET does: "00:00:00.2983315".
func timespan(d time.Duration) string {
	d = max(d, 0)
	return fmt.Sprintf("%02d:%02d:%02d.%07d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, d%time.Second/100)
}

// Finish ends the trace with how the call was answered, and hands it over to be
// sent.
func (t *Traces) Finish(r *Recorder, c *policy.Call, sent int64, fault *policy.Fault) {
	if r == nil {
		return
	}
	section := "outbound"
	data := map[string]any{"response": map[string]any{"status": c.Response.Status, "headers": fieldData(&c.Response.Header), "bytes": sent}}
	if fault != nil {
		section = "on-error"
		data["failure"] = map[string]any{
			"source": fault.Source, "reason": fault.Reason, "section": fault.Section, "scope": fault.Scope, "path": fault.Path,
		}
	}
	if c.Backend.ID != "" {
		data["backend"] = backendData(c)
	}
	if r.cut {
		data["left-out"] = "what came after the limits maxEntries or maxBytes"
	}
	size := r.bytes
	r.count, r.bytes = min(r.count, maxEntries-1), 0 // The end is always told.
	r.note(section, "transfer-response", data)
	c.Tracer = nil
	r.trace.size = size + r.bytes
	t.queue.add(r.trace)
}
