// Package suite drives the program with Microsoft's Go SDKs: the lives of
// resources, paging, filters, ETags, long-running operations and errors, and from
// the first request to a call of the gateway.
package suite
