// Package oidc signs visitors of the developer portal in at a real OpenID
// provider: the one of github.com/zitadel/oidc, which runs in the test. It is a
// module of its own, so that what that needs is no dependency of ours.
package oidc
