package console

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"strings"
	"unicode/utf8"
)

// kind is how a body is shown.
type kind string

// Ways to show a body. There is none that renders what a backend sent: HTML and
// SVG are shown as text.
const (
	kindNone   kind = "none"
	kindText   kind = "text"
	kindImage  kind = "image"
	kindBinary kind = "binary"
)

// pictures are the media types whose bodies are shown as pictures: formats that
// hold nothing but pixels. SVG is not one of them.
var pictures = map[string][]byte{
	"image/png": []byte("\x89PNG\r\n\x1a\n"), "image/jpeg": []byte("\xff\xd8\xff"),
	"image/gif": []byte("GIF8"), "image/webp": []byte("RIFF"),
}

// shown is a body as it is shown.
type shown struct {
	Kind kind
	// Language is that by which the text is coloured, or "".
	Language string
	// Text is the body of kindText, indented where Pretty says so.
	Text   string
	Pretty bool
	// Media is the type of a picture, one of pictures.
	Media string
}

// show decides how a body is shown, by its media type and by what it holds: a
// media type alone is never believed.
func show(media string, body []byte) shown {
	if len(body) == 0 {
		return shown{Kind: kindNone}
	}
	kind, _, err := mime.ParseMediaType(media)
	if err != nil {
		kind = ""
	}
	if magic, ok := pictures[kind]; ok && bytes.HasPrefix(body, magic) {
		return shown{Kind: kindImage, Media: kind}
	}
	if !isText(body) {
		return shown{Kind: kindBinary}
	}
	s := shown{Kind: kindText, Language: languageOf(kind), Text: string(body)}
	if s.Language == "" && kind == "" && json.Valid(body) {
		s.Language = "json"
	}
	if text, ok := indent(s.Language, body); ok {
		s.Text, s.Pretty = text, true
	}
	return s
}

// languageOf is the language in which a media type's text is coloured.
func languageOf(kind string) string {
	switch {
	case kind == "application/json" || strings.HasSuffix(kind, "+json") || kind == "application/x-ndjson":
		return "json"
	case kind == "text/html" || kind == "text/xml" || kind == "application/xml" || strings.HasSuffix(kind, "+xml"):
		return "xml"
	case kind == "application/yaml" || kind == "text/yaml" || kind == "application/x-yaml" || strings.HasSuffix(kind, "+yaml"):
		return "yaml"
	case kind == "application/javascript" || kind == "text/javascript":
		return "javascript"
	}
	return ""
}

// isText says whether a body can be shown as text: UTF-8 without control
// characters but those of lines. A body that was cut may end in half a character.
func isText(body []byte) bool {
	for i := range body {
		if c := body[i]; c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			return false
		}
	}
	for cut := 0; cut < utf8.UTFMax && cut <= len(body); cut++ {
		if utf8.Valid(body[:len(body)-cut]) {
			return true
		}
	}
	return false
}

// indent writes JSON and XML with a line for each value or element, and says
// whether it could. Nothing but space between is changed: numbers keep their
// digits, and names their order.
func indent(language string, body []byte) (string, bool) {
	if len(body) > maxPretty {
		return "", false
	}
	switch language {
	case "json":
		var b bytes.Buffer
		if json.Indent(&b, bytes.TrimSpace(body), "", "  ") != nil || b.Len() > 4*maxPretty {
			return "", false
		}
		return b.String(), true
	case "xml":
		return indentXML(body)
	}
	return "", false
}

// maxXMLDepth bounds how deep XML is indented.
const maxXMLDepth = 64

// indentXML copies the tokens of XML as they are written, each element on a line
// of its own, but for those that hold nothing but text. A document in which text
// and elements mix is left as it is: there, space has a meaning.
func indentXML(body []byte) (string, bool) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var w xmlWriter
	for last := int64(0); ; last = d.InputOffset() {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return w.b.String(), w.depth == 0 && w.b.Len() > 0 && strings.TrimSpace(w.text) == ""
		}
		if err != nil || !w.write(token, string(body[last:d.InputOffset()])) {
			return "", false
		}
	}
}

// xmlWriter writes tokens with a line for each.
type xmlWriter struct {
	b     strings.Builder
	depth int
	// text is what stood since the last tag, and opened says that it was one that
	// begins an element.
	text   string
	opened bool
}

// write writes a token as it stands in the document, and says whether that could
// be done.
func (w *xmlWriter) write(token xml.Token, raw string) bool {
	if _, ok := token.(xml.CharData); ok {
		w.text += raw
		return true
	}
	_, end := token.(xml.EndElement)
	_, start := token.(xml.StartElement)
	if strings.TrimSpace(w.text) != "" && (!end || !w.opened) {
		return false
	}
	if end {
		w.depth--
	}
	switch {
	case w.depth < 0 || w.depth > maxXMLDepth || w.b.Len() > 4*maxPretty:
		return false
	case end && raw == "":
		// The decoder's second token of <a/>, which is one in the text.
	case end && w.opened:
		w.b.WriteString(w.text + raw)
	default:
		w.line(raw)
	}
	if start {
		w.depth++
	}
	w.opened, w.text = start && !strings.HasSuffix(raw, "/>"), ""
	return true
}

func (w *xmlWriter) line(raw string) {
	if w.b.Len() > 0 {
		w.b.WriteByte('\n')
	}
	w.b.WriteString(strings.Repeat("  ", w.depth) + raw)
}
