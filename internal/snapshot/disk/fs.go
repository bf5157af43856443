package disk

import (
	"fmt"
	"os"
	"path/filepath"
)

// FileSystem is what Store needs of a file system. Tests put one in its place
// that loses what was not synced.
type FileSystem interface {
	// WriteSynced creates a file, writes and syncs it.
	WriteSynced(name string, data []byte) error
	// Rename replaces newName by oldName.
	Rename(oldName, newName string) error
	// SyncFolder makes names in the folder durable.
	SyncFolder(dir string) error
	Read(name string) ([]byte, error)
	Remove(name string) error
	// Names returns the names of the files in a folder.
	Names(dir string) ([]string, error)
}

// OS is the file system of the machine.
type OS struct{}

// filePermission keeps configuration, which holds secrets, from other users.
const filePermission = 0o600

// WriteSynced creates a file that only its owner can read, writes and syncs it.
func (OS) WriteSynced(name string, data []byte) (err error) {
	f, err := os.OpenFile(filepath.Clean(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, filePermission)
	if err != nil {
		return fmt.Errorf("creating the file: %w", err)
	}
	defer func() {
		if closing := f.Close(); err == nil && closing != nil {
			err = fmt.Errorf("closing the file: %w", closing)
		}
	}()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("writing the file: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("syncing the file: %w", err)
	}
	return nil
}

// Rename replaces newName by oldName.
func (OS) Rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// SyncFolder syncs a folder, so that a rename in it is durable.
func (OS) SyncFolder(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return fmt.Errorf("opening the folder: %w", err)
	}
	if err := d.Sync(); err != nil {
		_ = d.Close() // The failed sync is what is reported.
		return fmt.Errorf("syncing the folder: %w", err)
	}
	return d.Close()
}

// Read returns the content of a file.
func (OS) Read(name string) ([]byte, error) { return os.ReadFile(filepath.Clean(name)) }

// Remove removes a file.
func (OS) Remove(name string) error { return os.Remove(name) }

// Names returns the names of the files in a folder.
func (OS) Names(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder: %w", err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}
