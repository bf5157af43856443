package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/problem"
)

// retryAfter is how long visitors are asked to wait for what is away or busy.
const retryAfter = 5 * time.Second

// statusError is a refusal of the frame's own.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, http.StatusText(e.status), e.message)
}

// limitError says that a limit is used up.
type limitError struct {
	limit *Limit
	wait  time.Duration
}

func (e *limitError) Error() string {
	return fmt.Sprintf("the limit %q is used up for %s", e.limit.Name, e.wait)
}

// busyError says that the portal cannot answer now.
type busyError struct {
	limit  string // The limit that is reached, or
	reason string // what visitors are told instead.
}

func (e *busyError) Error() string { return "the portal cannot answer now: " + e.limit + e.reason }

// failurePage is what an error is shown as.
type failurePage struct {
	Status  int
	Heading string
	Text    string
	Hint    string
	ID      string // The correlation id, where the log has more.
	Retry   time.Duration
	Details []problem.Detail
	Again   *again // What was sent, where it can be sent again as it was.
	Reload  string // The address to try again, where only reading failed.
}

// fail answers with the page of an error. Nothing may have been answered yet.
func (s *Site) fail(x *Exchange, err error) {
	if x.origin.Err() != nil {
		x.out.status = 499 // Nobody is there to read an answer.
		return
	}
	f := s.explain(x, err)
	if f.Retry > 0 {
		x.W.Header().Set("Retry-After", seconds(f.Retry))
	}
	x.part = s.sections[frameName]
	s.find(x)
	if err := x.Render(f.Status, Page{Title: f.Heading, Template: "failure", Data: f}); err != nil {
		s.log.Error("an error page could not be made", "request_id", x.ID, "error", err.Error())
		http.Error(x.W, f.Heading, f.Status)
	}
}

// explain says what an error means to the visitor.
func (s *Site) explain(x *Exchange, err error) failurePage {
	if e, ok := errors.AsType[*statusError](err); ok {
		return withStatus(e.status, e.message)
	}
	if e, ok := errors.AsType[*limitError](err); ok {
		f := withStatus(http.StatusTooManyRequests, "You have done this too often in a short time. Nothing was changed by this.")
		f.Retry = e.wait
		f.Hint = "Try again in " + waitText(e.wait) + "."
		return f
	}
	if e, ok := errors.AsType[*busyError](err); ok {
		f := withStatus(http.StatusServiceUnavailable, "The portal has more to do than it can. Nothing was changed by this.")
		if e.reason != "" {
			f.Text = e.reason
		}
		f.Retry, f.Hint, f.Again, f.Reload = retryAfter, "Try again in a few seconds.", x.sendable(), x.readable()
		return f
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return withStatus(http.StatusRequestEntityTooLarge, "What was sent is larger than this page takes. Nothing was changed by this.")
	}
	return s.explainCall(x, err)
}

// explainCall says what an error of the management plane means, or of ourselves.
func (s *Site) explainCall(x *Exchange, err error) failurePage {
	p, known := errors.AsType[*problem.Error](err)
	switch {
	case client.IsUnavailable(err), known && p.Status == http.StatusUnauthorized, errors.Is(err, context.DeadlineExceeded):
		s.log.Warn("the management plane does not serve the portal", "request_id", x.ID, "route", x.out.route, "error", err.Error())
		f := withStatus(http.StatusServiceUnavailable, "The service behind this portal does not answer. Nothing was changed by this.")
		if !isSafe(x.R.Method) {
			f.Text = "The service behind this portal does not answer. What you sent was not acknowledged."
		}
		f.Retry, f.Hint, f.ID = retryAfter, "Try again in a few seconds.", x.ID
		f.Again, f.Reload = x.sendable(), x.readable()
		return f
	case known && p.Status == http.StatusNotFound:
		return withStatus(http.StatusNotFound, "")
	case known && p.Status >= 400 && p.Status < 500:
		status := p.Status
		if status == http.StatusPreconditionFailed {
			status = http.StatusConflict
		}
		f := withStatus(status, p.Message)
		f.Details = p.Details
		return f
	}
	s.log.Error("a request to the portal failed", "request_id", x.ID, "route", x.out.route, "error", err.Error())
	f := withStatus(http.StatusInternalServerError, "")
	f.ID = x.ID
	return f
}

// withStatus is the page of a status, with a text of its own or the status's.
func withStatus(status int, text string) failurePage {
	w, ok := failureWords[status]
	if !ok {
		w = [2]string{http.StatusText(status), "This cannot be done."}
	}
	if text == "" {
		text = w[1]
	}
	return failurePage{Status: status, Heading: w[0], Text: text}
}

// failureWords are the heading and the text of statuses.
var failureWords = map[int][2]string{
	http.StatusBadRequest: {"This request could not be read", "Something in it is not as it should be. Nothing was changed."},
	http.StatusForbidden:  {"You may not do this", "Your account does not have access to this page."},
	http.StatusNotFound: {"There is no such page",
		"It may have been moved or removed, or it is shown only to some who have signed in."},
	http.StatusMethodNotAllowed:      {"This page cannot be used like that", "The address exists, but not for this method."},
	http.StatusConflict:              {"Somebody else was faster", "What you wanted to change has changed. Load the page again and look."},
	http.StatusGone:                  {"This is no longer there", "It was removed."},
	http.StatusRequestEntityTooLarge: {"This is too large", "What was sent is larger than this page takes."},
	http.StatusUnprocessableEntity:   {"This cannot be done as sent", "Something in what was sent is not as it should be."},
	http.StatusTooManyRequests:       {"Too many requests", "You have done this too often in a short time."},
	http.StatusInternalServerError: {"Something went wrong here",
		"This is not your fault. The portal has noted what happened; the people who run it can look."},
	http.StatusServiceUnavailable: {"Not available right now", "The portal cannot answer at the moment."},
}

// waitText is a duration for people: seconds up to two minutes, then minutes.
func waitText(d time.Duration) string {
	if d <= time.Second {
		return "a second"
	}
	if d < 2*time.Minute {
		return fmt.Sprintf("%d seconds", int64((d+time.Second-1)/time.Second))
	}
	return fmt.Sprintf("%d minutes", int64((d+time.Minute-1)/time.Minute))
}
