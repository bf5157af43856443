package resource

import "strings"

// visit calls f for each string at the path in the tree: "properties.value",
// with "*" for every element of an object or a list, and puts back what f
// returns. Where the path ends at an object or a list, all strings below it are
// visited. f learns the full path, with indices, of each string.
func visit(tree any, path string, f func(at, value string) (string, error)) error {
	_, err := visitAt(tree, strings.Split(path, "."), "", f)
	return err
}

func visitAt(node any, rest []string, at string, f func(at, value string) (string, error)) (any, error) {
	switch n := node.(type) {
	case string:
		if len(rest) > 0 {
			return n, nil
		}
		return f(at, n)
	case map[string]any:
		for name, value := range n {
			if len(rest) > 0 && rest[0] != "*" && rest[0] != name {
				continue
			}
			v, err := visitAt(value, tail(rest), at+"."+name, f)
			if err != nil {
				return nil, err
			}
			n[name] = v
		}
	case []any:
		for i, value := range n {
			if len(rest) > 0 && rest[0] != "*" {
				return n, nil
			}
			// The place in a list is no part of the path: elements may move.
			v, err := visitAt(value, tail(rest), at+".*", f)
			if err != nil {
				return nil, err
			}
			n[i] = v
		}
	}
	return node, nil
}

func tail(rest []string) []string {
	if len(rest) == 0 {
		return nil
	}
	return rest[1:]
}

// remove takes what is at the path out of the tree.
func remove(tree map[string]any, path string) {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		if name == "*" {
			clear(tree)
		}
		delete(tree, name)
		return
	}
	for key, value := range tree {
		if name != "*" && name != key {
			continue
		}
		switch v := value.(type) {
		case map[string]any:
			remove(v, rest)
		case []any:
			for _, element := range v {
				if object, ok := element.(map[string]any); ok {
					remove(object, strings.TrimPrefix(rest, "*."))
				}
			}
		}
	}
}

// At returns what is at the path, and whether anything is.
func At(tree map[string]any, path string) (any, bool) {
	name, rest, deeper := strings.Cut(path, ".")
	value, ok := tree[name]
	if !ok || !deeper {
		return value, ok
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	return At(object, rest)
}

// put sets what is at the path, making objects on the way.
func put(tree map[string]any, path string, value any) {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		tree[name] = value
		return
	}
	object, ok := tree[name].(map[string]any)
	if !ok {
		object = map[string]any{}
		tree[name] = object
	}
	put(object, rest, value)
}
