// Package crypto is System.Security.Cryptography for policy expressions: hashes, keyed hashes, symmetric
// encryption, RSA and X.509 certificates, and the extension methods of API Management that encrypt.
package crypto
