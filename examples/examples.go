// Package examples holds the configuration that a first start of
// `sallyport serve` lays down: an Echo API and the Swagger Petstore, with
// products to try keys, rate limits and quotas.
package examples

import "embed"

// Quickstart is the configuration folder, below "quickstart".
//
//go:embed all:quickstart
var Quickstart embed.FS
