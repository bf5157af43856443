// Package account is the portal's section of accounts: signing up with a
// confirmed address, signing in with a password or at a provider, passwords that
// were forgotten, invitations, the profile, sessions, and closing an account.
//
// What must happen together, such as a new password and the end of the sessions
// that knew the old one, is one call of the management API. A page says that
// something was done when that call has returned. Pages of guests answer alike,
// in status, text and time, whether an address has an account or not: what there
// is to say is said by mail, to who reads it.
package account
