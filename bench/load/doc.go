// Package load is both ends of a benchmark: clients that call a gateway and the
// origin behind it. They share one thread and one epoll instance, on the
// system calls themselves, so that they need less processor time than what is
// measured between them, and do not disturb it.
//
// The clients understand what the benchmark's origin answers, with a
// Content-Length, and nothing more.
package load
