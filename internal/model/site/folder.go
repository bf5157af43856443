package site

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sallyport/sallyport/internal/problem"
)

// The names in the folder of a portal.
const (
	pagesFolder    = "pages"
	themeFolder    = "theme"
	mediaFolder    = "media"
	navigationFile = "navigation.yaml"
	lookFile       = "look.yaml"
	themeFile      = "theme.yaml"
)

// MaxYAMLSize bounds a YAML file of the folder, in bytes.
const MaxYAMLSize = 128 << 10

// Folder is a portal's content with what its media hold.
type Folder struct {
	Content Content
	// Blobs are what the media hold, by digest.
	Blobs map[string][]byte
}

// ReadFolder reads the folder of a portal. Problems name files in it; it must
// not be used where there are any.
func ReadFolder(fsys fs.FS) (*Folder, problem.Problems) {
	r := newReader(fsys)
	r.pages()
	r.yaml(navigationFile, &r.out.Content.Navigation)
	r.yaml(lookFile, &r.out.Content.Look)
	if r.exists(themeFolder) {
		r.theme(themeFolder)
	}
	r.media(mediaFolder)
	r.strangers(".", func(name string, dir bool) bool {
		switch name {
		case pagesFolder, themeFolder, mediaFolder:
			return dir
		case navigationFile, lookFile:
			return !dir
		}
		return false
	})
	return r.finish()
}

// ReadTheme reads the folder of a theme: theme.yaml with the fonts and images
// beside it.
func ReadTheme(fsys fs.FS) (*Folder, problem.Problems) {
	r := newReader(fsys)
	if !r.exists(themeFile) {
		r.add(themeFile, "the file is missing")
	}
	r.theme(".")
	return r.finish()
}

type reader struct {
	fsys  fs.FS
	out   *Folder
	files map[string]string // Where media are, by file name.
	found problem.Problems
}

func newReader(fsys fs.FS) *reader {
	return &reader{fsys: fsys, files: map[string]string{}, out: &Folder{
		Content: Content{Pages: map[string]Page{}, Media: map[string]Medium{}}, Blobs: map[string][]byte{},
	}}
}

func (r *reader) add(file, format string, a ...any) {
	r.found = append(r.found, problem.Problem{Location: problem.Location{File: file}, Message: fmt.Sprintf(format, a...)})
}

func (r *reader) exists(name string) bool {
	_, err := fs.Stat(r.fsys, name)
	return err == nil
}

// list returns what is in a folder without hidden files; nil where it is not
// there.
func (r *reader) list(dir string) []fs.DirEntry {
	entries, err := fs.ReadDir(r.fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.add(dir, "the folder cannot be read: %v", err)
	}
	var shown []fs.DirEntry
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			shown = append(shown, e)
		}
	}
	return shown
}

// strangers reports what does not belong into a folder, as a warning.
func (r *reader) strangers(dir string, known func(name string, dir bool) bool) {
	for _, e := range r.list(dir) {
		if !known(e.Name(), e.IsDir()) {
			r.found = append(r.found, problem.Problem{
				Severity: problem.SeverityWarning, Location: problem.Location{File: path.Join(dir, e.Name())},
				Message: "is not part of a portal's folder, and is ignored",
			})
		}
	}
}

// read returns a file of at most limit bytes. It is not there where ok is false
// and nothing was added.
func (r *reader) read(file string, limit int, name string) (data []byte, ok bool) {
	info, err := fs.Stat(r.fsys, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false
	case err != nil:
		r.add(file, "the file cannot be read: %v", err)
		return nil, false
	case !info.Mode().IsRegular():
		r.add(file, "it is not a file")
		return nil, false
	}
	f, err := r.fsys.Open(file)
	if err != nil {
		r.add(file, "the file cannot be opened: %v", err)
		return nil, false
	}
	defer func() { _ = f.Close() }() // It was only read.
	data, err = io.ReadAll(io.LimitReader(f, int64(limit)+1))
	switch {
	case err != nil:
		r.add(file, "the file cannot be read: %v", err)
		return nil, false
	case len(data) > limit:
		r.add(file, "the file has more than %d bytes (limit %s)", limit, name)
		return nil, false
	}
	return data, true
}

// yaml reads a file into a value; one that is not there leaves it as it is.
func (r *reader) yaml(file string, into any) {
	data, ok := r.read(file, MaxYAMLSize, "MaxYAMLSize")
	if !ok {
		return
	}
	if err := decodeYAML(data, into); err != nil {
		r.add(file, "%v", err)
	}
}

// decodeYAML reads one document, and refuses members that it does not know.
func decodeYAML(data []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return nil
}

func (r *reader) pages() {
	const end = ".md"
	for _, e := range r.list(pagesFolder) {
		file := path.Join(pagesFolder, e.Name())
		slug, markdown := strings.CutSuffix(e.Name(), end)
		if !markdown || !ValidSlug(slug) {
			r.add(file, "is no page: the name is lower-case letters, digits and dashes, and ends in .md")
			continue
		}
		if len(r.out.Content.Pages) >= MaxPages {
			r.add(pagesFolder, "there are more than %d pages (limit MaxPages)", MaxPages)
			return
		}
		data, ok := r.read(file, MaxPageSize+MaxYAMLSize, "MaxPageSize")
		if !ok {
			continue
		}
		page, err := ParsePage(data)
		if err != nil {
			r.add(file, "%v", err)
			continue
		}
		r.out.Content.Pages[slug] = page
	}
}

// theme reads theme.yaml and the files beside it.
func (r *reader) theme(dir string) {
	r.yaml(path.Join(dir, themeFile), &r.out.Content.Look.Theme)
	r.media(dir)
}

// media reads the images and fonts in a folder.
func (r *reader) media(dir string) {
	for _, e := range r.list(dir) {
		name, file := e.Name(), path.Join(dir, e.Name())
		if name == themeFile && dir != mediaFolder {
			continue
		}
		if other, twice := r.files[name]; twice {
			r.add(file, "has the same name as %s", other)
			continue
		}
		if len(r.files) >= MaxMedia {
			r.add(dir, "there are more than %d files (limit MaxMedia)", MaxMedia)
			return
		}
		data, ok := r.read(file, MaxMediumSize, "MaxMediumSize")
		if !ok {
			continue
		}
		m, err := Identify(data)
		if err != nil {
			r.add(file, "%v", err)
			continue
		}
		r.files[name] = file
		r.out.Content.Media[name], r.out.Blobs[m.Digest] = m, data
	}
}

// finish checks the whole, and gives the problems of parts the names of files.
func (r *reader) finish() (*Folder, problem.Problems) {
	if copied, err := r.out.Content.Clone(); err != nil {
		r.add("", "%v", err)
	} else {
		r.out.Content = *copied
	}
	if !r.found.HasErrors() {
		for _, p := range r.out.Content.Validate() {
			p.File, p.Element = fileOf(p.Element)
			r.found = append(r.found, p)
		}
	}
	r.found.Sort()
	return r.out, r.found
}

// fileOf divides the element of a problem into the file and the rest.
func fileOf(element string) (file, rest string) {
	part, rest, _ := strings.Cut(element, ": ")
	switch {
	case strings.HasPrefix(part, "pages/"):
		return part + ".md", rest
	case part == "navigation":
		return navigationFile, rest
	case part == "look" && strings.HasPrefix(rest, "title"):
		return lookFile, rest
	case part == "look":
		return path.Join(themeFolder, themeFile), strings.TrimPrefix(rest, "theme: ")
	}
	return part, rest
}
