package place

import (
	"context"
	"errors"
	"io"
)

// errEnded is what a writer gets whose upload has ended already.
var errEnded = errors.New("the upload has ended")

// piped lets send read what fill writes. Where fill fails the context of send
// ends and its reader does not: half of an object never looks like a whole one.
func piped(ctx context.Context, fill func(io.Writer) error, send func(context.Context, io.Reader) error) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	r, w := io.Pipe()
	filled := make(chan error, 1)
	go func() {
		err := fill(w)
		filled <- err
		if err != nil {
			abort()
		}
		_ = w.CloseWithError(err) // Without an error that is the end of the object.
	}()
	err := send(ctx, r)
	_ = r.CloseWithError(errEnded)
	if own := <-filled; own != nil && !errors.Is(own, errEnded) {
		return own
	}
	return err
}
