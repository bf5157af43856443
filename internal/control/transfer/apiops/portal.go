package apiops

import (
	"io/fs"
	"path"

	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model/site"
	"github.com/sallyport/sallyport/internal/problem"
)

// portalFolder is ours: the content of the developer portal.
const portalFolder = "portal"

// portal reads the content of the developer portal; nil where the folder has
// none.
func (r *reader) portal() *site.Folder {
	if info, err := fs.Stat(r.fsys, portalFolder); err != nil || !info.IsDir() {
		return nil
	}
	sub, err := fs.Sub(r.fsys, portalFolder)
	if err != nil {
		r.add(problem.Location{File: portalFolder}, err.Error(), "")
		return nil
	}
	read, problems := site.ReadFolder(sub)
	for _, p := range problems {
		p.File = path.Join(portalFolder, p.File)
		r.out.problems = append(r.out.problems, p)
	}
	return read
}

// portal writes the content of the developer portal.
func (w *writer) portal(c *transfer.Configuration) {
	if c.Portal == nil {
		return
	}
	files, err := c.Portal.Files()
	if err != nil {
		w.fail("", "the content of the portal: "+err.Error(), "")
		return
	}
	for name, data := range files {
		w.put("", path.Join(portalFolder, name), data)
	}
}
