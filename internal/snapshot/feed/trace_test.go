package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sampleTrace is a trace with as many entries in a section as asked for.
func sampleTrace(entries int, data string) *Trace {
	t := &Trace{Version: TraceVersion, Instance: "i", ID: "6f1c-1", Began: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC),
		Sections: map[string][]TraceEntry{"outbound": {{Source: "transfer-response", Elapsed: "00:00:00.1", Data: json.RawMessage(`{"status":200}`)}}}}
	for range entries {
		t.Sections["inbound"] = append(t.Sections["inbound"], TraceEntry{Source: "set-header", Elapsed: "00:00:00", Data: json.RawMessage(data)})
	}
	return t
}

func TestTrace(t *testing.T) {
	want := sampleTrace(2, `{"a":{"b":[1]}}`)
	body, err := EncodeTrace(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeTrace(bytes.NewReader(body))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, tt := range []struct{ name, old, new string }{
		{"another version", `"version":1`, `"version":2`},
		{"no instance", `"instance":"i"`, `"instance":""`},
		{"no id", `"id":"6f1c-1"`, `"id":""`},
		{"an id with a slash", `"id":"6f1c-1"`, `"id":"a/b"`},
		{"an id that is long", `"id":"6f1c-1"`, `"id":"` + strings.Repeat("a", maxTraceID+1) + `"`},
		{"another section", `"inbound":`, `"unbound":`},
		{"data that is no object", `{"a":{"b":[1]}}`, `[1]`},
		{"no data", `{"a":{"b":[1]}}`, `null`},
		{"a long source", `"set-header"`, `"` + strings.Repeat("s", maxSource+1) + `"`},
		{"a long time", `"00:00:00"`, `"` + strings.Repeat("0", maxTraceID+1) + `"`},
		{"no JSON", `{`, `<`},
		{"more than MaxTrace", `{"a":{"b":[1]}}`, `{"a":"` + strings.Repeat("x", MaxTrace) + `"}`},
		{"more than MaxTraceEntries", `"inbound":[`, `"inbound":[` + strings.Repeat(`{"source":"s","elapsed":"","timestamp":"2026-01-01T00:00:00Z","data":{}},`, MaxTraceEntries)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if changed := strings.Replace(string(body), tt.old, tt.new, 1); changed == string(body) {
				t.Fatal("nothing was changed")
			} else if _, err := DecodeTrace(strings.NewReader(changed)); err == nil {
				t.Error("it was read")
			}
		})
	}
}

// TestEncodeTrace_Limits leaves entries out where there are too many bytes, of the
// longest section alone, and says so.
func TestEncodeTrace_Limits(t *testing.T) {
	for _, entries := range []int{2, 3, 100, 900} {
		t.Run(fmt.Sprint(entries), func(t *testing.T) {
			long := sampleTrace(entries, `{"text":"`+strings.Repeat("x", 3*MaxTrace/entries)+`"}`)
			body, err := EncodeTrace(long)
			if err != nil || len(body) > MaxTrace {
				t.Fatalf("%d bytes, %v", len(body), err)
			}
			got, err := DecodeTrace(bytes.NewReader(body))
			if err != nil || !strings.Contains(string(body), "left-out") || !strings.Contains(string(body), "transfer-response") {
				t.Errorf("%v, %d entries", err, len(got.Sections["inbound"]))
			}
		})
	}
	if _, err := EncodeTrace(sampleTrace(1, `{"text":"`+strings.Repeat("x", MaxTrace)+`"}`)); err == nil {
		t.Error("one entry with more than MaxTrace bytes was written")
	}
}

func TestTracing(t *testing.T) {
	frame, err := TracingFrame(Tracing{Keys: []string{"one", "two"}})
	if err != nil {
		t.Fatal(err)
	}
	hello := must[[]byte](t)(Encode(sampleFrames(t)[0]))
	frames, _ := readAll(append(hello, must[[]byte](t)(Encode(frame))...))
	if len(frames) != 2 || frames[1].Type != TypeTracing {
		t.Fatalf("read %v", frames)
	}
	if got, err := DecodeTracing(frames[1].Payload); err != nil || len(got.Keys) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if TypeTracing < typeOptional {
		t.Error("releases that do not know tracing hang up")
	}
	for _, bad := range []string{`{"keys":[""]}`, `{"keys":["1","2","3","4","5"]}`, `{"keys":"canary"}`, `{"keys":["` + strings.Repeat("x", maxTracingKey+1) + `"]}`} {
		if _, err := DecodeTracing([]byte(bad)); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%.30s: %v", bad, err)
		}
	}
}

// FuzzTrace reads any bytes as what a gateway sends: what is read passes its own
// check, can be written, and is the same when it is read again.
func FuzzTrace(f *testing.F) {
	body, err := EncodeTrace(sampleTrace(2, `{"a":1}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte(`{"version":1,"instance":"i","id":"a","sections":{"on-error":[{"data":{}}]}}`))
	f.Add([]byte(`{"keys":["a"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := DecodeTracing(data); err == nil && got.Check() != nil {
			t.Error(got.Check())
		}
		got, err := DecodeTrace(bytes.NewReader(data))
		if err != nil {
			return
		}
		if err := got.Check(); err != nil {
			t.Fatal(err)
		}
		body, err := EncodeTrace(got)
		if err != nil {
			return // Written again, HTML is escaped, and may be too much.
		}
		if _, err := DecodeTrace(bytes.NewReader(body)); err != nil {
			t.Errorf("%v: %s", err, body)
		}
	})
}
