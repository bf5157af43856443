package site

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/problem"
)

// Limits of the connection to a management plane elsewhere.
const (
	dialTimeout = 5 * time.Second
	tokenTime   = 10 * time.Second
	// maxTokenAnswer bounds an answer of the issuer of tokens, and a file with a
	// token or a secret.
	maxTokenAnswer = 64 << 10
	// renewBefore is how long before its end a token is exchanged for a new one;
	// until then a failure to do so changes nothing.
	renewBefore = 5 * time.Minute
	// renewAgain is how long no other token is asked for after one was refused.
	renewAgain = 5 * time.Second
	// maxPerNode bounds the connections to one node.
	maxPerNode = 64
)

// Control says where the management plane is.
type Control struct {
	URLs      []string
	CA        string
	Cert, Key string
	// Insecure allows http:// on another machine, SkipVerify any certificate.
	Insecure, SkipVerify bool
}

// OpenRemote begins to serve a portal whose management plane is elsewhere.
func OpenRemote(ctx context.Context, f *Flags, p *Process, c *Control) (*Site, error) {
	n, err := c.transport()
	if err != nil {
		return nil, err
	}
	token := (&fileToken{name: f.TokenFile}).get
	if f.TokenFile == "" {
		token = (&credentials{
			id: f.ClientID, file: f.SecretFile, clock: p.Clock, http: &http.Client{Transport: n, Timeout: tokenTime}, base: n.urls[0].String(),
		}).get
	}
	return open(ctx, f, p, nil, client.Options{BaseURL: n.urls[0].String(), Service: p.Service, Transport: n, Token: token})
}

// transport is the way to the nodes.
func (c *Control) transport() (*nodes, error) {
	wrong := func(format string, args ...any) error {
		return &commandline.UsageError{Err: fmt.Errorf(format, args...)}
	}
	n := &nodes{}
	for _, text := range c.URLs {
		u, err := url.Parse(strings.TrimSuffix(text, "/"))
		switch {
		case err != nil || u.Host == "" || u.Path != "" || u.Scheme != "https" && u.Scheme != "http":
			return nil, wrong("--control: %q is no URL of a management plane, such as https://control.example:9443", text)
		case u.Scheme == "http" && !loopback(u.Hostname()) && !c.Insecure:
			return nil, wrong("--control: %s is in clear text: use https://, or --control-insecure where nobody can listen", u)
		}
		n.urls = append(n.urls, u)
	}
	if len(n.urls) == 0 {
		return nil, wrong("--role portal needs --control with the URL of the management plane, such as https://control.example:9443")
	}
	config, err := c.tls()
	if err != nil {
		return nil, err
	}
	n.to = &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, TLSClientConfig: config,
		TLSHandshakeTimeout: dialTimeout, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: maxPerNode, MaxConnsPerHost: 2 * maxPerNode,
		ForceAttemptHTTP2: true,
	}
	return n, nil
}

func (c *Control) tls() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	config.InsecureSkipVerify = c.SkipVerify //nolint:gosec // A flag asks for it and says what it means.
	if c.CA != "" {
		text, err := readBounded(c.CA)
		if err != nil {
			return nil, fmt.Errorf("reading the authorities of the management plane: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("reading the authorities of the management plane: %s holds no certificate in PEM", c.CA)
		}
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate for the management plane: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// fileToken reads the token anew for each call, so that it can be exchanged.
type fileToken struct{ name string }

func (t *fileToken) get(context.Context) (string, error) {
	text, err := readBounded(t.name)
	if err != nil {
		return "", unavailable("the portal's token cannot be read", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func readBounded(name string) ([]byte, error) {
	file, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // It is only read.
	text, err := io.ReadAll(io.LimitReader(file, maxTokenAnswer+1))
	if err == nil && len(text) > maxTokenAnswer {
		err = fmt.Errorf("%s is longer than %d bytes", name, maxTokenAnswer)
	}
	return text, err
}

// credentials exchange a client id and its secret for tokens at the management
// plane's own issuer, each before the last one ends.
type credentials struct {
	id, file, base string
	http           *http.Client
	clock          clock.Clock

	mu      sync.Mutex
	token   string
	ends    time.Time
	refused time.Time
	last    error
}

// get returns a token that works for a while.
func (c *credentials) get(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now()
	if c.token != "" && now.Before(c.ends.Add(-renewBefore)) {
		return c.token, nil
	}
	if c.refused.IsZero() || now.Sub(c.refused) >= renewAgain {
		if c.last = c.renew(ctx); c.last == nil {
			c.refused = time.Time{}
			return c.token, nil
		}
		c.refused = now
	}
	if c.token != "" && now.Before(c.ends) {
		return c.token, nil // The old one still works, and there is time.
	}
	return "", unavailable("the portal gets no token of the management plane", c.last)
}

func unavailable(text string, cause error) error {
	return problem.New(http.StatusServiceUnavailable, problem.CodeUnavailable, "%s: %v", text, cause).WithCause(cause)
}

// renew asks for a token. The one who waits is every call, so that it is not
// given up with the first of them.
func (c *credentials) renew(ctx context.Context) error {
	secret, err := readBounded(c.file)
	if err != nil {
		return fmt.Errorf("reading the client secret: %w", err)
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.id}, "client_secret": {strings.TrimSpace(string(secret))},
		"scope": {"https://management.azure.com/.default"},
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/sallyport/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	asked := c.clock.Now()
	answer, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("asking for a token: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // It is only read.
	var body struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"`
		Problem string `json:"error_description"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxTokenAnswer)).Decode(&body); err != nil {
		return fmt.Errorf("asking for a token: %d %s: %w", answer.StatusCode, http.StatusText(answer.StatusCode), err)
	}
	if answer.StatusCode != http.StatusOK || body.Token == "" || body.Expires <= 0 {
		return errors.New("asking for a token: " + http.StatusText(answer.StatusCode) + ": " + body.Problem)
	}
	c.token, c.ends = body.Token, asked.Add(time.Duration(body.Expires)*time.Second)
	return nil
}
