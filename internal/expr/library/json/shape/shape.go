// Package shape makes the classes that JSON is read into from what has been read: sequences from their elements, pairs
// and tuples from their members.
package shape

import (
	"strconv"
	"strings"

	"github.com/sallyport/sallyport/internal/expr/library/collections"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

const generic = "System.Collections.Generic."

// IsSequence reports whether a class is made from the elements of an array.
func IsSequence(to *types.Type) bool {
	if to.Def == nil || len(to.Args) != 1 {
		return false
	}
	switch to.Def.Name {
	case "List", "IList", "ICollection", "IEnumerable", "IReadOnlyCollection", "IReadOnlyList", "HashSet", "ISet", "Queue", "Stack":
		return true
	}
	return false
}

// Sequence makes a sequence of its elements.
func Sequence(th *value.Thread, to *types.Type, items []value.Value) (value.Value, *value.Exception) {
	env := object.Of(th)
	list := collections.NewList(env.Generic(generic+"List", to.Args[0]), items)
	switch to.Def.Name {
	case "HashSet", "ISet":
		set, e := collections.NewSet(th, env.Generic(generic+"HashSet", to.Args[0]), list, nil)
		return value.OfObject(set), e
	case "Queue", "Stack":
		return value.OfObject(collections.NewDeque(to, items, to.Def.Name == "Stack")), nil
	}
	return value.OfObject(list), nil
}

// Members returns the names and the types of what a pair or a tuple is made from; none for another class.
func Members(to *types.Type) ([]string, []*types.Type) {
	switch {
	case to.Kind == types.Tuple:
		return items(len(to.Args)), to.Args
	case to.Def == nil || len(to.Args) == 0:
	case to.Def.Name == "KeyValuePair":
		return []string{"Key", "Value"}, to.Args
	case to.Def.Name == "Tuple":
		return items(len(to.Args)), to.Args
	}
	return nil, nil
}

func items(n int) []string {
	list := make([]string, 0, n)
	for i := range n {
		list = append(list, "Item"+strconv.Itoa(i+1))
	}
	return list
}

// Index returns the place of a name among the members, without regard to case; -1 where it is none.
func Index(names []string, name string) int {
	for i, n := range names {
		if strings.EqualFold(n, name) {
			return i
		}
	}
	return -1
}

// Object makes a pair or a tuple of its members.
func Object(to *types.Type, members []value.Value) value.Value {
	if to.Def != nil && to.Def.Name == "KeyValuePair" {
		return value.OfObject(&object.Pair{Class: to, Key: members[0], Value: members[1]})
	}
	return value.OfObject(&value.Record{Class: to, Items: members})
}

// rowBytes is what a row takes of the memory budget beside its elements.
const rowBytes = 128

// Rows splits the elements of an array of more than one dimension into those of its first dimension.
func Rows(th *value.Thread, a *value.Array) ([]value.Value, *value.Exception) {
	rows, e := value.Make[value.Value](th, a.Dims[0])
	if e == nil {
		e = th.Budget.Alloc(rowBytes * int64(len(rows)))
	}
	if e != nil {
		return nil, e
	}
	size := 1
	for _, n := range a.Dims[1:] {
		size *= n
	}
	for i := range rows {
		row := &value.Array{Class: a.Class, Elem: a.Elem, Items: a.Items[i*size:][:size]}
		if len(a.Dims) > 2 {
			row.Dims = a.Dims[1:]
		}
		rows[i] = value.OfObject(row)
	}
	return rows, nil
}
