package policies

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/counter"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

const (
	scopeAttribute = "sallyport-counter-scope"
	lostAttribute  = "sallyport-when-counters-are-lost"
)

// sharingAttributes say how the counters of a limit are shared. They are ours,
// and stand at the policy itself, not at the limits inside it.
func sharingAttributes() []policy.Attribute {
	return []policy.Attribute{
		{Name: scopeAttribute, Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"gateway", "region", "global"}, Default: "region",
			Doc: "which gateways count together, where they share a store; not in Azure API Management"}},
		{Name: lostAttribute, Value: policy.Value{Type: policy.TypeEnum, Enum: []string{"open", "closed"}, Default: "open",
			Doc: "while the shared store does not answer, `open` lets each gateway count alone up to its share of the limit, " +
				"and `closed` answers `503` with `Retry-After`; not in Azure API Management"}},
	}
}

// compileSharing reads them.
func compileSharing(el *document.Element) counter.Sharing {
	var s counter.Sharing
	if v, ok := el.Attr(scopeAttribute); ok {
		// The shape check has refused other names.
		s.Scope, _ = counter.ParseScope(strings.ToLower(strings.TrimSpace(v.Value)))
	}
	if v, ok := el.Attr(lostAttribute); ok && strings.EqualFold(strings.TrimSpace(v.Value), "closed") {
		s.WhenLost = counter.Closed
	}
	return s
}

// unavailableFault is the answer where nothing is known of a limit that is
// closed then. It is no word on the caller.
func unavailableFault(source string, retryAfter int64) error {
	text := strconv.FormatInt(retryAfter, 10)
	return policy.NewFault(503, source, "CountersUnavailable", "The limit cannot be checked. Try again in "+text+" seconds.").
		WithHeader(message.RetryAfter, text)
}
