// Package js runs the tests of Microsoft's JavaScript SDK, which are in
// test/sdk/js, against the program.
package js
