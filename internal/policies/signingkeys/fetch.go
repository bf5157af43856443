package signingkeys

import (
	"context"
	"errors"
	"fmt"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policies/jose"
	"github.com/sallyport/sallyport/internal/policy"
)

// MaxConfigurationBytes is the longest OpenID configuration that is read.
const MaxConfigurationBytes = 256 << 10

// fetchIssuer gets an OpenID configuration and its key set.
func fetchIssuer(ctx context.Context, fetcher policy.Fetcher, url string) (*policy.Issuer, error) {
	if fetcher == nil {
		return nil, errors.New("there is nothing to fetch with")
	}
	data, err := fetch(ctx, fetcher, url, MaxConfigurationBytes)
	if err != nil {
		return nil, fmt.Errorf("fetching the OpenID configuration: %w", err)
	}
	name, keysURL, err := readConfiguration(data)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenID configuration: %w", err)
	}
	if err := checkScheme(url, keysURL); err != nil {
		return nil, err
	}
	if data, err = fetch(ctx, fetcher, keysURL, jose.MaxKeySetBytes); err != nil {
		return nil, fmt.Errorf("fetching the key set: %w", err)
	}
	keys, err := jose.ParseKeySet(data)
	if err != nil {
		return nil, fmt.Errorf("reading the key set: %w", err)
	}
	issuer := &policy.Issuer{Name: name}
	for _, k := range keys {
		if k.Public != nil {
			issuer.Keys = append(issuer.Keys, policy.SigningKey{ID: k.ID, Algorithm: k.Algorithm, Key: k.Public})
		}
	}
	if len(issuer.Keys) == 0 {
		return nil, errors.New("reading the key set: it has no key that could confirm a signature")
	}
	return issuer, nil
}

func fetch(ctx context.Context, fetcher policy.Fetcher, url string, limit int64) ([]byte, error) {
	got, err := fetcher.Fetch(ctx, url, limit)
	if err != nil {
		return nil, err
	}
	if got.Status != 200 {
		return nil, fmt.Errorf("%s answered %d", url, got.Status)
	}
	return got.Body, nil
}

// readConfiguration reads what is needed of an OpenID configuration (OpenID
// Connect Discovery 1.0 §3).
func readConfiguration(data []byte) (issuer, keysURL string, err error) {
	v, err := jose.ParseObject(data)
	if err != nil {
		return "", "", err
	}
	name, ok := v.Get("issuer")
	if !ok || name.Kind != jose.Text || name.Text == "" {
		return "", "", errors.New("it names no issuer")
	}
	keys, ok := v.Get("jwks_uri")
	if !ok || keys.Kind != jose.Text {
		return "", "", errors.New("it names no key set (jwks_uri)")
	}
	return name.Text, keys.Text, nil
}

// checkScheme refuses a key set that is less well protected than the
// configuration that names it.
func checkScheme(configurationURL, keysURL string) error {
	configuration, err := message.ParseURL(configurationURL)
	if err != nil {
		return err
	}
	keys, err := message.ParseURL(keysURL)
	if err != nil {
		return fmt.Errorf("reading jwks_uri: %w", err)
	}
	if configuration.Scheme == "https" && keys.Scheme != "https" {
		return errors.New("the configuration is fetched with https and names a key set without")
	}
	return nil
}
