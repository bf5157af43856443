package place

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2/google"
)

const (
	// googleScope is what credentials are asked for.
	googleScope = "https://www.googleapis.com/auth/devstorage.read_write"
	// googleService is where Google's storage answers; emulatorVariable names
	// another address, as Google's own clients have it.
	googleService    = "https://storage.googleapis.com"
	emulatorVariable = "STORAGE_EMULATOR_HOST"
	// maxAnswer bounds a page of a list, or an error, in bytes.
	maxAnswer = 8 << 20
)

// bucketGS is a bucket of Google Cloud Storage, over its JSON API: five calls,
// for which Google's client brings 188 packages.
type bucketGS struct {
	client  *http.Client
	service string
	name    string
	hint    string
}

// openGoogle opens a bucket, with the application default credentials.
func openGoogle(ctx context.Context, bucket, hint string) (*bucketGS, error) {
	g := &bucketGS{service: googleService, name: bucket, hint: hint}
	// No time-out: an upload is answered when it is whole; the watch of the place
	// ends it.
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: callTimeout}
	g.client = &http.Client{Transport: transport}
	if at := os.Getenv(emulatorVariable); at != "" {
		if !strings.Contains(at, "://") {
			at = "http://" + at
		}
		g.service = strings.TrimSuffix(at, "/")
		return g, nil
	}
	credentials, err := google.FindDefaultCredentials(ctx, googleScope)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, hint)
	}
	g.client.Transport = authorised{transport, credentials}
	return g, nil
}

// authorised puts a token on each request.
type authorised struct {
	base        *http.Transport
	credentials *google.Credentials
}

// RoundTrip sends a request with a token.
func (a authorised) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := a.credentials.TokenSource.Token()
	if err != nil {
		return nil, fmt.Errorf("getting a token: %w", err)
	}
	r = r.Clone(r.Context())
	token.SetAuthHeader(r)
	return a.base.RoundTrip(r)
}

// CloseIdleConnections lets go of connections.
func (a authorised) CloseIdleConnections() { a.base.CloseIdleConnections() }

// object is the URL of an object.
func (g *bucketGS) object(name string) string {
	return g.service + "/storage/v1/b/" + url.PathEscape(g.name) + "/o/" + url.PathEscape(name)
}

// call sends a request and answers the body of what succeeded.
func (g *bucketGS) call(ctx context.Context, method, at string, body io.Reader) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	answer, err := g.client.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10)) // What it says is only for people.
	err = fmt.Errorf("%s answers %s: %s", g.service, answer.Status, strings.TrimSpace(string(said)))
	switch answer.StatusCode {
	case http.StatusNotFound:
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, fmt.Errorf("%w: %w; %s", ErrRefused, err, g.hint)
	case http.StatusBadRequest:
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	default:
		return nil, err
	}
}

// Put uploads an object in one request: it is there when that was answered.
func (g *bucketGS) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	at := g.service + "/upload/storage/v1/b/" + url.PathEscape(g.name) + "/o?" +
		url.Values{"uploadType": {"media"}, "name": {name}}.Encode()
	return piped(ctx, fill, func(ctx context.Context, r io.Reader) error {
		answer, err := g.call(ctx, http.MethodPost, at, r)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, io.LimitReader(answer, maxAnswer))
		return errors.Join(err, answer.Close())
	})
}

// Get reads an object.
func (g *bucketGS) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	return g.call(ctx, http.MethodGet, g.object(name)+"?alt=media", nil)
}

// listGS is a page of a list.
type listGS struct {
	Items []struct {
		Name    string    `json:"name"`
		Size    int64     `json:"size,string"`
		Updated time.Time `json:"updated"`
	} `json:"items"`
	NextPageToken string `json:"nextPageToken"`
}

// List lists objects, a page at a time.
func (g *bucketGS) List(ctx context.Context, prefix string, each func(Object) error) error {
	query := url.Values{"prefix": {prefix}, "fields": {"items(name,size,updated),nextPageToken"}}
	for {
		answer, err := g.call(ctx, http.MethodGet, g.service+"/storage/v1/b/"+url.PathEscape(g.name)+"/o?"+query.Encode(), nil)
		if err != nil {
			return err
		}
		var page listGS
		err = json.NewDecoder(io.LimitReader(answer, maxAnswer)).Decode(&page)
		if err = errors.Join(err, answer.Close()); err != nil {
			return fmt.Errorf("reading a list of %s: %w", g.service, err)
		}
		for _, o := range page.Items {
			if err := each(Object{Name: o.Name, Size: o.Size, Modified: o.Updated}); err != nil {
				return err
			}
		}
		if page.NextPageToken == "" || page.NextPageToken == query.Get("pageToken") {
			return nil
		}
		query.Set("pageToken", page.NextPageToken)
	}
}

// Delete removes an object.
func (g *bucketGS) Delete(ctx context.Context, name string) error {
	answer, err := g.call(ctx, http.MethodDelete, g.object(name), nil)
	if err != nil {
		return err
	}
	return answer.Close()
}

// Close lets go of connections.
func (g *bucketGS) Close() error {
	g.client.CloseIdleConnections()
	return nil
}
