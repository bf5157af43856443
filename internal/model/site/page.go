package site

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"

	"go.yaml.in/yaml/v4"
)

// fence begins and ends the front matter of a page.
const fence = "---\n"

// ParsePage reads a page as a Markdown file with front matter. Line ends of
// Windows become those of Unix, and a byte order mark is dropped.
func ParsePage(data []byte) (Page, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, []byte(fence))
	if !ok {
		return Page{}, errors.New("a page begins with its front matter: a line --- and the line title:, up to a second line ---")
	}
	head, text, ok := bytes.Cut(rest, []byte("\n"+fence))
	if !ok {
		return Page{}, errors.New("the front matter has no end: a line ---")
	}
	if len(head) > MaxYAMLSize {
		return Page{}, fmt.Errorf("the front matter has more than %d bytes (limit MaxYAMLSize)", MaxYAMLSize)
	}
	var p Page
	if err := decodeYAML(head, &p); err != nil {
		return Page{}, fmt.Errorf("front matter: %w", err)
	}
	if p.Groups != nil && len(p.Groups) == 0 {
		p.Groups = nil
	}
	p.Text = string(text)
	return p, nil
}

// File writes a page as ParsePage reads it.
func (p Page) File() ([]byte, error) {
	head, err := yaml.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("writing the front matter: %w", err)
	}
	return slices.Concat([]byte(fence), head, []byte(fence), []byte(p.Text)), nil
}

// Files writes the folder of a portal: contents by path. Media that the theme
// uses are beside it, the others in a folder of their own.
func (f *Folder) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for slug, page := range f.Content.Pages {
		data, err := page.File()
		if err != nil {
			return nil, err
		}
		files[path.Join(pagesFolder, slug+".md")] = data
	}
	for name, value := range map[string]any{
		navigationFile: f.Content.Navigation, lookFile: f.Content.Look,
		path.Join(themeFolder, themeFile): f.Content.Look.Theme,
	} {
		if t, ok := value.(Theme); ok && t.IsZero() {
			continue
		}
		data, err := yaml.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", name, err)
		}
		files[name] = data
	}
	ofTheme := f.Content.Look.Theme.Files()
	for name, m := range f.Content.Media {
		data, ok := f.Blobs[m.Digest]
		if !ok {
			return nil, fmt.Errorf("what %s holds is missing", name)
		}
		dir := mediaFolder
		if slices.Contains(ofTheme, name) {
			dir = themeFolder
		}
		files[path.Join(dir, name)] = data
	}
	return files, nil
}
