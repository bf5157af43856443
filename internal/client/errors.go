package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/problem"
)

// errTooLong says that an answer is longer than maxAnswer.
var errTooLong = errors.New("the answer of the management API is too long")

// IsNotFound says that there is no such resource.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsConflict says that the resource is there already, has changed meanwhile, or
// is used: 409 and 412.
func IsConflict(err error) bool {
	return hasStatus(err, http.StatusConflict, http.StatusPreconditionFailed)
}

// IsUnavailable says that the management plane was not reached, did not answer in
// time, or said that it cannot answer now: 502 to 504. Whether a change was made
// is then not known.
func IsUnavailable(err error) bool {
	return hasStatus(err, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}

func hasStatus(err error, statuses ...int) bool {
	p, ok := errors.AsType[*problem.Error](err)
	return ok && slices.Contains(statuses, p.Status)
}

// unreached is the error of a call that got no answer. A caller that gave up
// itself gets its own reason.
func unreached(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.Cause(ctx)
	}
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	status := http.StatusServiceUnavailable
	if errors.Is(err, context.DeadlineExceeded) {
		status = http.StatusGatewayTimeout
	}
	return problem.New(status, problem.CodeUnavailable, "The management plane does not answer.").WithCause(err)
}

// failure is the error of an answer, whose body is no longer than maxAnswer.
func failure(status int, body []byte) error {
	e := &problem.Error{}
	if err := json.Unmarshal(body, e); err != nil || e.Code == "" {
		e = problem.New(status, codeOf(status), "The management plane answered %d %s.", status, http.StatusText(status))
	}
	e.Status = status
	return e
}

func codeOf(status int) string {
	switch status {
	case http.StatusNotFound:
		return problem.CodeNotFound
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return problem.CodeUnavailable
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}
