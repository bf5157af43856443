package reference

import (
	"context"
	"strings"

	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/reference/description"
)

// Example is a body for a call of an operation, in one of its media types: the
// first example of the description, or else one that is made of the schema. It is
// "" where nothing is known of the body, and for forms with files.
func (l *Library) Example(ctx context.Context, api *catalogue.API, operation, media string) string {
	known, err := l.API(ctx, api, "")
	if err != nil {
		return ""
	}
	for _, o := range api.Operations {
		if !strings.EqualFold(o.Name, operation) {
			continue
		}
		read, of := known.Read(o)
		if of == nil || read.Body == nil {
			return ""
		}
		for i := range read.Body.Media {
			if m := &read.Body.Media[i]; strings.EqualFold(m.Type, media) {
				text, _ := m.Example(description.Request)
				return text
			}
		}
	}
	return ""
}
