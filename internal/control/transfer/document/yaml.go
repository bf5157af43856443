package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxFlowStyle bounds the documents that are tried as YAML in flow style, which
// begins as JSON does, once they are found not to be JSON.
const maxFlowStyle = 1 << 20

// Parse reads a document that is JSON where it begins with a brace or a
// bracket, and YAML elsewhere. The error is a *SyntaxError.
func Parse(data []byte) (*Node, error) {
	start := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		n, err := ParseJSON(data)
		if err == nil {
			return n, nil
		}
		if len(data) > maxFlowStyle {
			return nil, err
		}
		if y, yamlErr := ParseYAML(data); yamlErr == nil {
			return y, nil
		}
		return nil, err
	}
	return ParseYAML(data)
}

// ParseYAML reads the first document of a YAML stream. An empty one is null.
// The error is a *SyntaxError.
func ParseYAML(data []byte) (*Node, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, yamlSyntaxError(err)
	}
	c := &yamlConverter{}
	if root.Kind == 0 {
		return &Node{Kind: Null, Line: 1, Column: 1}, nil
	}
	return c.convert(&root, 0)
}

// yamlLine finds the position in the text of go-yaml's errors.
var yamlLine = regexp.MustCompile(`line (\d+)(?:, column (\d+))?`)

func yamlSyntaxError(err error) error {
	e := &SyntaxError{Line: 1, Column: 1, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	if loading, ok := errors.AsType[*yaml.LoadError](err); ok {
		e.Line, e.Column, e.Message = loading.Mark.Line, loading.Mark.Column, loading.Message
		return e
	}
	if at := yamlLine.FindStringSubmatch(e.Message); at != nil {
		e.Line, _ = strconv.Atoi(at[1]) // The expression admits digits only.
		if at[2] != "" {
			e.Column, _ = strconv.Atoi(at[2]) // As above.
		}
	}
	return e
}

type yamlConverter struct {
	nodes   int
	aliases int // Depth of aliases that are being followed.
	added   int // Nodes that aliases added.
	slab    []Node
}

func yamlErrorf(y *yaml.Node, format string, args ...any) error {
	return &SyntaxError{Line: y.Line, Column: y.Column, Message: fmt.Sprintf(format, args...)}
}

func (c *yamlConverter) node(y *yaml.Node, k Kind) (*Node, error) {
	if c.nodes++; c.nodes > MaxNodes {
		return nil, yamlErrorf(y, "the document has more than %d values (limit MaxNodes)", MaxNodes)
	}
	if c.aliases > 0 {
		if c.added++; c.added > MaxAliasNodes {
			return nil, yamlErrorf(y, "aliases add more than %d values to the document (limit MaxAliasNodes)", MaxAliasNodes)
		}
	}
	if len(c.slab) == 0 {
		c.slab = make([]Node, 32)
	}
	n := &c.slab[0]
	c.slab = c.slab[1:]
	n.Kind, n.Line, n.Column = k, int32(y.Line), int32(y.Column)
	return n, nil
}

func (c *yamlConverter) convert(y *yaml.Node, depth int) (*Node, error) {
	if depth > MaxDepth {
		return nil, yamlErrorf(y, "the document is nested deeper than %d (limit MaxDepth)", MaxDepth)
	}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return c.node(y, Null)
		}
		return c.convert(y.Content[0], depth)
	case yaml.AliasNode:
		if y.Alias == nil {
			return nil, yamlErrorf(y, "the alias names no anchor")
		}
		c.aliases++
		n, err := c.convert(y.Alias, depth+1)
		c.aliases--
		return n, err
	case yaml.SequenceNode:
		return c.list(y, depth)
	case yaml.MappingNode:
		return c.object(y, depth)
	case yaml.ScalarNode:
		return c.scalar(y)
	default:
		return nil, yamlErrorf(y, "unexpected YAML")
	}
}

func (c *yamlConverter) list(y *yaml.Node, depth int) (*Node, error) {
	n, err := c.node(y, List)
	if err != nil {
		return nil, err
	}
	n.Items = make([]*Node, len(y.Content))
	for i, item := range y.Content {
		if n.Items[i], err = c.convert(item, depth+1); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (c *yamlConverter) object(y *yaml.Node, depth int) (*Node, error) {
	n, err := c.node(y, Object)
	if err != nil {
		return nil, err
	}
	n.Members = make([]Member, 0, len(y.Content)/2)
	var merged []*Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			return nil, yamlErrorf(key, "the name of a member must be a scalar")
		}
		v, err := c.convert(value, depth+1)
		if err != nil {
			return nil, err
		}
		if key.Value == "<<" && key.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0 {
			merged = append(merged, v)
			continue
		}
		n.Members = append(n.Members, Member{Name: key.Value, Line: int32(key.Line), Column: int32(key.Column), Value: v})
	}
	if err := noDuplicates(n); err != nil {
		return nil, err
	}
	for _, m := range merged {
		mergeInto(n, m)
	}
	return n, nil
}

// mergeInto adds what a merge key names: members that the object has win.
func mergeInto(n, from *Node) {
	if from.Kind == List {
		for _, item := range from.Items {
			mergeInto(n, item)
		}
		return
	}
	for _, m := range from.Members {
		if n.Get(m.Name) == nil {
			n.Members = append(n.Members, m)
		}
	}
}

func (c *yamlConverter) scalar(y *yaml.Node) (*Node, error) {
	kind, text := String, y.Value
	if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		kind, text = plainScalar(y)
	}
	n, err := c.node(y, kind)
	if err != nil {
		return nil, err
	}
	n.Text = text
	return n, nil
}

// plainScalar gives a scalar without quotes its kind. Numbers that JSON cannot
// write as they are (0x1F, 1_000, .inf) become decimal ones or strings.
func plainScalar(y *yaml.Node) (Kind, string) {
	text := y.Value
	if y.Tag == "" || y.Tag == "!" {
		return String, text
	}
	switch y.ShortTag() {
	case "!!null":
		return Null, "null"
	case "!!bool":
		return Bool, strings.ToLower(text)
	case "!!int", "!!float":
		if json.Valid([]byte(text)) {
			return Number, text
		}
		if i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err == nil {
			return Number, strconv.FormatInt(i, 10)
		}
		if f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64); err == nil {
			if out, err := json.Marshal(f); err == nil {
				return Number, string(out)
			}
		}
	}
	return String, text
}
