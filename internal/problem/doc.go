// Package problem holds the errors that cross a border of the program.
//
// Error is what an API answers: it has a code, an HTTP status and the JSON form
// of the Azure management API. Problem is what a person who writes configuration
// reads: it has a file, a line, a column and a hint. Everything that reads
// configuration reports Problems; whoever answers an API call turns them into
// one Error with Problems.Err or Problems.ToError.
package problem
