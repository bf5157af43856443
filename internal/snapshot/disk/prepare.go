package disk

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// folderPermission keeps other users out.
const folderPermission = 0o700

// Prepare makes, below a gateway's folder, the folder of generations and the
// key that seals them, where they are not there yet. The key lies beside the
// folder and not in it, so that a copy of the generations alone shows nothing.
func Prepare(data string) (key []byte, dir string, err error) {
	dir = filepath.Join(data, "generations")
	if err := os.MkdirAll(dir, folderPermission); err != nil {
		return nil, "", fmt.Errorf("making the folder for generations of the configuration: %w", err)
	}
	name := filepath.Join(data, "generations.key")
	key, err = os.ReadFile(filepath.Clean(name))
	switch {
	case err == nil && len(key) == wire.KeySize:
		return key, dir, nil
	case err == nil:
		return nil, "", fmt.Errorf("%s has %d bytes where a key has %d: restore it, or remove it together with %s",
			name, len(key), wire.KeySize, dir)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, "", fmt.Errorf("reading the key of the generations: %w", err)
	}
	key = make([]byte, wire.KeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, "", fmt.Errorf("making the key of the generations: %w", err)
	}
	if err := (OS{}).WriteSynced(name, key); err != nil {
		return nil, "", fmt.Errorf("keeping the key of the generations: %w", err)
	}
	if err := (OS{}).SyncFolder(data); err != nil {
		return nil, "", fmt.Errorf("keeping the key of the generations: %w", err)
	}
	return key, dir, nil
}
