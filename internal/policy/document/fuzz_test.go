package document_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/policy/document"
)

// FuzzParse checks that any input is read or refused with positions that are in
// it, that what is read survives writing in both formats, and that XML is read
// as encoding/xml reads it.
func FuzzParse(f *testing.F) {
	for _, tt := range errorVectors {
		f.Add(tt.src, tt.format == document.XML)
	}
	for _, tt := range expressionVectors {
		f.Add("<fragment v=\"@("+tt.code+")\">@{"+tt.code+"}</fragment>", false)
	}
	f.Add(`<policies><set-body><a b='@("<")'>1 & 2 ]]> <!-- a--b --> @(c["d"])<![CDATA[<]]></a></set-body></policies>`, false)
	f.Add(`<?xml version="1.0" encoding="utf-8"?><policies><a b=" @(1 &lt; 2) " c="&#64;(">a @(b) &#13;&#10;</a></policies>`, true)
	f.Fuzz(func(t *testing.T, src string, strict bool) {
		format := document.RawXML
		if strict {
			format = document.XML
		}
		root, err := document.Parse([]byte(src), format, document.Limits{})
		if err != nil {
			checkErrors(t, src, err)
			return
		}
		checkPositions(t, src, root)
		if strict {
			if diff, err := compareXML([]byte(src), root); err != nil || diff != "" {
				t.Errorf("encoding/xml reads it otherwise: %v\n%s", err, diff)
			}
		}
		if !strings.Contains(src, "<?") { // An odd XML declaration in a payload cannot be written as XML.
			checkRoundTrip(t, "fuzz", root)
		}
	})
}

func checkErrors(t *testing.T, src string, err error) {
	t.Helper()
	list := document.Errors{}
	var one *document.Error
	if !errors.As(err, &list) && errors.As(err, &one) {
		list = document.Errors{one}
	}
	if len(list) == 0 || len(list) > document.MaxErrors {
		t.Fatalf("%d errors in %v", len(list), err)
	}
	for _, e := range list {
		if e.Pos.Offset < 0 || e.Pos.Offset > len(src) || e.Pos.Line < 1 || e.Pos.Column < 1 || e.Message == "" {
			t.Errorf("%+v", e)
		}
	}
}

// FuzzSubstitute checks that everything outside of named values keeps its
// position, and that references are where they are said to be.
func FuzzSubstitute(f *testing.F) {
	f.Add("<policies>{{a}}{{ b }}{{{c}}}</policies>", "x{{a}}")
	f.Add("{{a}}{{a}}", "")
	f.Fuzz(func(t *testing.T, src, value string) {
		out, mapping, unknown := document.Substitute([]byte(src), func(name string) (string, bool) {
			return value, name != "b"
		})
		for _, ref := range append(unknown, document.NamedValues([]byte(src))...) {
			if src[ref.Start:ref.Start+2] != "{{" || src[ref.End-2:ref.End] != "}}" || ref.Pos.Offset != ref.Start {
				t.Errorf("%+v", ref)
			}
		}
		last := 0
		for i := range len(out) + 1 {
			at := mapping.Original(i)
			if at < last || at > len(src) {
				t.Fatalf("offset %d maps to %d, after %d", i, at, last)
			}
			if i < len(out) && src[at] != out[i] && src[at] != '{' {
				t.Fatalf("offset %d maps to %q, want %q", i, src[at], out[i])
			}
			last = at
		}
		if last != len(src) {
			t.Errorf("the end maps to %d of %d", last, len(src))
		}
		if _, err := document.ParseMapped(out, mapping, document.Auto, document.Limits{}); err != nil {
			checkErrors(t, src, err)
		}
	})
}
