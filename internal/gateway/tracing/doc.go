// Package tracing records what happened in calls that carry a debug token: which
// policy ran, for how long, and what it changed. That is Azure API Management's
// request tracing: the token comes from listDebugCredentials of the management
// API, the answer names the trace, and listTrace returns it. What was recorded
// waits in a bounded queue until the management plane has taken it, whether that
// is in the same process or elsewhere; calls wait for none of this.
//
// A gateway without keys for tokens, and a call without a token, are as if this
// package were not there. A trace has no bodies and no values that may be
// secret: of header fields and query parameters it has names, and values of
// those alone that never are secret.
package tracing
