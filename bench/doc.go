// Command bench measures the gateway beside others, in one run: the processor
// time that each needs for a request, as a ratio to nginx's plain reverse proxy.
// Machines differ and are noisy; the ratios hardly do.
//
//	make bench                                    everything, some minutes
//	go run ./bench -scenario small,key            some scenarios
//	go run ./bench -only sallyport -rounds 3      some gateways; nginx is always there
//	go run ./bench -scenario key -perf /tmp/key   with profiles for perf report
//
// The gateway that is measured has one processor of its own, and one thread as
// far as it can be told; clients and origin share another. What is not
// installed is left out and named; `make services` installs it where it can.
// docs/benchmarks.md says what is measured, and how to read it.
package main
