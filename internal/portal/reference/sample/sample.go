// Package sample writes a request as a program, in the languages that readers of
// a reference use: with what comes with the language, in the way its users write
// it, and ready to be run.
//
// All texts of a request may come from a document that anybody wrote: each is
// written as a literal of the language, and nothing of it can be anything else.
package sample

import (
	"strings"
)

// Limits of samples.
const (
	// MaxBody bounds a body in a sample, in bytes; a longer one is left to the
	// reader.
	MaxBody = 16 << 10
	// MaxPairs bounds the headers and the fields.
	MaxPairs = 50
	// MaxText bounds a URL and the value of a header or a field, in bytes.
	MaxText = 8 << 10
)

// Pair is a header, or a field of a form.
type Pair struct{ Name, Value string }

// Field is a field of a form with files. The Value of a file is its name.
type Field struct {
	Name, Value string
	File        bool
}

// Request is what is called.
type Request struct {
	Method, URL string
	Headers     []Pair
	// Body is sent as it is.
	Body string
	// Form is sent as multipart/form-data, in place of a body.
	Form []Field
}

// Language is what a sample is written in.
type Language struct {
	// Name is curl, go, python, javascript, csharp, java or php; Label what
	// readers call it, and Class what colours the code.
	Name, Label, Class string
	write              func(*Request) string
}

// Languages are all languages, in the order in which they are shown.
func Languages() []Language {
	return []Language{
		{"curl", "curl", "bash", curl},
		{"go", "Go", "go", golang},
		{"python", "Python", "python", python},
		{"javascript", "JavaScript", "javascript", javascript},
		{"csharp", "C#", "csharp", csharp},
		{"java", "Java", "java", java},
		{"php", "PHP", "php", php},
	}
}

// Write writes a request in the language.
func (l Language) Write(r Request) string { return l.write(r.bounded()) }

// bounded is a request within the limits, with no character that no language can
// write.
func (r *Request) bounded() *Request {
	out := Request{Method: method(r.Method), URL: clean(r.URL, MaxText)}
	for _, h := range r.Headers[:min(len(r.Headers), MaxPairs)] {
		if name := token(h.Name); name != "" {
			out.Headers = append(out.Headers, Pair{name, oneLine(clean(h.Value, MaxText))})
		}
	}
	for _, f := range r.Form[:min(len(r.Form), MaxPairs)] {
		out.Form = append(out.Form, Field{oneLine(clean(f.Name, MaxText)), clean(f.Value, MaxText), f.File})
	}
	if len(r.Body) <= MaxBody && len(out.Form) == 0 {
		out.Body = clean(r.Body, MaxBody)
	}
	return &out
}

// method is the method as HTTP has it; GET for what is none.
func method(text string) string {
	if token(text) != text || text == "" {
		return "GET"
	}
	return text
}

// token keeps the characters of names in HTTP.
func token(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", c) {
			return c
		}
		return -1
	}, text[:min(len(text), MaxText)])
}

// clean cuts a text, and takes what is no text out of it.
func clean(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Map(func(c rune) rune {
		if c == 0 {
			return -1
		}
		return c
	}, text)
}

// oneLine has no line breaks: they would end a header.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if c == '\r' || c == '\n' {
			return ' '
		}
		return c
	}, text)
}

// isPlain reports whether a text can stand in a literal of several lines as it
// is: it has nothing but what is seen, and no white space at the end of a line.
func isPlain(text string) bool {
	if !strings.Contains(text, "\n") || text[0] == ' ' || strings.HasSuffix(text, "\n") {
		return false
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasSuffix(line, " ") {
			return false
		}
		for _, c := range line {
			if c < ' ' || c > 0x7e && !isSeen(c) {
				return false
			}
		}
	}
	return true
}

// media is the media type of the body; "" where no header says it.
func (r *Request) media() string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			return h.Value
		}
	}
	return ""
}
