package policytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// fakeBackend answers what the golden file says and records what it got.
type fakeBackend struct {
	answer    string
	forwarded string
}

// Forward answers the call. An answer "FAIL reason" fails with that reason.
func (f *fakeBackend) Forward(c *policy.Call, options *policy.ForwardOptions) error {
	if err := c.Response.Body.Close(); err != nil {
		return err
	}
	c.Response.Reset()
	if options.BufferRequestBody {
		if _, err := c.Request.Body.Buffer(c.BufferLimit()); err != nil {
			return err
		}
	}
	if err := f.record(c, options); err != nil {
		return err
	}
	first, rest := nextAnswer(f.answer)
	f.answer = rest
	if reason, ok := strings.CutPrefix(first, "FAIL "); ok {
		return &policy.Fault{
			Status: 500, Source: "forward-request", Reason: strings.TrimSpace(reason), Message: "the backend could not be reached",
		}
	}
	parseResponse(c.Response, first)
	if options.FailOnErrorStatus && c.Response.Status >= 400 {
		return &policy.Fault{
			Status: c.Response.Status, Source: "forward-request", Reason: "BackendErrorStatus",
			Message: "the backend answered with an error",
		}
	}
	return nil
}

// record writes down what the backend gets: the body streams, as it does to a
// real one.
func (f *fakeBackend) record(c *policy.Call, options *policy.ForwardOptions) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", c.Request.Method, c.Request.URL.String())
	if id := c.Destination.BackendID; id != "" {
		fmt.Fprintf(&b, "(backend %s)\n", id)
	}
	if *options != policy.DefaultForward {
		fmt.Fprintf(&b, "(options %+v)\n", *options)
	}
	formatHeader(&b, &c.Request.Header)
	if c.Request.Body.Present() {
		reader, err := c.Request.Body.Reader()
		if err != nil {
			fmt.Fprintf(&b, "\n(body: %v)\n", err)
		} else {
			data, err := io.ReadAll(reader)
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "\n%s\n", data)
		}
	}
	f.forwarded += b.String()
	return nil
}

// nextAnswer divides answers to repeated calls, which a line "----" separates.
func nextAnswer(text string) (first, rest string) {
	first, rest, found := strings.Cut(text, "----\n")
	if !found {
		return text, text
	}
	return first, rest
}

// parseRequest reads an HTTP/1.1 request with an absolute or origin-form target.
func parseRequest(t *testing.T, text string) *message.Request {
	t.Helper()
	head, body, hasBody := strings.Cut(text, "\n\n")
	first, fields, _ := strings.Cut(head, "\n")
	method, target, ok := strings.Cut(strings.TrimSpace(first), " ")
	if !ok {
		t.Fatalf("request line %q", first)
	}
	target = strings.TrimSuffix(target, " HTTP/1.1")
	path, query, _ := strings.Cut(target, "?")
	r := &message.Request{Method: method, Protocol: message.HTTP11, Context: context.Background(),
		URL:    message.URL{Scheme: "https", Host: "gateway.example", Path: path, Query: query},
		Client: netip.MustParseAddrPort("203.0.113.7:40000")}
	parseHeader(&r.Header, fields)
	if hasBody {
		body = strings.TrimSuffix(body, "\n")
		r.Body.SetStream(io.NopCloser(strings.NewReader(body)), int64(len(body)))
	}
	return r
}

// parseResponse reads an HTTP/1.1 response; the empty text is an empty 200.
func parseResponse(r *message.Response, text string) {
	r.Reset()
	r.Status = 200
	if strings.TrimSpace(text) == "" {
		return
	}
	head, body, hasBody := strings.Cut(text, "\n\n")
	first, fields, _ := strings.Cut(head, "\n")
	parts := strings.SplitN(strings.TrimSpace(first), " ", 3)
	if len(parts) > 1 {
		r.Status, _ = strconv.Atoi(parts[1])
	}
	if len(parts) > 2 {
		r.Reason = parts[2]
	}
	parseHeader(&r.Header, fields)
	if hasBody {
		body = strings.TrimSuffix(body, "\n")
		r.Body.SetStream(io.NopCloser(strings.NewReader(body)), int64(len(body)))
	}
}

func parseHeader(h *message.Header, fields string) {
	for line := range strings.SplitSeq(fields, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			h.Add(message.NameOf(strings.TrimSpace(name)), strings.TrimSpace(value))
		}
	}
}

// formatResponse writes a response as the golden files have it.
func formatResponse(t *testing.T, r *message.Response) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", r.Status, r.ReasonPhrase())
	formatHeader(&b, &r.Header)
	if !r.Body.Present() {
		return b.String()
	}
	reader, err := r.Body.Reader()
	if err != nil {
		fmt.Fprintf(&b, "\n(body: %v)\n", err)
		return b.String()
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(reader); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "\n%s\n", data.Bytes())
	return b.String()
}

func formatHeader(b *strings.Builder, h *message.Header) {
	for _, f := range h.Fields() {
		fmt.Fprintf(b, "%s: %s\n", f.Name, f.Value)
	}
}
