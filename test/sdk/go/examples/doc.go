// Package examples runs the examples that Microsoft publishes with its Go SDK
// for API Management, of three versions of it, against the management API.
package examples
