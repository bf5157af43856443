// Package regex is System.Text.RegularExpressions for policy expressions, by a port of .NET's own engine whose
// time is bounded.
package regex
