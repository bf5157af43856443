// Package host declares what the gateway hands to a policy expression: the plain data behind `context`, and
// the small interfaces through which an expression reads the message it runs on. The gateway adapts its own types to them..
package host
