package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of one call.
const (
	// callTimeout bounds a call with its answer, retries included.
	callTimeout = 30 * time.Second
	// headTimeout bounds the wait for the head of an answer. Long polls wait 25 s.
	headTimeout = 40 * time.Second
	// maxAnswer bounds the body of an answer, in bytes.
	maxAnswer = 32 << 20
	// maxAttempts bounds how often a call that changes nothing is made.
	maxAttempts = 3
	// retryWithin is how long after the first attempt another one begins at most:
	// whoever has waited for longer is told so, and does not wait three times.
	retryWithin = 2 * time.Second
	// firstBackoff is the wait before the second attempt; it doubles.
	firstBackoff = 100 * time.Millisecond
	// maxRetryAfter is the longest wait that an answer may ask for.
	maxRetryAfter = 2 * time.Second
)

// answer is what came back, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes a call and reads its answer. An answer that is no success is an
// error, and so is none.
func (c *Client) do(ctx context.Context, method, path string, body any, r *request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encoding a call of the management API: %w", err)
		}
		r.header.Set("Content-Type", "application/json")
	}
	began := c.clock.Now()
	for attempt := 1; ; attempt++ {
		got, wait, err := c.attempt(ctx, method, path, raw, r)
		if err == nil || attempt == maxAttempts || !safe(method) || wait < 0 || c.clock.Since(began) > retryWithin {
			return got, err
		}
		backoff := firstBackoff << (attempt - 1)
		pause := max(wait, backoff/2+rand.N(backoff)) //nolint:gosec // It spreads calls, and is no secret.
		if clock.Sleep(ctx, c.clock, pause) != nil {
			return got, err
		}
	}
}

// safe says that a method changes nothing.
func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// attempt makes a call once. wait is negative where trying again would not help.
func (c *Client) attempt(ctx context.Context, method, path string, body []byte, r *request) (got *answer, wait time.Duration, err error) {
	response, err := c.send(ctx, method, path, bytes.NewReader(body), r)
	if err != nil {
		if !IsUnavailable(err) {
			return nil, -1, err
		}
		return nil, 0, err
	}
	defer response.Body.Close() //nolint:errcheck // It is only read.
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, 0, unreached(ctx, err)
	case len(raw) > maxAnswer:
		return nil, -1, fmt.Errorf("%s %s: %w: more than %d bytes", method, path, errTooLong, maxAnswer)
	case response.StatusCode/100 == 2:
		return &answer{response.StatusCode, response.Header, raw}, 0, nil
	}
	return nil, again(response), failure(response.StatusCode, raw)
}

// again is how long an answer asks to wait, and negative where it is final.
func again(response *http.Response) time.Duration {
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return -1
	}
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}

// send makes a call once and returns its answer, whatever its status.
func (c *Client) send(ctx context.Context, method, path string, body io.Reader, r *request) (*http.Response, error) {
	path = strings.TrimPrefix(path, "/")
	target := c.base + c.service + "?" + r.query.Encode()
	if path != "" {
		if err := checkPath(path); err != nil {
			return nil, err
		}
		target = c.base + c.service + "/" + path + "?" + r.query.Encode()
	}
	if b, ok := body.(*bytes.Reader); ok && b.Len() == 0 {
		body = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("calling the management API: %w", err)
	}
	maps.Copy(request.Header, r.header)
	if c.actingFor != "" {
		request.Header.Set(ActingForHeader, c.actingFor)
	}
	if c.token != nil {
		token, err := c.token(ctx)
		if err != nil {
			return nil, unreached(ctx, fmt.Errorf("getting a token for the management API: %w", err))
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, unreached(ctx, err)
	}
	return response, nil
}

// Raw makes one call whose body or answer is no JSON, once. The answer is the
// caller's to read and to close, whatever its length; a status that is no
// success is an error, as everywhere. The limit of Within is for the head of the
// answer.
func Raw(ctx context.Context, c *Client, method, path string, body io.Reader, o ...Call) (*http.Response, error) {
	r := newRequest(o)
	ctx, cancel := context.WithCancelCause(ctx)
	late := c.clock.AfterFunc(r.timeout, func() {
		cancel(problem.New(http.StatusGatewayTimeout, problem.CodeUnavailable, "The management plane does not answer."))
	})
	response, err := c.send(ctx, method, path, body, r)
	late.Stop()
	if err != nil {
		if cause, ok := errors.AsType[*problem.Error](context.Cause(ctx)); ok {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		raw, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // What cannot be read has a status still.
		response.Body.Close()                                          //nolint:errcheck,gosec // It is only read.
		cancel(nil)
		return nil, failure(response.StatusCode, raw)
	}
	response.Body = &ending{response.Body, cancel}
	return response, nil
}

// ending is a body that ends its call when it is closed.
type ending struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (e *ending) Close() error {
	defer e.cancel(nil)
	return e.ReadCloser.Close()
}
