package export

import (
	"bytes"

	"go.yaml.in/yaml/v4"

	"github.com/sallyport/sallyport/internal/control/transfer/document"
)

// object is an object that members are put in. Members stay in the order in
// which they were put.
type object struct{ *document.Node }

func newObject() object { return object{&document.Node{Kind: document.Object}} }

// put adds a member; an absent value adds none.
func (o object) put(name string, value *document.Node) {
	if value != nil {
		o.Members = append(o.Members, document.Member{Name: name, Value: value})
	}
}

// text adds a member that is a string, unless it is empty.
func (o object) text(name, value string) {
	if value != "" {
		o.put(name, str(value))
	}
}

// filled returns the object, or nil where it is empty.
func (o object) filled() *document.Node {
	if len(o.Members) == 0 {
		return nil
	}
	return o.Node
}

func str(text string) *document.Node { return &document.Node{Kind: document.String, Text: text} }

var yes = &document.Node{Kind: document.Bool, Text: "true"}

func list(items []*document.Node) *document.Node {
	return &document.Node{Kind: document.List, Items: items}
}

func texts(values []string) *document.Node {
	items := make([]*document.Node, len(values))
	for i, v := range values {
		items[i] = str(v)
	}
	return list(items)
}

// raw reads JSON of the configuration. What is no JSON is written as a string.
func raw(data []byte) *document.Node {
	if len(data) == 0 {
		return nil
	}
	n, err := document.ParseJSON(data)
	if err != nil {
		return str(string(data))
	}
	return n
}

// encodeYAML writes a tree as YAML.
func encodeYAML(n *document.Node) []byte {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	err := e.Encode(yamlNode(n))
	if closing := e.Close(); err == nil {
		err = closing
	}
	if err != nil { // Trees are always written; JSON is YAML too.
		return indent(n.AppendJSON(nil))
	}
	return out.Bytes()
}

func yamlNode(n *document.Node) *yaml.Node {
	switch n.Kind {
	case document.Object:
		out := &yaml.Node{Kind: yaml.MappingNode}
		if len(n.Members) == 0 {
			out.Style = yaml.FlowStyle
		}
		for i := range n.Members {
			out.Content = append(out.Content, yamlString(n.Members[i].Name), yamlNode(n.Members[i].Value))
		}
		return out
	case document.List:
		out := &yaml.Node{Kind: yaml.SequenceNode}
		if len(n.Items) == 0 {
			out.Style = yaml.FlowStyle
		}
		for _, item := range n.Items {
			out.Content = append(out.Content, yamlNode(item))
		}
		return out
	case document.String:
		return yamlString(n.Text)
	case document.Null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: n.Text}
	}
}

// yamlString is a string, which the encoder puts in quotes where it would be
// read as something else.
func yamlString(text string) *yaml.Node {
	out := &yaml.Node{}
	out.SetString(text)
	return out
}
