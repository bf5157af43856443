// Package usage is the section of the portal on what was called: the visitor's
// own calls at /usage, and for administrators those of the whole service at
// /admin/usage, over time, by API, operation, product and subscription, as plots,
// as tables and as CSV.
//
// It reads the reports of the management API and nothing else. A visitor's report
// is always narrowed to the calls that were made while their subscription was the
// visitor's, whatever the address asks for.
package usage

import "time"

// The limits of the section.
const (
	// MaxRows bounds the rows of a table on a page; CSV has up to MaxExport.
	MaxRows = 100
	// MaxExport bounds the rows of a file.
	MaxExport = 20_000
	// MaxSubscriptions bounds the subscriptions that a visitor can choose from;
	// another one is looked at from its own page.
	MaxSubscriptions = 200
	// readTimeout bounds all calls of the management plane for one page.
	readTimeout = 20 * time.Second
)
