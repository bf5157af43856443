// Package contract checks the bodies of the management API against the models of
// api-version 2024-05-01.
//
// The models are in the file 2024-05-01.txt, which is embedded and parsed by
// Load. Empty lines and lines that begin with # say nothing. Every other line is
// one of these:
//
//	enum Name value "value, with a comma" …
//	model Name
//	  field type [required] [readonly] [minlength=N] [maxlength=N] [minitems=N]
//	             [maxitems=N] [minimum=N] [maximum=N] [pattern=identifier]
//
// A type is string, integer, number, boolean, time, any, the name of an enum or
// of a model, or one of these behind [] (an array of them) or {} (an object whose
// members are all of that type). What the service accepts beyond the file, and
// where strings may be longer than elsewhere, is in exceptions.go with reasons.
package contract
