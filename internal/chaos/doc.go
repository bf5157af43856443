// Package chaos puts a running gateway under stress: it starts the real program
// as a process, misuses it from outside, and looks at what the machine says of
// it: memory, descriptors, goroutines, processor time, and how calls of others
// fare meanwhile.
//
// `go test` runs short forms; `make robustness` and `make soak` the long ones.
package chaos
