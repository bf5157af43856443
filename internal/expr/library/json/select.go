package json

import (
	"github.com/sallyport/sallyport/internal/expr/library/json/jsonpath"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// bindSelect binds the known path of SelectToken, which is read once. A path of names only is walked without lists.
func bindSelect(u *types.Use) types.Impl {
	path, ok := u.Text(0)
	if !ok || len(u.Args) != 1 {
		return nil
	}
	steps, e := jsonpath.Parse(&value.Thread{Budget: value.NewBudget(value.Limits{}, nil)}, path)
	if e != nil {
		return nil // The general form throws at each run.
	}
	if names := plainNames(steps); names != nil {
		return types.ObjVal(func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
			t := asToken(o)
			for _, name := range names {
				if t.kind != Object {
					return value.Nil, nil
				}
				p := t.find(name)
				if p == nil {
					return value.Nil, nil
				}
				t = p.items[0]
			}
			return value.OfObject(t), nil
		})
	}
	return types.ObjVal(func(th *value.Thread, o value.Value) (value.Value, *value.Exception) {
		t := asToken(o)
		s := &selection{thread: th, root: t}
		list, e := s.run(t, steps)
		return only(list, e)
	})
}

// plainNames returns the names of a path that has nothing else, nil for another.
func plainNames(steps []jsonpath.Step) []string {
	var names []string
	for i := range steps {
		st := &steps[i]
		if st.Deep || st.All || st.Slice != nil || st.Filter != nil || len(st.Names) != 1 || len(st.Indices) > 0 {
			return nil
		}
		names = append(names, st.Names[0])
	}
	return names
}

// only returns the one token of a list, or null for none.
func only(list []*Token, e *value.Exception) (value.Value, *value.Exception) {
	switch {
	case e != nil || len(list) == 0:
		return value.Nil, e
	case len(list) > 1:
		return value.Nil, jsonError("Path returned multiple tokens.")
	}
	return wrap(list[0]), nil
}
