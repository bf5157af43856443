// Package openid signs visitors in at OpenID Connect providers: the authorization
// code flow with PKCE (RFC 7636), a state and a nonce that are bound to the
// visitor's browser, and an ID token whose signature, issuer, audience, time and
// nonce are checked.
//
// The providers are those of the service's configuration: Microsoft Entra ID
// (aad), Azure AD B2C (aadB2C), Microsoft accounts (microsoft), Google (google),
// and those OpenID Connect providers that the installation names for it. Facebook
// and Twitter (X) sign nobody in by OpenID Connect and are not offered.
package openid
