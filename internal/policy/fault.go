package policy

import (
	"cmp"
	"errors"
	"strconv"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/message"
)

// ErrDone ends the pipeline: the call's response is the answer, and no further
// policy runs. It is not a failure. Steps return it as it is.
var ErrDone = errors.New("the response is complete")

// The sources and reasons of failures that do not come from one policy, as
// Azure API Management names them ("Error handling in API Management
// policies").
const (
	SourceConfiguration = "configuration"
	SourceAuthorization = "authorization"

	ReasonOperationNotFound          = "OperationNotFound"
	ReasonSubscriptionKeyNotFound    = "SubscriptionKeyNotFound"
	ReasonSubscriptionKeyInvalid     = "SubscriptionKeyInvalid"
	ReasonClientConnectionFailure    = "ClientConnectionFailure"
	ReasonBackendConnectionFailure   = "BackendConnectionFailure"
	ReasonExpressionEvaluationFailed = "ExpressionValueEvaluationFailure"
	ReasonTimeout                    = "Timeout"
	ReasonInternal                   = "InternalServerError"
)

// Fault is a failure of a request: what context.LastError shows to on-error,
// and what the caller is told when on-error makes no other answer. Step.Run
// returns one; place fields are filled in by the runner.
type Fault struct {
	Source   string // policy or part that failed
	Reason   string // stable, machine-readable
	Message  string // for people; for on-error, and for the caller where Public
	Scope    string // filled in: "global", "product", "api", …
	Section  string // filled in: "inbound", …
	Path     string // filled in: nesting, "choose[1]/when[2]"
	PolicyID string // filled in: the id attribute of the policy
	Status   int    // status to answer with
	Phrase   string // reason phrase to answer with; empty for the status's own
	Told     string // what the caller is told instead of Message; may be empty
	Public   bool   // Message is told to the caller; otherwise the answer says "Internal server error"
	Empty    bool   // the answer has no body
	// Header holds fields for the answer, such as Retry-After.
	Header []message.Field
	Err    error // cause, for the log
}

// Error describes the failure for the log.
func (f *Fault) Error() string {
	text := f.Source + ": " + f.Reason + ": " + f.Message
	if f.Err != nil {
		text += ": " + f.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// LastError returns the failure as expressions see it.
func (f *Fault) LastError() *host.LastError {
	return &host.LastError{
		Source: f.Source, Reason: f.Reason, Message: f.Message, Scope: f.Scope,
		Section: f.Section, Path: f.Path, PolicyID: f.PolicyID,
	}
}

// NewFault makes a failure that tells its message to the caller.
func NewFault(status int, source, reason, text string) *Fault {
	return &Fault{Status: status, Source: source, Reason: reason, Message: text, Public: true}
}

// Telling makes the answer say something else than LastError.
func (f *Fault) Telling(text string) *Fault {
	f.Told = text
	return f
}

// WithHeader adds a field for the answer.
func (f *Fault) WithHeader(n message.Name, value string) *Fault {
	var h message.Header
	h.Add(n, value)
	f.Header = append(f.Header, h.Fields()...)
	return f
}

// Body returns the answer's body, in Azure API Management's own spelling:
// {"statusCode": n, "message": "…"} with a blank inside each brace. activityID
// identifies the request where the failure itself is not told.
func (f *Fault) Body(activityID string) []byte {
	b := append(make([]byte, 0, 96+len(f.Message)), `{ "statusCode": `...)
	b = strconv.AppendInt(b, int64(f.Status), 10)
	b = append(b, `, "message": `...)
	if f.Public {
		b = appendJSONString(b, cmp.Or(f.Told, f.Message))
		return append(b, ` }`...)
	}
	b = append(b, `"Internal server error", "activityId": `...)
	b = appendJSONString(b, activityID)
	return append(b, ` }`...)
}

// appendJSONString appends text as a JSON string; bytes that are not UTF-8
// become U+FFFD.
func appendJSONString(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4&0xf], hex[r&0xf])
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
