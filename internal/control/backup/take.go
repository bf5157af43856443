package backup

import (
	"context"
	"io"
)

// Take writes a base: everything at one revision. Others write meanwhile. Where
// it returns an error what was written is no archive.
func Take(ctx context.Context, from Source, w io.Writer, o TakeOptions) (Summary, error) {
	return Summary{}, nil
}

// TakeChanges writes what was changed after a position, or returns ErrNoChanges
// and writes nothing. Its error wraps ErrSequence where the store is of another
// lineage: a base is needed then.
func TakeChanges(ctx context.Context, from Source, after Position, w io.Writer, o TakeOptions) (Summary, error) {
	return Summary{}, nil
}
