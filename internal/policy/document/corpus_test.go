package document_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/policy/document"
)

// corpus is one public policy document.
type corpus struct {
	File        string `json:"file"`
	Root        string `json:"root"`
	WellFormed  bool   `json:"well_formed_xml"`
	Expressions int    `json:"expressions"`
	src         []byte
}

// readCorpus returns the public policy documents that lie beside the checkout.
func readCorpus(t *testing.T) []corpus {
	t.Helper()
	dir := sharedDirectory(t, "policy-documents")
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []corpus
	if err := json.Unmarshal(index, &list); err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if list[i].src, err = os.ReadFile(filepath.Join(dir, list[i].File)); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func sharedDirectory(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	shared := filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(shared); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("../shared is not beside the checkout")
		}
		t.Skip("SKIPPED: ../shared is not beside the checkout")
	}
	return shared
}

func TestCorpusIsRead(t *testing.T) {
	list := readCorpus(t)
	expressions, elements := 0, 0
	for _, c := range list {
		root, err := document.Parse(c.src, document.Auto, document.Limits{})
		if err != nil {
			t.Errorf("%s: %v", c.File, err)
			continue
		}
		if root.Name != c.Root {
			t.Errorf("%s: the root is %s, want %s", c.File, root.Name, c.Root)
		}
		n := 0
		walk(root, func(e *document.Element) {
			elements++
			for _, text := range texts(e) {
				if text.Expression {
					n++
				}
				if len(text.Mixed) > 0 {
					t.Logf("%s:%s: %s: text beside an expression", c.File, text.PositionAt(text.Mixed[0]), e.Name)
				}
			}
		})
		expressions += n
		if n != c.Expressions {
			t.Errorf("%s: %d expressions, want %d", c.File, n, c.Expressions)
		}
	}
	t.Logf("%d documents, %d elements, %d expressions", len(list), elements, expressions)
}

func TestCorpusPositions(t *testing.T) {
	for _, c := range readCorpus(t) {
		root, err := document.Parse(c.src, document.Auto, document.Limits{})
		if err != nil {
			continue // TestCorpusIsRead reports it.
		}
		checkPositions(t, string(c.src), root)
	}
}

// checkPositions compares the positions in a tree with the document, in which no
// named values were put.
func checkPositions(t *testing.T, src string, root *document.Element) {
	t.Helper()
	walk(root, func(e *document.Element) {
		if !strings.HasPrefix(src[e.Pos.Offset:], "<"+e.Name) || src[e.End.Offset-1] != '>' {
			t.Errorf("<%s> is not from %v to %v", e.Name, e.Pos, e.End)
		}
		if !strings.HasPrefix(src[e.InnerPos.Offset:], e.Inner) {
			t.Errorf("the inside of <%s> is not at %v", e.Name, e.InnerPos)
		}
		for _, a := range e.Attributes {
			if !strings.HasPrefix(src[a.Pos.Offset:], a.Name) {
				t.Errorf("%s is not at %v", a.Name, a.Pos)
			}
		}
		for _, text := range texts(e) {
			for i := range len(text.Value) {
				at := text.PositionAt(i).Offset
				if found := src[at]; found != text.Value[i] && found != '&' && found != '\r' {
					t.Errorf("<%s>: byte %d (%q) of the value maps to %q", e.Name, i, text.Value[i], found)
				}
			}
			if text.Expression {
				if end := text.PositionAt(len(text.Value)).Offset; src[end] != ')' && src[end] != '}' {
					t.Errorf("<%s>: the end of the expression maps to %q", e.Name, src[end])
				}
			}
		}
	})
}

func TestCorpusRoundTrip(t *testing.T) {
	for _, c := range readCorpus(t) {
		root, err := document.Parse(c.src, document.Auto, document.Limits{})
		if err == nil {
			checkRoundTrip(t, c.File, root)
		}
	}
}

// checkRoundTrip writes the tree in both formats and compares what is read back.
func checkRoundTrip(t *testing.T, name string, root *document.Element) {
	t.Helper()
	for _, format := range []document.Format{document.RawXML, document.XML} {
		var out bytes.Buffer
		if err := document.Write(&out, root, format); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		limits := document.Limits{DocumentBytes: 1 << 24, FragmentBytes: 1 << 24, Depth: 1000}
		again, err := document.Parse(out.Bytes(), format, limits)
		if err != nil {
			t.Errorf("%s: reading what was written as %s: %v\n%s", name, format, err, out.String())
			continue
		}
		if diff := diffShapes(shapeOf(root), shapeOf(again)); diff != "" {
			t.Errorf("%s: written as %s it differs:\n%s\n%s", name, format, diff, out.String())
		}
		if format == document.XML {
			if diff, err := compareXML(out.Bytes(), again); err != nil || diff != "" {
				t.Errorf("%s: encoding/xml reads it otherwise: %v\n%s\n%s", name, err, diff, out.String())
			}
		}
	}
}

// TestCorpusAgreesWithXML compares the reader with encoding/xml on all
// well-formed documents, in both formats.
func TestCorpusAgreesWithXML(t *testing.T) {
	n := 0
	for _, c := range readCorpus(t) {
		_, strictErr := document.Parse(c.src, document.XML, document.Limits{})
		if !c.WellFormed {
			if strictErr == nil {
				t.Errorf("%s is not well-formed but is read as XML", c.File)
			}
			continue
		}
		if strictErr != nil {
			t.Errorf("%s: %v", c.File, strictErr)
			continue
		}
		n++
		for _, format := range []document.Format{document.XML, document.RawXML} {
			root, err := document.Parse(c.src, format, document.Limits{})
			if err != nil {
				t.Errorf("%s: %v", c.File, err)
				continue
			}
			diff, err := compareXML(c.src, root)
			if err != nil || diff != "" {
				t.Errorf("%s as %s: %v %s", c.File, format, err, diff)
			}
		}
	}
	t.Logf("%d well-formed documents agree", n)
}

// shape is what must survive a round trip.
type shape struct {
	Name       string
	Attributes []string
	Text       string
	Children   []shape
}

// diffShapes is cmp.Diff, which is slow on large equal values.
func diffShapes(want, got shape) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func shapeOf(e *document.Element) shape {
	s := shape{Name: e.Name, Text: textShape(e.Text)}
	for _, a := range e.Attributes {
		s.Attributes = append(s.Attributes, a.Name+"="+textShape(a.Value))
	}
	for _, c := range e.Children {
		s.Children = append(s.Children, shapeOf(c))
	}
	return s
}

func textShape(t document.Text) string {
	return fmt.Sprintf("%q expression=%v block=%v mixed=%v", t.Value, t.Expression, t.Block, t.Mixed)
}

// plain gives a text as XML has it, without knowledge of expressions.
func plain(t document.Text) string {
	switch {
	case t.Block:
		return "@{" + t.Value + "}"
	case t.Expression:
		return "@(" + t.Value + ")"
	}
	return t.Value
}

// compareXML reads src with encoding/xml and compares with a tree.
func compareXML(src []byte, root *document.Element) (string, error) {
	want, err := xmlShape(src)
	if err != nil {
		return "", err
	}
	return diffShapes(shape{Children: want}, shape{Children: []shape{plainShape(root)}}), nil
}

func plainShape(e *document.Element) shape {
	s := shape{Name: e.Name, Text: strings.TrimSpace(plain(e.Text))}
	for _, a := range e.Attributes {
		s.Attributes = append(s.Attributes, a.Name+"="+trimExpression(plain(a.Value)))
	}
	for _, c := range e.Children {
		s.Children = append(s.Children, plainShape(c))
	}
	return s
}

// trimExpression cuts the white space around a value that begins as an expression.
func trimExpression(value string) string {
	if trimmed := strings.Trim(value, " \t\r\n"); strings.HasPrefix(trimmed, "@") {
		return trimmed
	}
	return value
}

func xmlShape(src []byte) ([]shape, error) {
	d := xml.NewDecoder(bytes.NewReader(src))
	stack := []*shape{{}}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) != 1 {
				return nil, errors.New("not closed")
			}
			return stack[0].Children, nil
		}
		if err != nil {
			return nil, err
		}
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &shape{Name: xmlName(token.Name)}
			for _, a := range token.Attr {
				e.Attributes = append(e.Attributes, xmlName(a.Name)+"="+trimExpression(a.Value))
			}
			stack = append(stack, e)
		case xml.CharData:
			top.Text += string(token)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
			parent := stack[len(stack)-1]
			top.Text = strings.TrimSpace(top.Text)
			parent.Children = append(parent.Children, *top)
		}
	}
}

func xmlName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func walk(e *document.Element, visit func(*document.Element)) {
	visit(e)
	for _, c := range e.Children {
		walk(c, visit)
	}
}

func texts(e *document.Element) []document.Text {
	list := []document.Text{e.Text}
	for _, a := range e.Attributes {
		list = append(list, a.Value)
	}
	return list
}

// TestPrologs reads what may stand around the root element.
func TestPrologs(t *testing.T) {
	for _, src := range []string{
		"\uFEFF<?xml version='1.0' encoding='UTF-8' standalone=\"yes\"?>\n<!-- a --><policies /><!-- b -->\n",
		"<!-- a -- b -->\n<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<policies></policies >",
		"\r\n\t<fragment/>",
		"<policies xmlns:a=\"b\"><a:b a:c=\"d\" é-1.x_y=\"\" /></policies>",
	} {
		root, err := document.Parse([]byte(src), document.Auto, document.Limits{})
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		checkPositions(t, src, root)
		checkRoundTrip(t, src, root)
	}
}
