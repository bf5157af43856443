package follow_test

import (
	"encoding/binary"
	"flag"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

// releases are documents as other releases send them. The files are committed:
// what a release has sent once is read by those after it.
var releases = []struct {
	name, file string
	// make makes the file with -update.
	make func(t *testing.T) []byte
	held string
}{
	{"of the first release", "first.snapshot", func(t *testing.T) []byte { t.Helper(); return newPlane(t).document() }, ""},
	{"of the next one", "next.snapshot", func(t *testing.T) []byte {
		t.Helper()
		p := newPlane(t)
		p.raw("apis/shop", `{"displayName":"Shop","future":{"deep":[{"b":1,"a":2}]},"path":"shop","protocols":["https"],"serviceUrl":"https://shop.example"}`)
		p.raw("futures/one", `{"anything":true}`)
		p.raw("apis/other/futures/one", `{}`)
		p.raw("backends/orders", `{"protocol":"http","url":["https://one.example","https://two.example"]}`)
		p.set(policyAt("apis/versioned", futurePolicies))
		file := p.document()
		binary.BigEndian.PutUint16(file[8:], 2) // It can be read by version 1 still.
		binary.BigEndian.PutUint32(file[64:], crc32.Checksum(file[:64], crc32.MakeTable(crc32.Castagnoli)))
		return file
	}, "apis/other/futures/one apis/versioned/policies/policy backends/orders backends/pool futures/one"},
}

// TestReleases gives gateways documents of the releases before and after: what
// this release understands is served.
func TestReleases(t *testing.T) {
	for _, r := range releases {
		t.Run(r.name, func(t *testing.T) {
			name := filepath.Join("testdata", r.file)
			if *update {
				if err := os.WriteFile(name, r.make(t), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			file, err := os.ReadFile(filepath.Clean(name))
			if err != nil {
				t.Fatal(err)
			}
			for _, before := range []string{"nothing", "something"} {
				t.Run("after "+before, func(t *testing.T) { released(t, file, r.held, before == "something") })
			}
		})
	}
}

// released gives a gateway a file, and asks what it serves.
func released(t *testing.T, file []byte, held string, before bool) {
	t.Helper()
	g := newGateway(t, nil)
	defer g.close(t)
	if before {
		newPlane(t).replace(g)
		// What is kept of before depends on nothing that is held back.
		held = strings.ReplaceAll(held, "backends/pool ", "")
	}
	_, lines, err := wire.ReadLines(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	var digest wire.Digest
	for i := range lines {
		digest = digest.Plus(lines[i].Digest)
	}
	if err := g.follower.Replace("line", digest, file); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, g, "/shop/items/1", 200)
	if got := heldResources(g); got != held {
		t.Errorf("%q is held back, want %q", got, held)
	}
	want := 200
	if held != "" && !before {
		want = 503 // There is no earlier state.
	}
	wantStatus(t, g, "/other", want)
	if at, ok := g.follower.Position(); !ok || at.Digest != digest {
		t.Error("the gateway does not know where it is")
	}
}
