package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sallyport/sallyport/examples"
)

// keyBytes is the strength of a generated subscription key.
const keyBytes = 16

// The permissions of the configuration: it holds keys.
const (
	exampleFolder = 0o700
	exampleFile   = 0o600
)

// copyExample writes the example configuration to a folder, with keys of its
// own.
func copyExample(to string) error {
	const from = "quickstart"
	return fs.WalkDir(examples.Quickstart, from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(strings.TrimPrefix(path, from)))
		if d.IsDir() {
			return os.MkdirAll(target, exampleFolder)
		}
		data, err := examples.Quickstart.ReadFile(path)
		if err != nil {
			return err
		}
		if data, err = withKeys(data); err != nil {
			return err
		}
		return os.WriteFile(target, data, exampleFile)
	})
}

// withKeys puts a new key in each place that asks for one.
func withKeys(data []byte) ([]byte, error) {
	marker := []byte(`"GENERATED-`)
	for {
		at := bytes.Index(data, marker)
		if at < 0 {
			return data, nil
		}
		end := at + 1 + bytes.IndexByte(data[at+1:], '"')
		key := make([]byte, keyBytes)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("making a key: %w", err)
		}
		replaced := append([]byte(nil), data[:at+1]...)
		replaced = append(replaced, hex.EncodeToString(key)...)
		data = append(replaced, data[end:]...)
	}
}
