// Package apim declares what API Management itself gives to expressions: the variable context with all that
// hangs on it, Jwt and BasicAuthCredentials.
package apim
