package backups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sallyport/sallyport/cmd/sallyport/commandline"
	"github.com/sallyport/sallyport/internal/control/backup/archive"
	"github.com/sallyport/sallyport/internal/control/secret/keyservice"
)

// makeKey makes a key in a new file, and returns its name.
func makeKey(ctx context.Context, file string) (name string, err error) {
	file = strings.TrimPrefix(file, "file://")
	if strings.Contains(file, "://") {
		return "", &commandline.UsageError{Err: fmt.Errorf("%q is not a file: only keys in files are made here", file)}
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is something at %s already, and a key is never replaced: backups that it opens would be lost", file)
	}
	at, err := keyURL(file)
	if err != nil {
		return "", err
	}
	key, err := keyservice.Open(ctx, at, true)
	if err != nil {
		return "", fmt.Errorf("making the key: %w", err)
	}
	return key.Name(), nil
}

// advise says what to do about an archive that was written with another key.
func advise(err error) error {
	if errors.Is(err, archive.ErrKey) {
		return fmt.Errorf("%w: give the key that it was written with, with --backup-key", err)
	}
	return err
}
