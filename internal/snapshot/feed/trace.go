package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// TraceVersion is the version of traces as they are sent.
const TraceVersion = 1

// The limits of traces.
const (
	// MaxTrace bounds a trace as it is sent, in bytes.
	MaxTrace = 384 << 10
	// MaxTraceEntries bounds the entries of a trace.
	MaxTraceEntries = 1000
	// maxTraceID bounds the id of a trace, and maxSource the source of an entry, in
	// bytes.
	maxTraceID = 64
	maxSource  = 1 << 10
)

// TraceSections are the names of the sections of traces, in their order. It is
// never written.
var TraceSections = []string{"inbound", "backend", "outbound", "on-error"}

// Trace is what a gateway recorded of one call.
type Trace struct {
	Version int `json:"version"`
	// Instance is the gateway's, as in the header of the request.
	Instance string `json:"instance"`
	// ID is what the call's answer had as its trace id.
	ID string `json:"id"`
	// Began is when the call did, by the gateway's clock.
	Began time.Time `json:"began"`
	// Sections are the entries of TraceSections.
	Sections map[string][]TraceEntry `json:"sections"`
}

// TraceEntry is one thing that happened.
type TraceEntry struct {
	Source    string    `json:"source"`
	Timestamp time.Time `json:"timestamp"`
	Elapsed   string    `json:"elapsed"`
	// Data is a JSON object.
	Data json.RawMessage `json:"data"`
}

// Check says what of a trace is wrong; nil where nothing is.
func (t *Trace) Check() error {
	if t.Version != TraceVersion {
		return fmt.Errorf("version is %d: this release reads %d", t.Version, TraceVersion)
	}
	if err := firstError(CheckInstance(t.Instance), CheckTraceID(t.ID)); err != nil {
		return err
	}
	count, sections := 0, 0
	for _, name := range TraceSections {
		list, there := t.Sections[name]
		if there {
			sections++
		}
		if count += len(list); count > MaxTraceEntries {
			return fmt.Errorf("sections has more than MaxTraceEntries (%d) entries", MaxTraceEntries)
		}
		for i := range list {
			if err := list[i].check(); err != nil {
				return fmt.Errorf("sections.%s[%d]: %w", name, i, err)
			}
		}
	}
	if sections != len(t.Sections) {
		return fmt.Errorf("sections has other names than %s", strings.Join(TraceSections, ", "))
	}
	return nil
}

func (e *TraceEntry) check() error {
	switch {
	case len(e.Source) > maxSource || !utf8.ValidString(e.Source):
		return errors.New("source is too long, or no text")
	case len(e.Elapsed) > maxTraceID || !utf8.ValidString(e.Elapsed):
		return errors.New("elapsed is too long, or no text")
	case len(e.Data) == 0 || bytes.TrimSpace(e.Data)[0] != '{':
		return errors.New("data is no object")
	}
	return nil
}

// CheckTraceID says why a text is no id of a trace; nil where it is one: letters,
// digits and -, 1 to 64 of them.
func CheckTraceID(id string) error {
	if id == "" || len(id) > maxTraceID {
		return fmt.Errorf("id has %d bytes, not 1 to %d", len(id), maxTraceID)
	}
	if strings.ContainsFunc(id, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-'
	}) {
		return errors.New("id has other characters than letters, digits and -")
	}
	return nil
}

// DecodeTrace reads a trace of at most MaxTrace bytes, and checks it.
func DecodeTrace(r io.Reader) (*Trace, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxTrace+1))
	if err != nil {
		return nil, fmt.Errorf("reading a trace: %w", err)
	}
	if len(body) > MaxTrace {
		return nil, fmt.Errorf("reading a trace: it has more than MaxTrace (%d) bytes", MaxTrace)
	}
	var t Trace
	if err := json.Unmarshal(body, &t); err != nil {
		return nil, fmt.Errorf("reading a trace: %w", err)
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("reading a trace: %w", err)
	}
	return &t, nil
}

// leftOut ends a section of a trace that had more than there is room for.
const leftOut = `{"left-out":"what came after the limit MaxTrace"}`

// EncodeTrace writes a trace, with as many of its entries as there is room for:
// of the longest section the later half goes first. It changes the trace.
func EncodeTrace(t *Trace) ([]byte, error) {
	for {
		body, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("writing a trace: %w", err)
		}
		if len(body) <= MaxTrace {
			return body, nil
		}
		longest, size := "", 0
		for name, list := range t.Sections {
			total := 0
			for i := range list {
				total += len(list[i].Data)
			}
			if len(list) > 1 && total > size {
				longest, size = name, total
			}
		}
		list := t.Sections[longest]
		if len(list) <= 1 {
			return nil, fmt.Errorf("writing a trace: one entry of it has more than MaxTrace (%d) bytes", MaxTrace)
		}
		last := list[len(list)/2]
		last.Source, last.Data = "api-inspector", json.RawMessage(leftOut)
		if len(list) == 2 {
			list = list[:1]
			list[0].Data = json.RawMessage(leftOut)
		} else {
			list = append(list[:len(list)/2], last)
		}
		t.Sections[longest] = list
	}
}

// MaxTracingKeys bounds the keys of tracing, and maxTracingKey one of them, in
// bytes.
const (
	MaxTracingKeys = 4
	maxTracingKey  = 256
)

// Tracing says which debug tokens the gateway is to believe.
type Tracing struct {
	// Keys sign them: a token is good that one of the keys has signed.
	Keys []string `json:"keys"`
}

// Check says what of it is wrong; nil where nothing is.
func (t Tracing) Check() error {
	if len(t.Keys) > MaxTracingKeys {
		return fmt.Errorf("%w: tracing has %d keys, more than MaxTracingKeys (%d)", ErrFrame, len(t.Keys), MaxTracingKeys)
	}
	for _, key := range t.Keys {
		if key == "" || len(key) > maxTracingKey {
			return fmt.Errorf("%w: a key of tracing has %d bytes, not 1 to %d", ErrFrame, len(key), maxTracingKey)
		}
	}
	return nil
}

// TracingFrame makes a frame of a tracing.
func TracingFrame(t Tracing) (Frame, error) { return noteFrame(TypeTracing, t) }

// DecodeTracing reads the payload of a tracing and checks it. The error never
// quotes a key.
func DecodeTracing(payload []byte) (Tracing, error) { return decodeNote[Tracing](TypeTracing, payload) }
