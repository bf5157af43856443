package asset

import (
	"embed"
	"io/fs"

	"github.com/sallyport/sallyport/internal/portal/page"
)

//go:embed vendored
var vendored embed.FS

//go:embed code
var code embed.FS

// Sections are the sections whose assets other sections name: "vendor", with
// vendor/highlight/core.min.js, vendor/highlight/languages/… and
// vendor/uplot/uPlot.esm.js and uPlot.min.css; and "code", whose module
// code/code.js colours each <pre><code class="language-json"> of a page in view,
// and whose code/code.css has the colours. They have no routes.
func Sections() []*page.Section {
	return []*page.Section{
		{Name: "vendor", Assets: below(vendored, "vendored")},
		{Name: "code", Assets: below(code, "code")},
	}
}

// below is a folder of files that were embedded, which is always there.
func below(files embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return embed.FS{}
	}
	return sub
}
