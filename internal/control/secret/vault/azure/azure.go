// Package azure reads secrets from Azure Key Vault, with Microsoft's own client
// and its ways to sign in. The certificates of a vault are secrets of the same
// names there: the archive with the private key.
//
// Whoever may write a named value chooses the URL, so only hosts of Azure Key
// Vault are called, and those that the installation names; over https, with a
// certificate that is the host's, without following redirects; and never at a
// link-local address, where the metadata services of clouds answer.
package azure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"github.com/sallyport/sallyport/internal/control/secret/vault"
	"github.com/sallyport/sallyport/internal/control/transfer/link"
)

// Limits of calls of a vault.
const (
	// maxClients bounds the clients that are kept, one for each vault and
	// identity. They are made anew, so forgetting all of them costs little.
	maxClients = 256
	// maxAnswer bounds an answer, in bytes.
	maxAnswer = 1 << 20
	// maxHeader bounds the header of an answer, in bytes.
	maxHeader = 64 << 10
	// tryTimeout bounds one try, and retries is how often more is tried.
	tryTimeout = 5 * time.Second
	retries    = 2
	// retryPause is the time before the second try, maxRetryPause that before any.
	retryPause    = 300 * time.Millisecond
	maxRetryPause = 2 * time.Second
)

// Options say which vaults are read.
type Options struct {
	// Credential returns what signs in, for the client id of an identity or "".
	Credential func(clientID string) (azcore.TokenCredential, error)
	// Hosts are those that are called beside Azure's own: HOST or HOST:PORT.
	Hosts []string
	// Roots check the certificates of vaults; nil is the system's.
	Roots *x509.CertPool
	// Dial connects to vaults; nil is TCP. The address has been looked up by name
	// only.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RetryPause is the time before the second try; 0 is 300 ms.
	RetryPause time.Duration
}

// Reader is a vault.Source.
type Reader struct {
	o         Options
	transport *http.Client
	mu        sync.Mutex
	clients   map[clientKey]*azsecrets.Client
}

type clientKey struct{ host, identity string }

// New makes a reader. Close ends its connections.
func New(o Options) *Reader {
	allowed := link.Options{AllowPrivate: true} // Vaults behind private endpoints have private addresses.
	dialer := &net.Dialer{Timeout: tryTimeout, Control: func(_, address string, _ syscall.RawConn) error { return allowed.Dialled(address) }}
	if o.RetryPause == 0 {
		o.RetryPause = retryPause
	}
	if o.Dial == nil {
		o.Dial = dialer.DialContext
	}
	return &Reader{o: o, transport: &http.Client{
		Transport: bounded{&http.Transport{
			DialContext:     o.Dial,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
			// Proxies of the environment are not used: behind one, no address could
			// be checked.
			Proxy:                  nil,
			TLSHandshakeTimeout:    tryTimeout,
			MaxResponseHeaderBytes: maxHeader,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        tryTimeout,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that are idle.
func (r *Reader) Close() { r.transport.CloseIdleConnections() }

// Read reads a secret, in the version that the reference names or in the newest.
func (r *Reader) Read(ctx context.Context, ref vault.Reference) (vault.Secret, error) {
	at, err := r.parse(ref.Identifier)
	if err != nil {
		return vault.Secret{}, err
	}
	client, err := r.client(clientKey{at.host, ref.ClientID}, at.azure)
	if err != nil {
		return vault.Secret{}, &vault.Error{Code: vault.CodeNoCredential, Err: err,
			Message: "There is nothing to sign in to the vault with: give the installation an identity, as its documentation says."}
	}
	answer, err := client.GetSecret(ctx, at.name, at.version, nil)
	if err != nil {
		return vault.Secret{}, explain(err)
	}
	got := vault.Secret{}
	if answer.Value != nil {
		got.Value = *answer.Value
	}
	if answer.ContentType != nil {
		got.ContentType = *answer.ContentType
	}
	return got, nil
}

// client returns the client of a vault for an identity.
func (r *Reader) client(key clientKey, ofAzure bool) (*azsecrets.Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.clients[key]; c != nil {
		return c, nil
	}
	if r.o.Credential == nil {
		return nil, errNoIdentity
	}
	credential, err := r.o.Credential(key.identity)
	if err != nil {
		return nil, err
	}
	c, err := azsecrets.NewClient("https://"+key.host, credential, &azsecrets.ClientOptions{
		ClientOptions: azcore.ClientOptions{
			Transport: r.transport,
			Retry:     policy.RetryOptions{MaxRetries: retries, TryTimeout: tryTimeout, RetryDelay: r.o.RetryPause, MaxRetryDelay: maxRetryPause},
			Telemetry: policy.TelemetryOptions{ApplicationID: "sallyport"},
		},
		// A host of Azure's may ask for tokens for itself only.
		DisableChallengeResourceVerification: !ofAzure,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing the client of the vault: %w", err)
	}
	if r.clients == nil || len(r.clients) >= maxClients {
		r.clients = map[clientKey]*azsecrets.Client{}
	}
	r.clients[key] = c
	return c, nil
}

// place is a secret in a vault.
type place struct {
	host, name, version string
	// azure says that the host is one of Azure's.
	azure bool
}

// suffixes are the domains of Azure Key Vault, in its clouds.
var suffixes = []string{".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net"}

// parse reads an identifier, and refuses what is not on an allowed host.
func (r *Reader) parse(identifier string) (place, error) {
	const form = "The identifier is not of the form https://NAME.vault.azure.net/secrets/SECRET or …/SECRET/VERSION."
	u, err := url.Parse(strings.TrimSpace(identifier))
	if err != nil || u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.Fragment != "" {
		return place{}, vault.Errorf(vault.CodeNotAllowed, form)
	}
	at := place{host: strings.ToLower(u.Host)}
	at.azure = isAzure(at.host)
	if !at.azure && !slices.ContainsFunc(r.o.Hosts, func(h string) bool { return strings.EqualFold(h, at.host) }) {
		return place{}, vault.Errorf(vault.CodeNotAllowed,
			"The host of the identifier is no host of Azure Key Vault, and none that the installation allows.")
	}
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	// A certificate's own identifier names the secret with its private key, too.
	if len(parts) < 2 || len(parts) > 3 || parts[0] != "secrets" && parts[0] != "certificates" {
		return place{}, vault.Errorf(vault.CodeNotAllowed, form)
	}
	for _, part := range parts[1:] {
		if !isName(part) {
			return place{}, vault.Errorf(vault.CodeNotAllowed, form)
		}
	}
	at.name = parts[1]
	if len(parts) == 3 {
		at.version = parts[2]
	}
	return at, nil
}

// isAzure reports whether a host is a vault of Azure's: one label before one of
// its domains, and no port.
func isAzure(host string) bool {
	for _, suffix := range suffixes {
		if name, ok := strings.CutSuffix(host, suffix); ok && isName(name) {
			return true
		}
	}
	return false
}

// maxName is how long names in a vault may be.
const maxName = 127

// isName reports whether a text has only letters, digits and hyphens.
func isName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// errNoIdentity is the failure of an installation that has no credential.
var errNoIdentity = errors.New("no identity is configured")

// explain makes the status of an answer, or of none. The vault's own text is
// left out: it is nothing that the installation answers for.
func explain(err error) error {
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
		code := refused.ErrorCode
		if !isName(code) {
			code = vault.CodeUnavailable
		}
		return &vault.Error{Code: code, Message: fmt.Sprintf("The vault answered with the status %d. %s", refused.StatusCode,
			hint(refused.StatusCode)), Err: err}
	}
	if _, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		return &vault.Error{Code: vault.CodeNoCredential,
			Message: "The identity of the installation could not sign in to the vault's directory.", Err: err}
	}
	if refusal := link.Refusal(err); refusal != "" {
		return &vault.Error{Code: vault.CodeNotAllowed, Message: "The vault is not called: " + refusal + ".", Err: err}
	}
	return &vault.Error{Code: vault.CodeUnavailable, Message: "The vault could not be reached, or did not answer in time.", Err: err}
}

// hint says what to do about a status.
func hint(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "Let the identity of the installation get secrets, by the role Key Vault Secrets User or an access policy, " +
			"and see the vault's firewall."
	case http.StatusNotFound:
		return "There is no such secret, or no such version of it."
	case http.StatusTooManyRequests:
		return "It has had too many requests; it is asked again later."
	default:
		return "It is asked again later."
	}
}

// bounded refuses answers that are longer than maxAnswer.
type bounded struct{ next *http.Transport }

// RoundTrip sends a request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxAnswer)
	return response, nil
}

// CloseIdleConnections closes the connections that are idle.
func (b bounded) CloseIdleConnections() { b.next.CloseIdleConnections() }
