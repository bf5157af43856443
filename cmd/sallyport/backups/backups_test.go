package backups

import (
	"testing"
)

func TestSplitFile(t *testing.T) {
	for _, test := range []struct{ at, in, name string }{
		{"/var/backups", "/var/backups", ""},
		{"/var/backups/a.sallybak", "/var/backups", "a.sallybak"},
		{"a.sallybak", ".", "a.sallybak"},
		{"s3://bucket/x?region=y", "s3://bucket/x?region=y", ""},
		{"s3://bucket/x/a.sallybak", "s3://bucket/x", "a.sallybak"},
		{"s3://bucket/a.sallybak?region=y", "s3://bucket?region=y", "a.sallybak"},
	} {
		if in, name := splitFile(test.at); in != test.in || name != test.name {
			t.Errorf("%s is %q in %q", test.at, name, in)
		}
	}
}

func TestContinuousFlags(t *testing.T) {
	for _, test := range []struct {
		name string
		o    Continuous
		ok   bool
	}{
		{"none", Continuous{}, true},
		{"all", Continuous{URL: "s3://bucket/x", Keys: []string{"k"}, Every: "6h", Keep: 7}, true},
		{"no key", Continuous{URL: "s3://bucket/x", Every: "6h"}, false},
		{"an archive", Continuous{URL: "x.sallybak", Keys: []string{"k"}, Every: "6h"}, false},
		{"no schedule", Continuous{URL: "x", Keys: []string{"k"}, Every: "often"}, false},
		{"negative", Continuous{URL: "x", Keys: []string{"k"}, Every: "6h", Keep: -1}, false},
	} {
		if err := test.o.Check(); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
