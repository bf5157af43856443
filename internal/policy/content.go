package policy

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// decodeContent undoes a Content-Encoding for a policy that reads the body. An
// encoding that is not known is left as it is. The result is bounded by limit,
// so that a small body cannot unfold without end.
func decodeContent(encoding string, data []byte, limit int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("reading gzip content: %w", err)
		}
		return unfold(r, limit)
	case "deflate":
		return inflate(data, limit)
	}
	return data, nil
}

// inflate reads deflate content: zlib by specification, raw deflate as many
// servers send it.
func inflate(data []byte, limit int64) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return unfold(flate.NewReader(bytes.NewReader(data)), limit)
	}
	return unfold(r, limit)
}

func unfold(r io.Reader, limit int64) ([]byte, error) {
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("decoding the content: %w", err)
	}
	if int64(len(out)) > limit {
		return nil, &message.TooLargeError{Limit: limit}
	}
	return out, nil
}
