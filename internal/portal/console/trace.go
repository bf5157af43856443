package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// Names that API Management's request tracing has.
const (
	debugHeader    = "Apim-Debug-Authorization"
	traceHeader    = "Apim-Trace-Id"
	debugLife      = "PT5M"
	managedGateway = "managed"
)

// Limits of reading a trace.
const (
	// traceTries bounds how often a trace is asked for that has not come to the
	// management plane yet, and traceWait is the pause between.
	traceTries = 15
	traceWait  = 200 * time.Millisecond
	// maxTraceEntries bounds what is shown of a section.
	maxTraceEntries = 500
)

// traceView is a trace as it is shown.
type traceView struct {
	Error    string         `json:"error,omitempty"`
	Sections []traceSection `json:"sections"`
}

// traceSection is a section of the pipeline with what happened in it.
type traceSection struct {
	Name    string       `json:"name"`
	Entries []traceEntry `json:"entries"`
}

// traceEntry is one thing that happened.
type traceEntry struct {
	Source  string `json:"source"`
	Elapsed string `json:"elapsed"`
	Data    string `json:"data"`
}

// addDebugToken makes the gateway record the call, where an administrator wants
// it.
func (c *console) addDebugToken(ctx context.Context, x *page.Exchange, p *place, d *draft, out *outgoing) error {
	if d.get(traceField) == "" || !x.Visitor.Admin {
		return nil
	}
	got, err := client.Post[struct {
		Token string `json:"token"`
	}](ctx, x.Client(), c.traces+"listDebugCredentials", map[string]any{
		"credentialsExpireAfter": debugLife, "apiId": x.Client().ID(p.resource()), "purposes": []string{"tracing"},
	})
	if client.IsUnavailable(err) {
		return refuse(traceField, "the service behind this portal does not answer, so no trace can be recorded and nothing was sent; "+
			"try it again, or send without a trace")
	}
	if err != nil {
		return fmt.Errorf("getting credentials for a trace: %w", err)
	}
	out.Header = setField(out.Header, debugHeader, got.Token)
	out.Secret = append(out.Secret, got.Token)
	return nil
}

// readTrace reads the trace that an answer names. It is nil where the call was
// not to be traced.
func (c *console) readTrace(ctx context.Context, x *page.Exchange, out *outgoing, header http.Header) *traceView {
	if fieldOf(out.Header, debugHeader) == "" || !x.Visitor.Admin {
		return nil
	}
	id := header.Get(traceHeader)
	if id == "" {
		return &traceView{Error: "The gateway recorded no trace. One that has not reached its management plane yet, " +
			"or is of an earlier release, records none; where another gateway resource answers here, --portal-gateway-name has to name it."}
	}
	for try := range traceTries {
		got, err := client.Post[struct {
			Entries map[string][]struct {
				Source, Elapsed string
				Data            json.RawMessage
			} `json:"traceEntries"`
		}](ctx, x.Client(), c.traces+"listTrace", map[string]any{"traceId": id})
		if err != nil {
			x.Log().Warn("a trace could not be read", "error", err.Error())
			return &traceView{Error: "The trace could not be read: the service behind this portal does not answer."}
		}
		v := &traceView{}
		for _, section := range []string{"inbound", "backend", "outbound", "on-error"} {
			var s traceSection
			s.Name = section
			for _, e := range got.Entries[section] {
				if len(s.Entries) < maxTraceEntries {
					s.Entries = append(s.Entries, traceEntry{Source: e.Source, Elapsed: e.Elapsed, Data: indented(e.Data)})
				}
			}
			if len(s.Entries) > 0 {
				v.Sections = append(v.Sections, s)
			}
		}
		if len(v.Sections) > 0 {
			return v
		}
		if try+1 == traceTries || clock.Sleep(ctx, c.clock, traceWait) != nil {
			break
		}
	}
	return &traceView{Error: "The trace has not come to the management plane, " +
		"which the gateway may not reach now: it is sent as soon as it does."}
}

// indented is JSON as it is shown.
func indented(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return ""
	}
	return b.String()
}
