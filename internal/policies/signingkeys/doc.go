// Package signingkeys fetches and keeps the keys that identity providers sign
// tokens with: an OpenID configuration and the key set that it names.
//
// Keys are fetched again every RefreshInterval, in the background, and at most
// once in RetryInterval for a key id that is not known, so that invented ids
// cost nothing. When a provider cannot be reached, its keys are used until they
// are MaxAge old. Only the very first fetch makes requests wait for longer than
// UnknownKeyWait; requests that come together share one fetch.
package signingkeys
