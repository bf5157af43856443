package place

import (
	"errors"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/clock"
)

func TestOpen(t *testing.T) {
	for _, test := range []struct{ name, at, shown, wrong string }{
		{name: "folder", at: "/var/backups/", shown: "/var/backups"},
		{name: "file", at: "file:///var/backups", shown: "/var/backups"},
		{name: "file of this machine", at: "file://localhost/var/backups", shown: "/var/backups"},
		{name: "relative file", at: "file://./backups", shown: "backups"},
		{name: "s3", at: "s3://bucket/a/b/?region=eu-north-1", shown: "s3://bucket/a/b"},
		{name: "s3 alone", at: "s3://bucket", shown: "s3://bucket"},
		{name: "empty", at: "", wrong: "the place has to be"},
		{name: "no slashes", at: "file:backups", wrong: "file:///FOLDER"},
		{name: "another machine", at: "file://backups/x", wrong: "names another machine"},
		{name: "unknown scheme", at: "ftp://bucket/a", wrong: "no kind of place"},
		{name: "password", at: "s3://me:secret@bucket/a", wrong: "credentials in the environment"},
		{name: "not a URL", at: "s3://%zz:secret", wrong: "not a URL"},
		{name: "bucket", at: "s3://B_/a", wrong: "not the name of a bucket"},
		{name: "path", at: "s3://bucket/../a", wrong: "the path in bucket"},
		{name: "parameter", at: "s3://bucket?anonymous=true", wrong: `"anonymous" is not a parameter`},
		{name: "twice", at: "s3://bucket?region=a&region=b", wrong: "given twice"},
		{name: "endpoint", at: "s3://bucket?endpoint=minio:9000", wrong: "the endpoint has to be a URL"},
		{name: "no parameters", at: "gs://bucket?x=y", wrong: "has no parameters"},
		{name: "control characters", at: "/a\nb", wrong: "the place has to be"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := Open(t.Context(), test.at, clock.System())
			if test.wrong != "" {
				if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), test.wrong) || strings.Contains(err.Error(), "secret") {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != test.shown {
				t.Errorf("it is shown as %s", p)
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"", "/", "a/", "/a", "a//b", "..", "a/../b", ".a", "a b", "ä", strings.Repeat("a", MaxNameLength+1)} {
		if err := CheckName(name); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"a", "a/b-c_d.e", strings.Repeat("a", MaxNameLength)} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzParse wants what is taken to be shown as what is taken again, and no
// password in an error.
func FuzzParse(f *testing.F) {
	for _, at := range []string{
		"/var/backups", "file:///b", "s3://bucket/a?region=x", "azblob://container/x", "gs://bucket/a", "s3://u:p@bucket", "file://..//x",
	} {
		f.Add(at)
	}
	f.Fuzz(func(t *testing.T, at string) {
		a, err := parse(at)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%q: %v", at, err)
			}
			return
		}
		b, err := parse(a.String())
		if err != nil && a.scheme != "file" {
			t.Errorf("%q is shown as %q: %v", at, a, err)
		}
		if err == nil && b.String() != a.String() {
			t.Errorf("%q is shown as %q, then as %q", at, a, b)
		}
		if a.scheme != "file" && a.below != "" && CheckName(a.below) != nil {
			t.Errorf("%q has the path %q", at, a.below)
		}
	})
}
