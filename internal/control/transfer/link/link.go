// Package link fetches the documents that the management API is given as URLs:
// descriptions of APIs, and policies in the -link formats. Whoever may write a
// resource chooses the URL, so a fetch is bounded in size, time and redirects,
// and reaches public addresses only, unless the installation allows others.
//
// The check is made on each address that is dialled and not on the name, so
// that a name that is looked up twice cannot lead elsewhere the second time.
// Proxies of the environment are not used: behind one, no address could be
// checked.
package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of a fetch.
const (
	// MaxSize bounds a document, in bytes, after any compression is undone.
	MaxSize = 10 << 20
	// MaxTime bounds a fetch as a whole, redirects included.
	MaxTime = 30 * time.Second
	// MaxRedirects bounds how many redirects are followed.
	MaxRedirects = 5
	// MaxURLLength bounds a URL, in bytes.
	MaxURLLength = 2048
	// maxHeaderSize bounds the header of an answer, in bytes.
	maxHeaderSize = 64 << 10
)

// Options say where a Fetcher may go. The zero value is for public addresses
// only.
type Options struct {
	// AllowPrivate lets a fetch reach loopback, private, shared and unique
	// local addresses. Link-local addresses, and with them the metadata
	// services of clouds, need a prefix in Allow.
	AllowPrivate bool
	// Allow are prefixes that a fetch may reach whatever they are.
	Allow []netip.Prefix
	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver
	// Timeout is MaxTime where it is 0.
	Timeout time.Duration
}

// Fetcher fetches documents. It may be used by several goroutines at a time,
// and keeps no connections.
type Fetcher struct {
	client *http.Client
}

// New makes a Fetcher.
func New(o Options) *Fetcher {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = MaxTime
	}
	dialer := &net.Dialer{
		Timeout:  timeout,
		Resolver: o.Resolver,
		Control: func(_, address string, _ syscall.RawConn) error {
			return o.checkDialled(address)
		},
	}
	return &Fetcher{client: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			DisableKeepAlives:      true,
			TLSHandshakeTimeout:    timeout,
			MaxResponseHeaderBytes: maxHeaderSize,
		},
		CheckRedirect: checkRedirect,
	}}
}

// Fetch returns the document at a URL. The error is a ValidationError that
// says which limit or rule refused the URL, or why it could not be read; where
// ctx ended it is that of ctx.
func (f *Fetcher) Fetch(ctx context.Context, rawURL string) ([]byte, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, problem.Validation("The link cannot be fetched: %w.", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, problem.Validation("The link cannot be fetched: %w.", err)
	}
	request.Header.Set("Accept", "*/*")
	request.Header.Set("User-Agent", "Sallyport")
	response, err := f.client.Do(request)
	if err != nil {
		return nil, failed(ctx, u.Redacted(), err)
	}
	data, err := read(response)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, failed(ctx, u.Redacted(), err)
	}
	return data, nil
}

// read takes the body of an answer.
func read(response *http.Response) ([]byte, error) {
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %d, not 200", response.StatusCode)
	}
	if response.ContentLength > MaxSize {
		return nil, errTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(data) > MaxSize {
		return nil, errTooLarge
	}
	return data, nil
}

var errTooLarge = fmt.Errorf("the document is larger than %d bytes (limit MaxSize); give it by value, or divide it", MaxSize)

// failed makes the error of a fetch. What was refused is said without what the
// network said besides, which would tell of what is behind the gateway.
func failed(ctx context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("fetching %s: %w", url, ctx.Err())
	}
	var refused *refusedError
	var timeout net.Error
	switch {
	case errors.As(err, &refused):
		err = refused
	case errors.As(err, &timeout) && timeout.Timeout():
		err = fmt.Errorf("it takes longer than the time limit (limit MaxTime): %w", err)
	}
	return problem.Validation("The link %s cannot be fetched: %w.", url, err)
}
