package openapi

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
	"github.com/sallyport/sallyport/internal/model"
)

const (
	maxName    = 80 // Of an operation, in characters.
	maxBase    = 76 // Before a suffix that makes a name unique.
	maxSuffix  = 999
	maxDisplay = 300 // Of an operation's displayName, in characters.
	// maxDescription is that of its description, in characters. The whole text is
	// in the document, which is kept beside the API.
	maxDescription = 1000
)

// Normalize makes the name of an operation from any text as API Management
// does: lower case, each run of other characters than letters and digits one
// dash, no dash at the ends, at most 76 characters.
func Normalize(text string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
			continue
		}
		dash = true
	}
	name := b.String()
	if len(name) > maxBase {
		name = strings.TrimRight(name[:maxBase], "-")
	}
	return name
}

// name chooses the operation's name. An operationId that may be a name is kept
// as it is: that is what exported specifications hold, and what operation
// folders are called. Any other is normalized, and where there is none the name
// comes of method and path.
func (m *importer) name(operation *document.Node, method, path string) string {
	given := operation.Get("operationId")
	name := given.String()
	if name != "" && !validName(m.api, name) {
		name = Normalize(name)
	}
	if name == "" {
		name = Normalize(method + "-" + path)
	}
	if !m.names[strings.ToLower(name)] {
		m.names[strings.ToLower(name)] = true
		return name
	}
	unique := m.unique(name)
	if given.String() != "" {
		m.warnAt(given, "operationId",
			fmt.Sprintf("the operationId %q is there twice; this operation is named %q", given.String(), unique),
			"each operation needs an operationId of its own")
	}
	return unique
}

func validName(api model.ID, name string) bool {
	if len(name) > maxName || strings.Contains(name, "/") {
		return false
	}
	_, err := model.ParseID(string(api.Child("operations", name)))
	return err == nil
}

func (m *importer) unique(name string) string {
	base := name
	if len(base) > maxBase {
		base = strings.TrimRight(Normalize(base), "-")
	}
	for i := 1; ; i++ {
		candidate := base + "-" + strconv.Itoa(i)
		if i > maxSuffix {
			candidate = base[:len(base)/2] + "-" + strconv.Itoa(i)
		}
		if key := strings.ToLower(candidate); !m.names[key] {
			m.names[key] = true
			return candidate
		}
	}
}

// displayName is the summary, else the operationId, else method and path.
func displayName(operation *document.Node, method, path string) string {
	text := strings.TrimSpace(operation.Get("summary").String())
	if text == "" {
		text = strings.TrimSpace(operation.Get("operationId").String())
	}
	if text == "" {
		text = method + " " + path
	}
	return cut(text, maxDisplay)
}

// cut shortens text to a number of characters.
func cut(text string, characters int) string {
	if len(text) <= characters {
		return text
	}
	for i := range text {
		if characters--; characters < 0 {
			return text[:i]
		}
	}
	return text
}
