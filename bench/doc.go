// Package bench measures the gateway beside others, in one run: CPU time per
// request of whole processes as a ratio, because machines differ and are noisy.
// `make bench` runs it; it has no assertions.
package bench
