// Package telemetry is what Sallyport says about itself: the access log, the
// general log, metrics, and health.
//
// Nothing here may hold up a request. What is written goes through bounded
// queues (Queue) that drop and count when their sink does not keep up; what is
// counted goes through handles that are resolved beforehand (Operation,
// Backend), so that a finished request costs a few additions and one line in a
// buffer that is used again, and no allocation.
//
// Metrics have a bounded number of label values each. What comes after the
// bound is reached is counted under the value "other".
package telemetry
