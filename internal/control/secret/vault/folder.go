package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Folder reads secrets that are files in a folder, as Kubernetes and Docker
// mount them. References to anything outside of the folder are refused, also
// where a link in it leads there: whoever may write a named value chooses the
// path.
type Folder struct{ path string }

// NewFolder makes a source of the files in a folder, which need not be there
// yet.
func NewFolder(path string) (*Folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the folder of secrets: %w", err)
	}
	return &Folder{path: path}, nil
}

// Read reads the file of a reference: "file:///FOLDER/NAME". A line feed at its
// end is no part of the secret.
func (f *Folder) Read(_ context.Context, ref Reference) (Secret, error) {
	u, err := url.Parse(strings.TrimSpace(ref.Identifier))
	if err != nil || u.Scheme != "file" || u.Host != "" || u.Opaque != "" || u.Path == "" {
		return Secret{}, Errorf(CodeNotAllowed, "The identifier is not of the form file:///PATH.")
	}
	name, err := filepath.Rel(f.path, filepath.Clean(filepath.FromSlash(u.Path)))
	if err != nil || !filepath.IsLocal(name) {
		return Secret{}, Errorf(CodeNotAllowed, "The file is outside of the folder of secrets.")
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return Secret{}, &Error{Code: CodeUnavailable, Message: "The folder of secrets cannot be opened.", Err: err}
	}
	defer root.Close() //nolint:errcheck // It was only read.
	data, err := readIn(root, name)
	if err != nil {
		return Secret{}, err
	}
	return Secret{Value: strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")}, nil
}

func readIn(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Errorf("SecretNotFound", "There is no such file in the folder of secrets.")
	}
	if err != nil {
		return nil, &Error{Code: CodeNotAllowed, Message: "The file cannot be read, or leads out of the folder of secrets.", Err: err}
	}
	if !info.Mode().IsRegular() {
		return nil, Errorf(CodeUnusable, "It is not a file.")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, &Error{Code: "Forbidden", Message: "The file cannot be opened.", Err: err}
	}
	defer file.Close() //nolint:errcheck // It was only read.
	data, err := io.ReadAll(io.LimitReader(file, MaxSecret+1))
	if err != nil {
		return nil, &Error{Code: CodeUnavailable, Message: "The file cannot be read.", Err: err}
	}
	return data, nil
}
