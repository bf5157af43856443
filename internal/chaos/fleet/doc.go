// Package fleet puts gateways that follow a management plane under stress: it
// starts both as processes, takes the management plane, its store or the feed
// away while calls go on, and looks at what calls get.
//
// `go test` runs short forms; with `-args -long` it runs the long ones.
package fleet
