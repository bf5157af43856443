package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/telemetry"
)

func fullRecord(op *telemetry.Operation) *telemetry.Record {
	return &telemetry.Record{
		Time:      time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.FixedZone("", 3600)),
		RequestID: "f2f0ae41-7a3c-4c3a-9f3c-0a4c1a4b6f10",
		ClientIP:  netip.MustParseAddr("192.0.2.7"),
		Method:    "GET",
		Host:      "api.example.com",
		Path:      "/echo/resource?subscription-key=s3cret",
		Operation: op,
		ProductID: "starter", SubscriptionID: "sub-1",
		Revision: 42,
		Status:   429, ErrorSource: "rate-limit", ErrorReason: "RateLimitExceeded",
		BackendID: "echo", BackendStatus: 503,
		Duration: 12_345_678 * time.Nanosecond, BackendDuration: 12 * time.Millisecond,
		BytesIn: 10, BytesOut: 84,
	}
}

func logLines(t *testing.T, f telemetry.Format, rs ...*telemetry.Record) string {
	t.Helper()
	var out bytes.Buffer
	log := telemetry.NewAccessLog(&out, f, telemetry.QueueOptions{})
	for _, r := range rs {
		log.Offer(r)
	}
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAccessLogLines(t *testing.T) {
	op := newMetrics(t).Operation("echo-api", "retrieve")
	for _, tt := range []struct {
		name   string
		format telemetry.Format
		record *telemetry.Record
		want   string
	}{
		{
			"json", telemetry.FormatJSON, fullRecord(op),
			`{"time":"2026-03-14T14:09:26.535897Z","level":"INFO","msg":"request",` +
				`"request_id":"f2f0ae41-7a3c-4c3a-9f3c-0a4c1a4b6f10","client_ip":"192.0.2.7","method":"GET",` +
				`"host":"api.example.com","path":"/echo/resource","status":429,"api":"echo-api","operation":"retrieve",` +
				`"product":"starter","subscription":"sub-1","error_source":"rate-limit","error_reason":"RateLimitExceeded",` +
				`"backend":"echo","backend_status":503,"duration_ms":12.345,"backend_ms":12.000,"gateway_ms":0.345,` +
				`"bytes_in":10,"bytes_out":84,"revision":42}` + "\n",
		},
		{
			"text", telemetry.FormatText, fullRecord(op),
			`time=2026-03-14T14:09:26.535897Z level=INFO msg=request ` +
				`request_id=f2f0ae41-7a3c-4c3a-9f3c-0a4c1a4b6f10 client_ip=192.0.2.7 method=GET ` +
				`host=api.example.com path=/echo/resource status=429 api=echo-api operation=retrieve ` +
				`product=starter subscription=sub-1 error_source=rate-limit error_reason=RateLimitExceeded ` +
				`backend=echo backend_status=503 duration_ms=12.345 backend_ms=12.000 gateway_ms=0.345 ` +
				`bytes_in=10 bytes_out=84 revision=42` + "\n",
		},
		{
			"empty", telemetry.FormatJSON, &telemetry.Record{},
			`{"time":"0001-01-01T00:00:00.000000Z","level":"INFO","msg":"request","status":0,` +
				`"duration_ms":0.000,"backend_ms":0.000,"gateway_ms":0.000,"bytes_in":0,"bytes_out":0}` + "\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, logLines(t, tt.format, tt.record)); d != "" {
				t.Errorf("line (-want +got):\n%s", d)
			}
		})
	}
}

func TestS19_AccessLogKeepsOneLineARecord(t *testing.T) {
	const evil = "x\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\r\nlevel=ERROR msg=forged \x1b[2J\u2028\xff"
	r := &telemetry.Record{
		RequestID: evil, ClientIP: netip.MustParseAddr("fe80::1").WithZone(evil), Method: evil, Host: evil, Path: evil, ProductID: evil,
		SubscriptionID: evil, ErrorSource: evil, ErrorReason: evil, BackendID: evil,
		Operation: newMetrics(t).Operation(evil, evil),
	}
	injections := 0
	for _, f := range []telemetry.Format{telemetry.FormatJSON, telemetry.FormatText} {
		out := logLines(t, f, r, r)
		if strings.Count(out, "\n") != 2 || strings.ContainsAny(out, "\r\x1b\u2028") {
			injections++
			t.Errorf("format %d: %q", f, out)
		}
		if f == telemetry.FormatJSON {
			first, _, _ := strings.Cut(out, "\n")
			var got map[string]any
			if err := json.Unmarshal([]byte(first), &got); err != nil || got["msg"] != "request" {
				injections++
				t.Errorf("%v: %q", err, first)
			}
		}
	}
	t.Logf("S19: %d injections into the access log (0)", injections)
}

func TestS19_AccessLogKeepsOneLineARecord_NegativeControl(t *testing.T) {
	const evil = "x\nforged"
	naive := "msg=request path=" + evil + "\n"
	if strings.Count(naive, "\n") == 1 {
		t.Error("a line that is put together without escaping was not found to be forged")
	}
}

func TestOpenSink(t *testing.T) {
	name := filepath.Join(t.TempDir(), "access.log")
	for range 2 {
		w, err := telemetry.OpenSink(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("a line\n")); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != strings.Repeat("a line\n", 2) {
		t.Errorf("%q, %v, want it appended", got, err)
	}
	if _, err := telemetry.OpenSink(filepath.Join(name, "x")); err == nil {
		t.Error("no error for a file below a file")
	}
	for _, std := range []string{"stdout", "stderr"} {
		w, err := telemetry.OpenSink(std)
		if err != nil || w.Close() != nil {
			t.Errorf("%s: %v", std, err)
		}
	}
}

func TestLog(t *testing.T) {
	for _, tt := range []struct {
		name   string
		format telemetry.Format
		want   string
	}{
		{"text", telemetry.FormatText, "level=WARN msg=\"two\\nlines\" a=1\n"},
		{"json", telemetry.FormatJSON, `"level":"WARN","msg":"two\nlines","a":1}` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			log := telemetry.NewLog(&out, tt.format, slog.LevelWarn, telemetry.QueueOptions{})
			log.Info("not this")
			log.Warn("two\nlines", "a", 1)
			log.Level.Set(slog.LevelError)
			log.Warn("nor this")
			log.Error(strings.Repeat("x", 100_000))
			if err := log.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			first, rest, _ := strings.Cut(out.String(), "\n")
			if !strings.HasSuffix(first+"\n", tt.want) {
				t.Errorf("first line %q, want it to end in %q", first, tt.want)
			}
			if strings.Count(rest, "\n") != 1 || len(rest) > 33_000 {
				t.Errorf("a long line became %d bytes in %d lines", len(rest), strings.Count(rest, "\n"))
			}
			want := telemetry.QueueStats{Offered: 2, Delivered: 2}
			if d := cmp.Diff(want, log.Stats()); d != "" {
				t.Errorf("Stats (-want +got):\n%s", d)
			}
		})
	}
}

func TestParseNames(t *testing.T) {
	if f, err := telemetry.ParseFormat("JSON"); err != nil || f != telemetry.FormatJSON {
		t.Errorf("json: %v, %v", f, err)
	}
	if f, err := telemetry.ParseFormat("text"); err != nil || f != telemetry.FormatText {
		t.Errorf("text: %v, %v", f, err)
	}
	if _, err := telemetry.ParseFormat("xml"); err == nil || !strings.Contains(err.Error(), "json or text") {
		t.Errorf("xml: %v", err)
	}
	if l, err := telemetry.ParseLevel("warn"); err != nil || l != slog.LevelWarn {
		t.Errorf("warn: %v, %v", l, err)
	}
	if _, err := telemetry.ParseLevel("loud"); err == nil || !strings.Contains(err.Error(), "debug, info") {
		t.Errorf("loud: %v", err)
	}
}
