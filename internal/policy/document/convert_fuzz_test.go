package document_test

import (
	"bytes"
	"testing"

	"github.com/sallyport/sallyport/internal/policy/document"
)

// TestConvertCorpus writes every public document in the other format and back:
// it means the same, and has the same layout. Where text stands beside elements
// the reader keeps markup as it is, escaped or not, so there it cannot be
// compared; one document has such a place.
func TestConvertCorpus(t *testing.T) {
	documents, same, exact := 0, 0, 0
	for _, c := range readCorpus(t) {
		from, to := document.RawXML, document.XML
		if c.WellFormed {
			from, to = to, from
		}
		if _, err := document.Parse(c.src, from, document.Limits{}); err != nil {
			continue
		}
		documents++
		back := thereAndBack(t, c.File, c.src, from, to)
		if written(t, back, from) == written(t, c.src, from) {
			same++
		}
		if bytes.Equal(back, c.src) {
			exact++
		}
	}
	t.Logf("of %d documents %d come back with the same meaning, %d byte by byte", documents, same, exact)
	if documents == 0 || same < documents-1 {
		t.Errorf("of %d documents only %d mean the same", documents, same)
	}
	if exact*100 < documents*80 {
		t.Errorf("of %d documents only %d come back byte by byte", documents, exact)
	}
}

// thereAndBack converts a document to the other format and back.
func thereAndBack(t *testing.T, name string, src []byte, from, to document.Format) []byte {
	t.Helper()
	there, err := document.Convert(src, from, to)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	back, err := document.Convert(there, to, from)
	if err != nil {
		t.Errorf("%s: and back: %v\n%s", name, err, there)
	}
	return back
}

// written is a document in its canonical layout.
func written(t *testing.T, src []byte, format document.Format) string {
	t.Helper()
	root, err := document.Parse(src, format, document.Limits{DocumentBytes: document.MaxSubstitutedBytes, FragmentBytes: document.MaxSubstitutedBytes})
	if err != nil {
		t.Errorf("%v in %s", err, src)
		return ""
	}
	var out bytes.Buffer
	if err := document.Write(&out, root, document.RawXML); err != nil {
		t.Error(err)
	}
	return out.String()
}

// FuzzConvert checks that whatever can be read and written comes back from the
// other format as a document.
func FuzzConvert(f *testing.F) {
	f.Add("<policies>\r\n <a b=\"@(1 < 2 && \"x\" == c)\"/></policies>", false)
	f.Add(`<policies><a b="@(1 &lt; 2)">x @(y =&gt; &quot;z&quot;)</a></policies>`, true)
	f.Add(`<fragment><!-- a--b -->a & b @{ return "&amp;lt;"; } ]]></fragment>`, false)
	f.Fuzz(func(t *testing.T, src string, strict bool) {
		from, to := document.RawXML, document.XML
		if strict {
			from, to = to, from
		}
		root, err := document.Parse([]byte(src), from, document.Limits{})
		if err != nil {
			return
		}
		if document.Write(&bytes.Buffer{}, root, to) != nil {
			return // What cannot be written cannot be converted either.
		}
		written(t, thereAndBack(t, "fuzz", []byte(src), from, to), from)
	})
}
