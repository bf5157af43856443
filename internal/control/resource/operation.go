package resource

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/sallyport/sallyport/internal/problem"
)

// Operation is a long-running operation, as its id says it. The work is done
// before the first answer, in the request's transaction, so the id holds all
// that there is to know, and every node of an installation can answer for it.
type Operation struct {
	// Resource is what the operation is about.
	Resource ID `json:"r"`
	// Status is what polling the resource ends with.
	Status int `json:"s"`
	// Start is when it began.
	Start time.Time `json:"t"`
}

// maxOperationID bounds the id of an operation that is read.
const maxOperationID = 4096

// OperationID is the operation as a segment of a path.
func (o Operation) OperationID() string {
	raw, err := json.Marshal(o)
	if err != nil {
		return "" // A year that JSON cannot have; nobody's clock is there.
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// ParseOperation reads the id of an operation.
func ParseOperation(id string) (Operation, error) {
	var o Operation
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if len(id) > maxOperationID || err != nil || json.Unmarshal(raw, &o) != nil || o.Status < 200 || o.Status > 299 {
		return Operation{}, problem.NotFound("Operation", id[:min(len(id), 40)])
	}
	return o, nil
}
