package resource

import (
	"context"
	"sync"
	"time"

	"github.com/sallyport/sallyport/internal/control/secret/vault"
)

// Limits of what one call reads from vaults. What is not read within them has a
// status that says so, and is read in the background.
const (
	// MaxSecretsRead bounds the secrets of one call.
	MaxSecretsRead = 5000
	// secretsAtOnce is how many are read at a time.
	secretsAtOnce = 8
	// secretsTimeout bounds the reading of all secrets of one call.
	secretsTimeout = time.Minute
)

// secretRead is a secret that a call refers to, or why it cannot be had.
type secretRead struct {
	secret vault.Secret
	err    error
}

// Secret returns a secret that is kept in a vault. In a session that writes, ok
// is false where it has not been read yet: whoever runs the transaction reads
// what all hooks have asked for, with Call.ReadSecrets, and runs it again. No
// transaction waits for a vault.
func (s *Session) Secret(ref vault.Reference) (secret vault.Secret, ok bool, err error) {
	got, known := s.Call.secrets[ref]
	switch {
	case known:
	case s.Vault == nil:
		got.err = vault.Errorf(vault.CodeNotSupported, "This installation reads from no vault. Give the value itself beside keyVault.")
	case s.tx == nil:
		got.secret, got.err = s.Vault.Read(s.ctx, ref)
	default:
		s.unread = append(s.unread, ref)
		return vault.Secret{}, false, nil
	}
	return got.secret, true, got.err
}

// Unread are the secrets that hooks have asked for and that are not read yet.
func (s *Session) Unread() []vault.Reference { return s.unread }

// ReadSecrets reads secrets for the transactions of the call. What fails is
// known to have failed.
func (c *Call) ReadSecrets(ctx context.Context, source vault.Source, refs []vault.Reference) {
	ctx, cancel := context.WithTimeout(ctx, secretsTimeout)
	defer cancel()
	if c.secrets == nil {
		c.secrets = map[vault.Reference]secretRead{}
	}
	var (
		mu    sync.Mutex
		tasks sync.WaitGroup
	)
	turn := make(chan struct{}, secretsAtOnce)
	for _, ref := range c.missing(refs) {
		tasks.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			got, err := source.Read(ctx, ref)
			mu.Lock()
			defer mu.Unlock()
			c.secrets[ref] = secretRead{got, err}
		})
	}
	tasks.Wait()
}

// missing are those of the references, each once, that are to be read. What is
// more than MaxSecretsRead is noted as not read.
func (c *Call) missing(refs []vault.Reference) []vault.Reference {
	var list []vault.Reference
	for _, ref := range refs {
		if _, known := c.secrets[ref]; known {
			continue
		}
		c.secrets[ref] = secretRead{err: vault.Errorf(vault.CodeUnavailable,
			"The secret was not read: the request refers to more than %d.", MaxSecretsRead)}
		if len(list) < MaxSecretsRead {
			list = append(list, ref)
		}
	}
	return list
}
