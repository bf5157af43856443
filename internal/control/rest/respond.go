package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/problem"
)

// respond writes an answer; a nil body writes none.
func (x *exchange) respond(status int, etag string, body any) error {
	h := x.w.Header()
	if etag != "" {
		h.Set("ETag", etag)
	}
	if body == nil || x.r.Method == http.MethodHead {
		h.Set("Content-Length", "0")
		if status == http.StatusNoContent {
			h.Del("Content-Length")
		}
		x.w.WriteHeader(status)
		return nil
	}
	raw, err := encode(body)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	x.w.WriteHeader(status)
	if _, err := x.w.Write(raw); err != nil { //nolint:gosec // It is JSON, and said to be nothing else.
		x.log.Debug("the client is gone", slog.Any("error", err))
	}
	return nil
}

// encode writes <, > and & as they are, as Azure does: scripts cut tokens of
// gateways, which hold an &, out of answers.
func encode(body any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// fail answers an error. What is not a problem of the API is logged, and told
// without its text, which may hold what the caller should not see.
func (x *exchange) fail(err error) {
	var p *problem.Error
	if !errors.As(err, &p) {
		x.log.Error("a request of the management API failed", slog.Any("error", err),
			slog.String("method", x.r.Method), slog.String("path", x.r.URL.Path),
			slog.String("correlation", x.call.Correlation))
		p = problem.New(http.StatusInternalServerError, problem.CodeInternal,
			"The request failed inside the service. The log has the reason under the correlation id %s.", x.call.Correlation)
	}
	if p.Target == "" {
		p.Target = "/" + x.path
	}
	if p.Details == nil {
		p.Details = []problem.Detail{}
	}
	h := x.w.Header()
	if p.Status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", access.Challenge(x.call.Base+"/adfs", err))
	}
	if p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "5")
	}
	h.Del("ETag")
	_ = x.respond(p.Status, "", p) // A problem always encodes.
}

// body reads the request's body as a JSON object. none says that the operation
// takes none: whatever is sent is then left alone.
func (x *exchange) body(none bool) (map[string]any, error) {
	if none {
		return nil, nil
	}
	raw, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, MaxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, problem.New(http.StatusRequestEntityTooLarge, problem.CodeTooLarge,
			"The body is longer than %d bytes.", MaxBody).WithTarget("body")
	}
	if err != nil {
		return nil, problem.Validation("The body could not be read: %v.", err).WithTarget("body").WithCause(err)
	}
	if len(raw) == 0 {
		return map[string]any{}, nil
	}
	object, err := contract.DecodeObject(raw, MaxBody)
	if err != nil {
		return nil, problem.From(err).WithTarget("body")
	}
	return object, nil
}

// actionBody reads the body of an action, where it takes one.
func (x *exchange) actionBody(model string) (map[string]any, error) {
	return x.body(model == "" || x.r.Method == http.MethodGet)
}
