package place

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"gocloud.dev/blob"
	// These register themselves with the default URLMux.
	_ "gocloud.dev/blob/azureblob"
	_ "gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"
)

// partSize is how much of an object is sent at once, in bytes: with the 10,000
// parts that S3 takes, an object has up to 160 GB.
const partSize = 16 << 20

// cloud is a bucket of Amazon S3 or a container of Azure Blob Storage.
type cloud struct {
	bucket *blob.Bucket
	hint   string // What to look at where it refuses.
}

// openCloud opens a bucket. It finds its credentials in the environment, as the
// tools of that cloud do.
func openCloud(ctx context.Context, u *url.URL, hint string) (*cloud, error) {
	b, err := blob.DefaultURLMux().OpenBucketURL(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, hint)
	}
	return &cloud{bucket: b, hint: hint}, nil
}

// Put sends an object in parts, which become an object when all are there.
func (c *cloud) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	w, err := c.bucket.NewWriter(ctx, name, &blob.WriterOptions{
		ContentType: "application/octet-stream", DisableContentTypeDetection: true, BufferSize: partSize, MaxConcurrency: 1,
	})
	if err != nil {
		return c.outcome(err)
	}
	if err := fill(w); err != nil {
		abort() // Closing a writer whose context has ended throws away what it has.
		_ = w.Close()
		return c.outcome(err)
	}
	return c.outcome(w.Close())
}

// Get reads an object.
func (c *cloud) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := c.bucket.NewReader(ctx, name, nil)
	if err != nil {
		return nil, c.outcome(err)
	}
	return r, nil
}

// List lists objects.
func (c *cloud) List(ctx context.Context, prefix string, each func(Object) error) error {
	for it := c.bucket.List(&blob.ListOptions{Prefix: prefix}); ; {
		o, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return c.outcome(err)
		}
		if err := each(Object{Name: o.Key, Size: o.Size, Modified: o.ModTime}); err != nil {
			return err
		}
	}
}

// Delete removes an object.
func (c *cloud) Delete(ctx context.Context, name string) error {
	return c.outcome(c.bucket.Delete(ctx, name))
}

// Close lets go of the client.
func (c *cloud) Close() error { return c.bucket.Close() }

// outcome sorts errors by what can be done.
func (c *cloud) outcome(err error) error {
	if err == nil {
		return nil
	}
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case gcerrors.PermissionDenied:
		return fmt.Errorf("%w: %w; %s", ErrRefused, err, c.hint)
	case gcerrors.InvalidArgument:
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	default:
		return err
	}
}
