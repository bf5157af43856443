// Package jose reads and checks signed and encrypted tokens: compact JWS
// (RFC 7515) and compact JWE (RFC 7516), with keys as RFC 7517 writes them.
//
// It is strict where libraries tend to be generous, because each generosity
// has been an attack somewhere: base64url has no padding, no line break and no
// unused bits; a JSON member stands once; a key serves only the algorithms of
// its own kind, and only the one that it names; its use and key_ops count; a
// PSS salt is as long as the hash; extensions that must be understood (crit)
// and detached or unencoded payloads (b64) are refused, compression (zip) too.
// Nothing in a token's header is ever used as a key or followed as an address.
package jose
