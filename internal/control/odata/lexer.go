package odata

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is the kind of a token.
type tokenKind int

const (
	end    tokenKind = iota
	word             // a name, an operator, a number, a time or a GUID
	quoted           // a string, without its quotes
	mark             // one of ( ) , : /
)

// token is one word of a filter.
type token struct {
	kind   tokenKind
	text   string
	column int // counted from 1, in characters
}

// lexer cuts a filter into tokens.
type lexer struct {
	text   string
	offset int
}

// scan reads the next token.
func (l *lexer) scan() (token, error) {
	for l.offset < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.offset]) >= 0 {
		l.offset++
	}
	t := token{column: utf8.RuneCountInString(l.text[:l.offset]) + 1}
	if l.offset == len(l.text) {
		return t, nil
	}
	switch ch := l.text[l.offset]; {
	case strings.IndexByte("(),:/", ch) >= 0:
		t.kind, t.text = mark, string(ch)
		l.offset++
	case ch == '\'':
		return l.quoted(t)
	case isDigit(ch) || ch == '-' || ch == '+':
		t.kind, t.text = word, l.take(inNumber)
	case inName(ch):
		t.kind, t.text = word, l.take(inName)
	default:
		r, _ := utf8.DecodeRuneInString(l.text[l.offset:])
		return t, fault("column %d: the character %q has no meaning here", t.column, r)
	}
	return t, nil
}

// take reads while the bytes belong to a token.
func (l *lexer) take(belongs func(byte) bool) string {
	start := l.offset
	for l.offset < len(l.text) && belongs(l.text[l.offset]) {
		l.offset++
	}
	return l.text[start:l.offset]
}

// quoted reads a string; two quotes are one in it.
func (l *lexer) quoted(t token) (token, error) {
	var b strings.Builder
	for i := l.offset + 1; i < len(l.text); i++ {
		if l.text[i] != '\'' {
			b.WriteByte(l.text[i])
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		l.offset = i + 1
		t.kind, t.text = quoted, b.String()
		return t, nil
	}
	return t, fault("column %d: the string that begins here does not end", t.column)
}

func isDigit(ch byte) bool { return '0' <= ch && ch <= '9' }

func inName(ch byte) bool {
	return isDigit(ch) || 'a' <= ch && ch <= 'z' || 'A' <= ch && ch <= 'Z' || ch == '_' || ch == '-' || ch == '.'
}

// inNumber also allows what times have.
func inNumber(ch byte) bool { return inName(ch) || ch == ':' || ch == '+' }
