package telemetry

import (
	"fmt"
	"io"
	"os"
)

// AccessLog writes one line for each finished request, through a Queue.
type AccessLog struct {
	*Queue[Record]
}

// NewAccessLog starts an access log that writes to w. Its lines have the form
// that log/slog gives them: time, level, msg, and then what Record holds, with
// what is empty left out and durations in milliseconds.
func NewAccessLog(w io.Writer, f Format, o QueueOptions) *AccessLog {
	encode := func(dst []byte, r *Record) []byte { return appendRecord(dst, r, f) }
	return &AccessLog{NewQueue("access-log", w, encode, o)}
}

func appendRecord(dst []byte, r *Record, f Format) []byte {
	l := newLine(dst, f)
	l.time("time", r.Time)
	l.str("level", "INFO")
	l.str("msg", "request")
	l.str("request_id", r.RequestID)
	l.addr("client_ip", r.ClientIP)
	l.str("method", r.Method)
	l.str("host", r.Host)
	l.str("path", withoutQuery(r.Path))
	l.num("status", int64(r.Status))
	if r.Operation != nil {
		l.str("api", r.Operation.api)
		l.str("operation", r.Operation.id)
	}
	l.str("product", r.ProductID)
	l.str("subscription", r.SubscriptionID)
	l.str("error_source", r.ErrorSource)
	l.str("error_reason", r.ErrorReason)
	l.str("backend", r.BackendID)
	l.some("backend_status", int64(r.BackendStatus))
	l.ms("duration_ms", r.Duration)
	l.ms("backend_ms", r.BackendDuration)
	l.ms("gateway_ms", r.GatewayDuration())
	l.num("bytes_in", r.BytesIn)
	l.num("bytes_out", r.BytesOut)
	l.some("revision", int64(r.Revision))
	return l.end()
}

// OpenSink returns what a log is to be written to: "stdout", "stderr", or the
// name of a file, to which is appended and which is made, for its owner to
// read, if need be. Closing a standard stream does nothing.
func OpenSink(target string) (io.WriteCloser, error) {
	switch target {
	case "stdout":
		return standard{os.Stdout}, nil
	case "stderr":
		return standard{os.Stderr}, nil
	}
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}
	return f, nil
}

// standard is a stream of the process, which is not ours to close.
type standard struct{ io.Writer }

func (standard) Close() error { return nil }
