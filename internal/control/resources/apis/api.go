package apis

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/access"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
)

// The fields of an API's record beside its properties: when its revision was
// made, and when it was written last. They are answered in the list of
// revisions only.
const (
	created = "created"
	updated = "updated"
)

// api is the kind of APIs, of which each is the current revision, and of their
// other revisions.
func api(filter string, longRunning resource.Verbs, children []*resource.Node) *resource.Node {
	return resource.New(access.APIs, resource.Kind{
		Collection: "apis", Title: "API", MaxName: maxName,
		Contract: "APIContract", Create: "APICreateOrUpdateParameter", Update: "APIUpdateContract",
		Filter: filter, LongRunning: longRunning, Hidden: []string{created, updated}, Stamps: []string{updated},
		Hooks: resource.Hooks{
			Find: findRevision, Prepare: prepareAPI, Written: writtenAPI, Deleting: deletingAPI,
			Present: presentAPI, Alternate: exportAPI, Listed: hasTags, ListedBy: "tags",
		},
		Children: children,
	})
}

// work is what Prepare found out for Written.
type work struct {
	// source is the API that the new one is a copy of.
	source resource.ID
	// imported is the document that the request brought.
	imported *transfer.Import
	// document is what it was read from.
	document document
}

// prepareAPI completes an API, current or not.
func prepareAPI(s *resource.Session, e, old *resource.Entity) error {
	w := &work{}
	e.Work = w
	current, err := place(s, e)
	if err != nil {
		return err
	}
	if err := takeSource(s, e, old, w); err != nil {
		return err
	}
	if current != nil {
		if old != nil && !s.Declaring() {
			if err := requireShared(e, current); err != nil {
				return err
			}
		}
		shareWith(e, current)
	}
	if w.imported, err = takeDocument(s, e, old, w); err != nil {
		return err
	}
	if current != nil {
		shareWith(e, current)
	}
	complete(e, old, s.Declaring())
	if err := settleVersionSet(s, e, old); err != nil {
		return err
	}
	if current == nil && !s.Declaring() {
		if err := requirePath(s, e, old); err != nil {
			return err
		}
	}
	if err := dropNumber(s, e, old); err != nil {
		return err
	}
	return stampAPI(s, e, old)
}

// place settles which revision the entity is, and returns the current one where
// it is another. The first revision of a new API is current, whatever number
// its name has.
func place(s *resource.Session, e *resource.Entity) (*resource.Entity, error) {
	name, revision := resource.SplitRevision(e.ID.Name())
	if revision == "" {
		return nil, nil
	}
	root := e.ID.Collection() + "/" + resource.ID(name)
	if name == "" || !isNumber(revision) {
		return nil, resource.Invalid("name", "%q is not the name of a revision: give one such as NAME;rev=2", e.ID.Name())
	}
	current, err := s.Lookup(root)
	if err != nil {
		return nil, err
	}
	if current == nil {
		e.ID = root
	}
	e.Set("apiRevision", revision)
	return current, nil
}

// takeSource reads sourceApiId: what the new API or revision is a copy of. What
// the request does not say is the source's.
func takeSource(s *resource.Session, e, old *resource.Entity, w *work) error {
	reference := e.Text("sourceApiId")
	e.Unset("sourceApiId")
	if reference == "" || old != nil {
		return nil
	}
	const field = "properties.sourceApiId"
	id, err := s.Resolve(e.ID, field, reference)
	if err != nil {
		return err
	}
	if id, err = s.Locate(id); err != nil {
		return err
	}
	if !strings.EqualFold(id.Collection().Name(), "apis") {
		return resource.Invalid(field, "%s is not an API", id)
	}
	source, err := s.Lookup(id)
	if err != nil {
		return err
	}
	if source == nil {
		return resource.Invalid(field, "there is no %s", id)
	}
	w.source = source.ID
	for name, value := range source.Clone().Properties() {
		if !ofRevision[name] {
			e.SetDefault(name, value)
		}
	}
	return nil
}

// ofRevision are the properties that belong to one revision or version of an
// API, so that a copy does not take them over.
var ofRevision = map[string]bool{
	"apiRevision": true, "apiRevisionDescription": true, "isCurrent": true,
	"apiVersion": true, "apiVersionDescription": true, "apiVersionSetId": true, "apiVersionSet": true,
}

// dropNumber removes the revision whose number a folder gives to the current one.
func dropNumber(s *resource.Session, e, old *resource.Entity) error {
	if _, revision := resource.SplitRevision(e.ID.Name()); revision != "" || old == nil || revisionOf(old) == revisionOf(e) {
		return nil
	}
	return s.Drop(revisionID(e.ID, revisionOf(e)))
}

// complete sets what Azure sets where a body says nothing. The number of the
// current revision stays; only a folder says which one is current.
func complete(e, old *resource.Entity, declaring bool) {
	for _, name := range []string{"format", "value", "wsdlSelector", "translateRequiredQueryParameters", "provisioningState", "isOnline"} {
		e.Unset(name)
	}
	if soap := e.Text("apiType"); soap != "" && e.Text("type") == "" {
		e.Set("type", soap)
	}
	e.Unset("apiType")
	e.Set("path", strings.Trim(e.Text("path"), "/"))
	name, revision := resource.SplitRevision(e.ID.Name())
	e.SetDefault("displayName", name)
	e.SetDefault("subscriptionRequired", true)
	e.Set("protocols", protocolsOf(e))
	e.Set("isCurrent", revision == "")
	switch given := e.Text("apiRevision"); {
	case revision != "":
		e.Set("apiRevision", revision)
	case declaring && isNumber(given):
	case old != nil:
		e.Set("apiRevision", revisionOf(old))
	case !isNumber(given):
		e.Set("apiRevision", "1")
	}
}

// protocolOrder is the order in which protocols are answered.
var protocolOrder = map[string]int{"http": 0, "https": 1, "ws": 2, "wss": 3}

// protocolsOf are the protocols of an API, each once and in order; https, or wss
// for WebSockets, where it gives none.
func protocolsOf(e *resource.Entity) []any {
	list, _ := e.Properties()["protocols"].([]any)
	protocols := slices.Clone(list)
	slices.SortStableFunc(protocols, func(a, b any) int {
		return cmp.Compare(protocolOrder[textOf(a)], protocolOrder[textOf(b)])
	})
	protocols = slices.Compact(protocols)
	switch {
	case len(protocols) > 0:
		return protocols
	case strings.EqualFold(e.Text("type"), string(model.APIWebSocket)):
		return []any{"wss"}
	default:
		return []any{"https"}
	}
}

func textOf(value any) string {
	text, _ := value.(string)
	return text
}

// stampAPI keeps when the revision was made and when it was changed. A write that
// says what is there already is no change.
func stampAPI(s *resource.Session, e, old *resource.Entity) error {
	e.Body[created], e.Body[updated] = s.Stamp(), s.Stamp()
	if old == nil || old.Body[created] == nil {
		return nil
	}
	e.Body[created] = old.Body[created]
	before, err := json.Marshal(old.Properties())
	if err != nil {
		return err
	}
	after, err := json.Marshal(e.Properties())
	if err != nil {
		return err
	}
	if bytes.Equal(before, after) {
		e.Body[updated] = old.Body[updated]
	}
	return nil
}

// writtenAPI makes what belongs to a new API, imports, and gives the other
// revisions what all of them share.
func writtenAPI(s *resource.Session, e, old *resource.Entity) error {
	w, _ := e.Work.(*work)
	if w == nil {
		return nil
	}
	if w.source != "" {
		if err := copyRevision(s, w.source, e.ID); err != nil {
			return err
		}
	}
	if w.imported != nil {
		if err := importInto(s, e, w); err != nil {
			return err
		}
	}
	if err := requireHandshake(s, e); err != nil {
		return err
	}
	return spreadShared(s, e, old)
}

// handshake is the one operation of an API of WebSockets.
const handshake = "onHandshake"

// requireHandshake makes the operation of an API of WebSockets.
func requireHandshake(s *resource.Session, e *resource.Entity) error {
	if !strings.EqualFold(e.Text("type"), string(model.APIWebSocket)) {
		return nil
	}
	id := e.ID.Child("operations", handshake)
	if there, err := s.Has(id); err != nil || there {
		return err
	}
	return s.Store(id, resource.Object(map[string]any{
		"displayName": handshake, "method": "GET", "urlTemplate": "/", "templateParameters": []any{}, "responses": []any{},
	}))
}
