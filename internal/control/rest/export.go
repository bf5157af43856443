package rest

import (
	"net/http"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/problem"
)

// exportPath begins the links to exported documents, which are fetched without
// a token: the link itself is sealed, and ends.
const exportPath = "exports/"

// export answers a document that an export linked to.
func (x *exchange) export(token string) error {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		return problem.New(http.StatusMethodNotAllowed, "MethodNotAllowed", "An exported document can only be got.")
	}
	var document resource.Document
	err := x.plane.Read(x.r.Context(), x.call, func(s *resource.Session) (err error) {
		document, err = s.Exported(token)
		return err
	})
	if err != nil {
		return err
	}
	x.w.Header().Set("Content-Type", document.ContentType)
	x.w.WriteHeader(http.StatusOK)
	_, _ = x.w.Write(document.Data) // A client that has gone misses nothing.
	return nil
}
