package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// fromYAML returns the first document of a YAML stream as JSON.
func fromYAML(data []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, fmt.Errorf("the document is neither JSON nor YAML: %w", err)
	}
	w := &yamlWriter{out: make([]byte, 0, len(data))}
	if err := w.write(&root, 0); err != nil {
		return nil, err
	}
	return w.out, nil
}

// yamlWriter writes nodes of YAML as JSON.
type yamlWriter struct {
	out []byte
	// values are those that were written, aliased those of them that aliases
	// added; following is how many aliases are being followed.
	values, aliased, following int
}

func (w *yamlWriter) count(depth int) error {
	w.values++
	if w.following > 0 {
		w.aliased++
	}
	switch {
	case depth > MaxDepth:
		return fmt.Errorf("%w: it is nested deeper than %d (limit MaxDepth)", ErrTooLarge, MaxDepth)
	case w.values > MaxValues:
		return fmt.Errorf("%w: it has more than %d values (limit MaxValues)", ErrTooLarge, MaxValues)
	case w.aliased > MaxAliased:
		return fmt.Errorf("%w: aliases add more than %d values (limit MaxAliased)", ErrTooLarge, MaxAliased)
	case len(w.out) > 2*MaxSize:
		return fmt.Errorf("%w: it is longer than %d bytes as JSON (limit MaxSize)", ErrTooLarge, 2*MaxSize)
	}
	return nil
}

func (w *yamlWriter) write(n *yaml.Node, depth int) error {
	if err := w.count(depth); err != nil {
		return err
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) > 0 {
			return w.write(n.Content[0], depth)
		}
	case yaml.AliasNode:
		if n.Alias == nil {
			return errors.New("the document has an alias without an anchor")
		}
		w.following++
		defer func() { w.following-- }()
		return w.write(n.Alias, depth+1)
	case yaml.SequenceNode:
		return w.list(n, depth)
	case yaml.MappingNode:
		w.out = append(w.out, '{')
		if err := w.members(n, depth, map[string]bool{}); err != nil {
			return err
		}
		w.out = append(w.out, '}')
		return nil
	case yaml.ScalarNode:
		w.out = append(w.out, scalar(n)...)
		return nil
	}
	w.out = append(w.out, "null"...)
	return nil
}

func (w *yamlWriter) list(n *yaml.Node, depth int) error {
	w.out = append(w.out, '[')
	for i, item := range n.Content {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if err := w.write(item, depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return nil
}

// members writes those of a mapping; names that are written already stay.
func (w *yamlWriter) members(n *yaml.Node, depth int, written map[string]bool) error {
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		for key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		if key.Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if key.Kind != yaml.ScalarNode || written[key.Value] {
			continue
		}
		if len(written) > 0 {
			w.out = append(w.out, ',')
		}
		written[key.Value] = true
		w.out = append(append(w.out, quote(key.Value)...), ':')
		if err := w.write(value, depth+1); err != nil {
			return err
		}
	}
	for _, value := range merged {
		if err := w.merge(value, depth+1, written); err != nil {
			return err
		}
	}
	return nil
}

// merge writes the members of a mapping, or of those of a list, that is merged
// into another one.
func (w *yamlWriter) merge(n *yaml.Node, depth int, written map[string]bool) error {
	w.following++
	defer func() { w.following-- }()
	if err := w.count(depth); err != nil {
		return err
	}
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	if n.Kind == yaml.MappingNode {
		return w.members(n, depth, written)
	}
	for _, item := range n.Content {
		if err := w.merge(item, depth+1, written); err != nil {
			return err
		}
	}
	return nil
}

// scalar is a scalar of YAML as JSON. Dates are texts.
func scalar(n *yaml.Node) []byte {
	switch n.ShortTag() {
	case "!!null":
		return []byte("null")
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return strconv.AppendBool(nil, b)
		}
	case "!!int", "!!float":
		if isNumber(n.Value) {
			return []byte(n.Value)
		}
		var f float64
		if n.Decode(&f) == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.AppendFloat(nil, f, 'f', -1, 64)
		}
	}
	return quote(n.Value)
}

// isNumber reports whether a text is a number as JSON writes them.
func isNumber(text string) bool {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false
	}
	return json.Valid([]byte(text))
}

func quote(text string) []byte {
	raw, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // Texts can always be written.
	}
	return raw
}
