package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/access/bearer"
)

// Limits of what an issuer answers.
const (
	// maxAnswer bounds an answer, in bytes.
	maxAnswer = 1 << 20
	// maxKeys bounds the number of keys.
	maxKeys = 100
	// maxRedirects bounds the redirects that are followed, each to a URL as the
	// issuer's has to be.
	maxRedirects = 3
)

// keySet is the keys of an issuer.
type keySet struct {
	issuer string
	client *http.Client
	clock  clock.Clock

	mu sync.Mutex
	// keys are those of the last answer, at the time fetched.
	keys    []jose.JSONWebKey
	fetched time.Time
	// tried is when the last attempt began; failure is what became of it.
	tried   time.Time
	failure error
	// fetching is closed at the end of an attempt that goes on.
	fetching chan struct{}
}

func newKeySet(issuer string, transport http.RoundTripper, c clock.Clock) *keySet {
	return &keySet{issuer: issuer, clock: c, client: &http.Client{
		Transport: transport,
		Timeout:   fetchTimeout,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirects")
			}
			return checkURL(r.URL.String())
		},
	}}
}

// Keys implements bearer.Keys.
func (s *keySet) Keys(ctx context.Context, id string) ([]jose.JSONWebKey, error) {
	for {
		s.mu.Lock()
		now := s.clock.Now()
		found := s.find(id, now)
		old := now.Sub(s.fetched) >= RefreshInterval || s.fetched.IsZero()
		mayTry := s.tried.IsZero() || now.Sub(s.tried) >= MinInterval
		wait := s.fetching
		if wait == nil && mayTry && (old || len(found) == 0) {
			wait = make(chan struct{})
			s.fetching, s.tried = wait, now
			go s.fetch(context.WithoutCancel(ctx), wait)
		}
		usable := now.Sub(s.fetched) < KeyLifetime && !s.fetched.IsZero()
		failure := s.failure
		s.mu.Unlock()
		switch {
		case len(found) > 0:
			return found, nil
		case wait == nil && usable:
			return nil, nil
		case wait == nil:
			return nil, fmt.Errorf("%w: %w", access.ErrUnavailable, failure)
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", access.ErrUnavailable, ctx.Err())
		}
	}
}

// find returns the keys with an id, while they may be used. The caller holds mu.
func (s *keySet) find(id string, now time.Time) []jose.JSONWebKey {
	if now.Sub(s.fetched) >= KeyLifetime {
		return nil
	}
	var found []jose.JSONWebKey
	for _, k := range s.keys {
		if id == "" || k.KeyID == id {
			found = append(found, k)
		}
	}
	return found
}

// fetch makes one attempt to get the keys.
func (s *keySet) fetch(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	keys, err := s.discover(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
	if err == nil {
		s.keys, s.fetched = keys, s.clock.Now()
	}
	s.fetching = nil
	close(done)
}

// discover asks for the discovery document and for the keys that it names.
func (s *keySet) discover(ctx context.Context) ([]jose.JSONWebKey, error) {
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	where := strings.TrimSuffix(s.issuer, "/") + "/.well-known/openid-configuration"
	if err := s.get(ctx, where, &document); err != nil {
		return nil, err
	}
	if document.Issuer != s.issuer {
		return nil, fmt.Errorf("the document at %s is of another issuer", where)
	}
	if err := checkURL(document.Keys); err != nil {
		return nil, fmt.Errorf("the address of the issuer's keys: %w", err)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := s.get(ctx, document.Keys, &set); err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("%s has more than %d keys", document.Keys, maxKeys)
	}
	keys := make([]jose.JSONWebKey, 0, len(set.Keys))
	for _, raw := range set.Keys {
		// Keys of kinds that we do not know are for others.
		if k, ok := bearer.ParseKey(raw); ok {
			keys = append(keys, k)
		}
	}
	return slices.Clip(keys), nil
}

// get fetches JSON.
func (s *keySet) get(ctx context.Context, where string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where, http.NoBody)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // What was read is there.
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", where, response.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("reading %s: %w", where, err)
	case len(data) > maxAnswer:
		return fmt.Errorf("%s answered with more than %d bytes", where, maxAnswer)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s does not answer with JSON of the right form", where)
	}
	return nil
}
