// Package trial makes requests that no client has sent into calls, so that what runs in a gateway can be tried
// outside of one: expressions on the command line, and the vectors that expressions are tested with. What a call
// shows is what the gateway's own types show.
package trial

import (
	"context"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// New returns a call of a request that has no answer yet. The URL that the client called is the request's. Nothing
// is known of an API, a caller or a clock: the fields of Call.Expr say what expressions see of them.
func New(r *message.Request) *policy.Call {
	c := &policy.Call{}
	c.Reset()
	if r.Context == nil {
		r.Context = context.Background()
	}
	c.Request, c.Original = r, r.URL
	c.Response = &message.Response{}
	c.Services = &policy.Services{}
	return c
}
