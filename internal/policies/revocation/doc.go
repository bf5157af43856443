// Package revocation knows which certificates their issuers have taken back: by
// the revocation lists (CRL, RFC 5280) and the responders (OCSP, RFC 6960) that
// certificates name, fetched over http.
//
// What is known is looked up without waiting. It is fetched again in the
// background every RefreshInterval, and used until StaleAge after it should have
// been replaced, so that an issuer that is down stops nothing. Only where nothing
// is known yet does a request wait, for FirstWait; requests that come together
// share one fetch. Lists that are kept in parts by reason, or for other issuers
// (indirect), and differences of lists (delta) are not supported: they count as
// not known.
package revocation
