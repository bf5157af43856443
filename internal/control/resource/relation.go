package resource

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Relation is a kind of records in the workspaces of a service of which each
// names something of the service itself, as a member of a group does its user.
// Who asks what names one thing would look through all workspaces without an
// index; see Related.
type Relation struct {
	// Path are the collections below a workspace, the record's own last:
	// "groups/users". It is what the relation is known by.
	Path string
	// Names is what a record names; "" is nothing. nil is the record's own name.
	Names func(e *Entity) string
}

// related is the index of a relation in one service. Keys of records are those
// below the service's workspaces.
type related struct {
	indexed
	large bool // There is too much of it: it has no index.
	// named is what each record names, folded, and by which records name it, in
	// the order of lists.
	named map[string]string
	by    map[string][]string
}

// relatedKey names an index of the kind.
type relatedKey struct {
	path    string
	service store.Key
}

// relatedOf is the index of a relation, or nil where there are too many.
func (x *Indexes) relatedOf(key relatedKey) *related {
	x.mu.Lock()
	defer x.mu.Unlock()
	ix := x.related[key]
	if ix == nil && len(x.related) < maxIndexes {
		ix = &related{}
		x.related[key] = ix
	}
	return ix
}

// Related are the ids of the records of a relation that name something, in the
// order of lists, as the session sees them. The ids are folded. ok is false
// where there is no index: the session writes, or reads the past.
func (s *Session) Related(r Relation, service ID, name string) (ids []ID, ok bool, err error) {
	if s.Indexes == nil || s.tx != nil {
		return nil, false, nil
	}
	ix := s.Indexes.relatedOf(relatedKey{r.Path, service.Key()})
	if ix == nil {
		return nil, false, nil
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.newerThan(s) || ix.large {
		return nil, false, nil
	}
	within := service.Key() + "/workspaces/"
	if err := ix.follow(s, r, within); err != nil {
		return nil, false, fmt.Errorf("indexing %s of the workspaces of %s: %w", r.Path, service, err)
	}
	if ix.large {
		return nil, false, nil
	}
	found := ix.by[strings.ToLower(name)]
	ids = make([]ID, 0, len(found))
	for _, key := range found {
		ids = append(ids, ID("/"+string(within)+key))
	}
	return ids, true, nil
}

// follow brings the index to the session's revision.
func (ix *related) follow(s *Session, r Relation, within store.Key) error {
	ok, err := ix.since(s, func(v store.Version) error {
		key, ok := r.match(v.Key, within)
		if !ok {
			return nil
		}
		ix.changed = v.Revision
		if v.Deleted {
			ix.set(key, "")
			return nil
		}
		return ix.put(r, key, v.Record)
	})
	if ok || err != nil {
		return err
	}
	return ix.build(s, r, within)
}

// match is what of a key follows the service's workspaces, where it is that of a
// record of the relation.
func (r Relation) match(key, within store.Key) (string, bool) {
	below, ok := strings.CutPrefix(string(key), string(within))
	if !ok {
		return "", false
	}
	_, rest, _ := strings.Cut(below, "/") // The workspace.
	for path := r.Path; path != ""; {
		var collection, segment, name string
		collection, path, _ = strings.Cut(path, "/")
		segment, rest, _ = strings.Cut(rest, "/")
		name, rest, _ = strings.Cut(rest, "/")
		if segment != collection || name == "" {
			return "", false
		}
	}
	return below, rest == ""
}

// build reads the relation, workspace by workspace: nothing but what stands in
// the first of its collections.
func (ix *related) build(s *Session, r Relation, within store.Key) error {
	ix.begin(s)
	ix.named, ix.by = map[string]string{}, map[string][]string{}
	page := store.Page{Limit: pageOfScan}
	for {
		workspaces, err := s.reader.List(store.Key(strings.TrimSuffix(string(within), "/")), page)
		if err != nil {
			return err
		}
		for i := range workspaces {
			if err := ix.read(s, r, workspaces[i].Key, within); err != nil || ix.large {
				return err
			}
		}
		if len(workspaces) < pageOfScan {
			break
		}
		page.After = workspaces[len(workspaces)-1].Key.Name()
	}
	ix.made = true
	return nil
}

// read reads the relation in one workspace.
func (ix *related) read(s *Session, r Relation, workspace, within store.Key) error {
	first, _, _ := strings.Cut(r.Path, "/")
	for record, err := range s.reader.Tree(workspace + "/" + store.Key(first)) {
		if err != nil {
			return err
		}
		key, ok := r.match(record.Key, within)
		if !ok {
			continue
		}
		if err := ix.put(r, key, record); err != nil || ix.large {
			return err
		}
	}
	return nil
}

// put takes in what a record names.
func (ix *related) put(r Relation, key string, record store.Record) error {
	name := record.Key.Name()
	if r.Names != nil {
		e, err := decode(record)
		if err != nil {
			return err
		}
		name = strings.ToLower(r.Names(e))
	}
	ix.set(strings.Clone(key), strings.Clone(name))
	return nil
}

// set notes what a record names. Beyond what an index has at most there is none
// until the process starts anew.
func (ix *related) set(key, name string) {
	old := ix.named[key]
	if ix.large || old == name {
		return
	}
	if at, found := slices.BinarySearchFunc(ix.by[old], key, compareBySegments); old != "" && found {
		if ix.by[old] = slices.Delete(ix.by[old], at, at+1); len(ix.by[old]) == 0 {
			delete(ix.by, old)
		}
	}
	delete(ix.named, key)
	if name == "" {
		return
	}
	if len(ix.named) == mostIndexed {
		ix.large, ix.named, ix.by = true, nil, nil
		return
	}
	at, _ := slices.BinarySearchFunc(ix.by[name], key, compareBySegments)
	ix.by[name] = slices.Insert(ix.by[name], at, key)
	ix.named[key] = name
}

// compareBySegments orders keys by their segments, as lists of lists are.
func compareBySegments(a, b string) int {
	for i := range min(len(a), len(b)) {
		switch x, y := a[i], b[i]; {
		case x == y:
		case x == '/':
			return -1
		case y == '/':
			return 1
		default:
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}
