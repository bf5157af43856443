package apis

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/contract"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/control/transfer/description"
	"github.com/sallyport/sallyport/internal/control/transfer/openapi"
	"github.com/sallyport/sallyport/internal/model"
)

// Limits of descriptions that are kept. What is larger is imported as ever, and
// no document is kept beside it.
const (
	// MaxDescription bounds a document, in bytes.
	MaxDescription = 32 << 20
	// MaxCompressed bounds it as it is kept, in bytes.
	MaxCompressed = 8 << 20
)

const (
	// descriptionsName is the collection below an API, and original the one
	// resource in it.
	descriptionsName = "sallyportDescriptions"
	original         = "original"
)

// descriptions is the kind of the document that an API was imported from. The
// operations and schemas of the API are what is called; the document says what
// they have no place for, for those who read.
func descriptions() *resource.Node {
	return resource.New(access.APIDescriptions, resource.Kind{
		Collection: descriptionsName, Title: "Description", Names: []string{original},
		Contract: "SallyportDescriptionContract", Verbs: resource.ReadOnly | resource.Delete,
		Hidden: []string{resource.Content},
		Hooks:  resource.Hooks{Present: presentDescription},
		Reads:  []resource.Action{{Path: "document", Run: readDescription}},
	})
}

// kept is what the record of a description has beside its properties.
type kept struct {
	// Data is the document, compressed, in base64.
	Data string `json:"data"`
	// Operations say of each operation, by its name in lower case, what it was
	// when it was imported.
	Operations map[string]string `json:"operations"`
}

// imported is a document that a request brought.
type document struct {
	format string
	data   []byte
}

// describe keeps a document beside the API that was made of it. operations are
// the digests of its operations by their names.
func describe(s *resource.Session, api resource.ID, d document, operations map[string]string) error {
	id := api.Child(descriptionsName, original)
	if len(d.data) > MaxDescription || !utf8.Valid(d.data) {
		return s.Drop(id)
	}
	old, err := s.Lookup(id)
	if err != nil {
		return err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(d.data))
	content := kept{Operations: operations}
	if old != nil && old.Text("sha256") == sum {
		was, err := keptOf(old)
		if err != nil {
			return err
		}
		content.Data = was.Data // Compressed again, the same document may come out differently.
	} else {
		packed, err := pack(d.data)
		if err != nil {
			return fmt.Errorf("keeping %s: %w", id, err)
		}
		if len(packed) > MaxCompressed {
			return s.Drop(id)
		}
		content.Data = base64.StdEncoding.EncodeToString(packed)
	}
	body := resource.Object(map[string]any{
		"format": description.Family(d.format), "length": json.Number(strconv.Itoa(len(d.data))), "sha256": sum,
	})
	raw, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("keeping %s: %w", id, err)
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return fmt.Errorf("keeping %s: %w", id, err)
	}
	body[resource.Content] = tree
	return s.Store(id, body)
}

func pack(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// keptOf reads what a record has beside its properties.
func keptOf(e *resource.Entity) (kept, error) {
	var content kept
	raw, err := json.Marshal(e.Body[resource.Content])
	if err == nil {
		err = json.Unmarshal(raw, &content)
	}
	if err != nil {
		return kept{}, fmt.Errorf("reading %s: %w", e.ID, err)
	}
	return content, nil
}

// unpack returns the document of a record.
func (k *kept) unpack() ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(k.Data)
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, MaxDescription+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxDescription {
		return nil, errors.New("the document is longer than it may be (limit MaxDescription)")
	}
	return data, nil
}

// readDescription answers the document as it was given.
func readDescription(_ *resource.Session, e *resource.Entity, _ resource.Input) (resource.Result, error) {
	content, err := keptOf(e)
	if err != nil {
		return resource.Result{}, err
	}
	data, err := content.unpack()
	if err != nil {
		return resource.Result{}, fmt.Errorf("reading %s: %w", e.ID, err)
	}
	return resource.Result{Body: map[string]any{"format": e.Text("format"), "value": string(data)}, ETag: e.ETag()}, nil
}

// presentDescription says which operations of the API are no longer what the
// document says of them, since somebody changed them by hand. What they are
// called and how they are described in words does not count.
func presentDescription(s *resource.Session, e *resource.Entity) error {
	if s.Call.Listing {
		return nil
	}
	content, err := keptOf(e)
	if err != nil {
		return err
	}
	edited := []any{}
	for operation, err := range s.Collection(e.ID.Parent() + "/operations") {
		if err != nil {
			return err
		}
		sum, err := digestOf(operation)
		if err != nil {
			return err
		}
		if content.Operations[strings.ToLower(operation.ID.Name())] != sum {
			edited = append(edited, operation.ID.Name())
		}
	}
	e.Set("edited", edited)
	return nil
}

// digestLength is how much of a digest is kept, in bytes: enough to tell a
// change that nobody tries to hide.
const digestLength = 8

// digestOf tells an operation from one that was changed.
func digestOf(operation *resource.Entity) (string, error) {
	c := operation.Clone()
	c.Unset("displayName")
	c.Unset("description")
	raw, err := json.Marshal(c.Properties())
	if err != nil {
		return "", fmt.Errorf("comparing %s: %w", operation.ID, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:digestLength]), nil
}

// digests are those of operations as they are kept.
func digests(s *resource.Session, operations []resource.ID) (map[string]string, error) {
	out := make(map[string]string, len(operations))
	for _, id := range operations {
		e, err := s.Get(id)
		if err != nil {
			return nil, err
		}
		sum, err := digestOf(e)
		if err != nil {
			return nil, err
		}
		out[strings.ToLower(id.Name())] = sum
	}
	return out, nil
}

// Describe keeps the specification of a folder beside the API that was declared
// from it. queryStays is the option of its import.
func Describe(s *resource.Session, api resource.ID, specification transfer.Specification, queryStays bool) error {
	format := string(specification.Format)
	if specification.Format == transfer.FormatWADL {
		format = "wadl-xml"
	}
	sums := map[string]string{}
	if specification.Format == transfer.FormatOpenAPI {
		imported, _ := openapi.Read(model.ID(api.Relative()), specification.Data, openapi.Options{QueryStaysQuery: queryStays})
		for _, operation := range imported.Operations {
			sum, err := declaredDigest(s, api, operation)
			if err != nil {
				return err
			}
			sums[strings.ToLower(operation.ID.Name())] = sum
		}
	}
	return describe(s, api, document{format: format, data: specification.Data}, sums)
}

// declaredDigest is the digest of an operation as it is kept where a folder
// states it: whether by its specification or by a file that says the same.
func declaredDigest(s *resource.Session, api resource.ID, operation *model.Operation) (string, error) {
	properties, err := propertiesOf(operation)
	if err != nil {
		return "", err
	}
	m, err := s.Contracts.Model("OperationContract")
	if err != nil {
		return "", err
	}
	body, _ := m.Clean(resource.Object(properties), contract.Create) // What is wrong with it was told when it was declared.
	e := &resource.Entity{ID: api.Child("operations", operation.ID.Name()), Body: body}
	completeOperation(e)
	return digestOf(e)
}
