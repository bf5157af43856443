package xml

import (
	"testing"

	"github.com/sallyport/sallyport/internal/expr/value"
)

// FuzzParse looks for texts that make the reader panic, or that are not the same after they are written and
// read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`<a/>`, `<a b="1" xmlns:p="urn:p" p:c='2'>t<p:b/><![CDATA[x]]><!--c--><?i d?></a>`, `<?xml version="1.0"?><!DOCTYPE a []><a>&lt;&#65;</a>`,
		`<a xmlns="urn:a"><b xmlns=""/></a>`, `<a`, `</a>`, `<a>]]></a>`, "<a>\r\n</a>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		thread := func() *value.Thread { return &value.Thread{Budget: value.NewBudget(value.Limits{}, nil)} }
		n, e := parse(thread(), s, false)
		if e != nil {
			return
		}
		once, e := write(thread(), n, false)
		if e != nil {
			return
		}
		m, e := parse(thread(), once, false)
		if e != nil {
			t.Fatalf("%q is written as %q, which is not read: %s", s, once, e.Message)
		}
		twice, _ := write(thread(), m, false)
		if once != twice {
			t.Errorf("%q is written as %q, and that as %q", s, once, twice)
		}
	})
}
