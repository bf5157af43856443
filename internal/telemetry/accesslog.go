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
	times := &secondText{}
	encode := func(dst []byte, r *Record) []byte { return appendRecord(dst, r, f, times) }
	return &AccessLog{NewQueue("access-log", w, encode, o)}
}

// The attributes of a line, in order.
var (
	requestID      = newKey("request_id")
	clientIP       = newKey("client_ip")
	method         = newKey("method")
	host           = newKey("host")
	path           = newKey("path")
	status         = newKey("status")
	api            = newKey("api")
	operation      = newKey("operation")
	product        = newKey("product")
	subscription   = newKey("subscription")
	errorSource    = newKey("error_source")
	errorReason    = newKey("error_reason")
	backend        = newKey("backend")
	backendStatus  = newKey("backend_status")
	durationMillis = newKey("duration_ms")
	backendMillis  = newKey("backend_ms")
	gatewayMillis  = newKey("gateway_ms")
	bytesIn        = newKey("bytes_in")
	bytesOut       = newKey("bytes_out")
	revision       = newKey("revision")
)

func appendRecord(dst []byte, r *Record, f Format, times *secondText) []byte {
	l := newLine(dst, f, times, r.Time)
	l.str(&requestID, r.RequestID)
	l.addr(&clientIP, r.ClientIP)
	l.str(&method, r.Method)
	l.str(&host, r.Host)
	l.str(&path, withoutQuery(r.Path))
	l.num(&status, int64(r.Status))
	if r.Operation != nil {
		l.buf = append(l.buf, r.Operation.logged(f)...)
	}
	l.str(&product, r.ProductID)
	l.str(&subscription, r.SubscriptionID)
	l.str(&errorSource, r.ErrorSource)
	l.str(&errorReason, r.ErrorReason)
	l.str(&backend, r.BackendID)
	l.some(&backendStatus, int64(r.BackendStatus))
	l.ms(&durationMillis, r.Duration)
	l.ms(&backendMillis, r.BackendDuration)
	l.ms(&gatewayMillis, r.GatewayDuration())
	l.num(&bytesIn, r.BytesIn)
	l.num(&bytesOut, r.BytesOut)
	l.some(&revision, int64(r.Revision))
	return l.end()
}

// logged returns the part of a line that names the operation.
func (o *Operation) logged(f Format) string {
	if text := o.lines[f].Load(); text != nil {
		return *text
	}
	l := line{format: f}
	l.str(&api, o.api)
	l.str(&operation, o.id)
	text := string(l.buf)
	o.lines[f].Store(&text)
	return text
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
