package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Codes of the management API's error contract. Clients branch on these strings,
// so they never change.
const (
	CodeValidation         = "ValidationError"
	CodeNotFound           = "ResourceNotFound"
	CodeAlreadyExists      = "ResourceAlreadyExists"
	CodeConflict           = "Conflict"
	CodePreconditionFailed = "PreconditionFailed"
	CodeUnauthorized       = "Unauthorized"
	CodeForbidden          = "AuthorizationFailed"
	CodeTooLarge           = "RequestEntityTooLarge"
	CodeInternal           = "InternalServerError"
	CodeUnavailable        = "ServiceUnavailable"
)

// The statuses that this package itself gives. It stands below everything, so it
// does not import net/http for three numbers.
const (
	statusBadRequest          = 400
	statusNotFound            = 404
	statusInternalServerError = 500
)

// Detail is one field or element that is wrong, inside an Error.
type Detail struct {
	// Code is the machine-readable kind of the detail, for example "ValidationError".
	Code string `json:"code"`
	// Target names the field, element or resource that the detail is about.
	Target string `json:"target,omitempty"`
	// Message is a sentence for people.
	Message string `json:"message"`
}

// Error is the one error type that crosses a border of the program: REST
// handlers answer it, the client returns it, the CLI prints it.
type Error struct {
	// Code is one of the Code constants, or another code of the management API.
	Code string
	// Status is the HTTP status that belongs to the error, 400 to 599.
	Status int
	// Message is a sentence for people, without a secret in it.
	Message string
	// Target names the field or resource that is wrong; it may be empty.
	Target string
	// Details lists the parts of the request that are wrong; it may be nil.
	Details []Detail

	cause error
}

// New returns an Error whose message is formatted as fmt.Errorf formats it. An
// operand of the verb %w becomes the cause that Unwrap returns.
func New(status int, code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Status: status, Message: err.Error(), cause: errors.Unwrap(err)}
}

// NotFound returns the 404 error for a resource, with its id as the target.
func NotFound(kind, id string) *Error {
	return New(statusNotFound, CodeNotFound, "%s not found.", kind).WithTarget(id)
}

// Validation returns a 400 error with the code ValidationError.
func Validation(format string, args ...any) *Error {
	return New(statusBadRequest, CodeValidation, format, args...)
}

// WithTarget sets the target and returns e.
func (e *Error) WithTarget(target string) *Error {
	e.Target = target
	return e
}

// WithDetails appends details and returns e.
func (e *Error) WithDetails(details ...Detail) *Error {
	e.Details = append(e.Details, details...)
	return e
}

// WithCause sets the error that Unwrap returns and returns e. The cause is for
// logs and errors.Is; it is not part of the JSON form.
func (e *Error) WithCause(cause error) *Error {
	e.cause = cause
	return e
}

// Error gives the code, the target, the message and all details on one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	if e.Target != "" {
		b.WriteString(" (" + e.Target + ")")
	}
	b.WriteString(": " + e.Message)
	for i, d := range e.Details {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		b.WriteString(separator)
		if d.Target != "" {
			b.WriteString(d.Target + ": ")
		}
		b.WriteString(d.Message)
	}
	return b.String()
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// body is the JSON form of an Error. The management API writes "details" even
// when there are none.
type body struct {
	Error content `json:"error"`
}

type content struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Target  string   `json:"target,omitempty"`
	Details []Detail `json:"details"`
}

// MarshalJSON writes {"error":{"code","message","target","details"}}. The status
// is not in it, because it is the status of the HTTP answer.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(body{content{e.Code, e.Message, e.Target, e.Details}})
}

// UnmarshalJSON reads what MarshalJSON writes. Status keeps its value.
func (e *Error) UnmarshalJSON(data []byte) error {
	var b body
	if err := json.Unmarshal(data, &b); err != nil {
		return fmt.Errorf("reading an error answer: %w", err)
	}
	e.Code, e.Message, e.Target, e.Details = b.Error.Code, b.Error.Message, b.Error.Target, b.Error.Details
	return nil
}

// From returns the Error in the chain of err. Problems in the chain become a
// ValidationError with one detail each. Any other error becomes a 500 whose
// message tells the caller nothing; err stays its cause, for the log. From
// returns nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if ps, ok := errors.AsType[Problems](err); ok {
		return ps.ToError("The configuration is not valid.")
	}
	return New(statusInternalServerError, CodeInternal, "An internal error occurred.").WithCause(err)
}
