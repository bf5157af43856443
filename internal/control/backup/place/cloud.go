package place

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // Registers itself with the default URLMux.
	_ "gocloud.dev/blob/s3blob"    // The same.
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

// Put sends an object in parts, which become an object when all are there. It
// gives the client something to read: what it offers to write to panics where an
// upload to Azure fails.
func (c *cloud) Put(ctx context.Context, name string, fill func(io.Writer) error) error {
	return piped(ctx, fill, func(ctx context.Context, r io.Reader) error {
		return c.outcome(c.bucket.Upload(ctx, name, r, &blob.WriterOptions{
			ContentType: "application/octet-stream", BufferSize: partSize, MaxConcurrency: 1,
		}))
	})
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
	code, status := gcerrors.Code(err), statusOf(err)
	switch {
	case code == gcerrors.NotFound:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case code == gcerrors.PermissionDenied, status == http.StatusForbidden, status == http.StatusUnauthorized:
		return fmt.Errorf("%w: %w; %s", ErrRefused, err, c.hint)
	case code == gcerrors.InvalidArgument:
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	default:
		return err
	}
}

// statusOf is the HTTP status of an answer that was an error, or 0.
func statusOf(err error) int {
	if azure, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return azure.StatusCode
	}
	var aws interface{ HTTPStatusCode() int }
	if errors.As(err, &aws) {
		return aws.HTTPStatusCode()
	}
	return 0
}
