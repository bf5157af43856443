package resource

import (
	"context"
	"net/url"
)

// Unfetched ends a transaction that needs a document from elsewhere. Whoever
// runs the transaction gets the document, with Call.Fetch, and runs it again: no
// transaction waits for another host.
type Unfetched struct{ Link string }

// Error says which document is missing.
func (u *Unfetched) Error() string { return "the document at " + u.Link + " is not fetched yet" }

// fetched is a document that a call links to, or why it cannot be had.
type fetched struct {
	data []byte
	err  error
}

// Fetch gets a document for the transactions of the call.
func (c *Call) Fetch(ctx context.Context, fetcher Fetcher, link string) {
	if c.fetched == nil {
		c.fetched = map[string]fetched{}
	}
	data, err := fetcher.Fetch(ctx, link)
	c.fetched[link] = fetched{data, err}
}

// Fetch gets the document at a URL. In a session that writes it may fail with an
// Unfetched, which hooks return as it is.
func (s *Session) Fetch(field, link string) ([]byte, error) {
	if u, err := url.Parse(link); err != nil || u.Host == "" {
		return nil, Invalid(field, "%q is not a URL", link)
	}
	got, ok := s.Call.fetched[link]
	switch {
	case !ok && s.tx != nil:
		return nil, &Unfetched{Link: link}
	case !ok:
		got.data, got.err = s.Fetcher.Fetch(s.ctx, link)
	}
	if got.err != nil {
		return nil, Invalid(field, "the document could not be fetched: %v", got.err).WithCause(got.err)
	}
	return got.data, nil
}
