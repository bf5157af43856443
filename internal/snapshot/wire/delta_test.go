package wire

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

func sampleDelta() *snapshot.Delta {
	return &snapshot.Delta{Base: 41, Revision: 42, Put: sample().Resources, Delete: []model.ID{"apis/gone", "subscriptions/two"}}
}

func TestDeltaRoundTrip(t *testing.T) {
	digest, err := DigestOf(sample())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		delta *snapshot.Delta
	}{{"all", sampleDelta()}, {"nothing", &snapshot.Delta{Base: 7, Revision: 9}}, {"deletes", &snapshot.Delta{Delete: []model.ID{"apis/<x"}}}} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := EncodeDelta(tt.delta, digest)
			if err != nil {
				t.Fatal(err)
			}
			got, with, err := DecodeDelta(data)
			if tt.name == "deletes" { // A name that no resource may have.
				if err == nil {
					t.Error("an id that is none was read")
				}
				return
			}
			if err != nil || with != digest {
				t.Fatalf("digest %s (%v)", with, err)
			}
			if diff := cmp.Diff(tt.delta, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDigestFollows changes documents step by step: the digest that was carried
// on is that of the document that results.
func TestDigestFollows(t *testing.T) {
	before, changed := sample(), &model.API{ID: "apis/echo", DisplayName: "Echo", Path: "other"}
	digest, err := DigestOf(before)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err = digest.Remove(before.Resources[0]); err != nil {
		t.Fatal(err)
	}
	if digest, err = digest.Add(changed); err != nil {
		t.Fatal(err)
	}
	after := &snapshot.Document{Resources: []model.Resource{before.Resources[2], changed, before.Resources[1]}}
	want, err := DigestOf(after)
	if err != nil {
		t.Fatal(err)
	}
	if digest != want {
		t.Errorf("carried on %s, anew %s", digest, want)
	}
	for _, r := range after.Resources {
		if digest, err = digest.Remove(r); err != nil {
			t.Fatal(err)
		}
	}
	if digest != (Digest{}) {
		t.Errorf("the digest of nothing is %s", digest)
	}
}

func TestDigestArithmetic(t *testing.T) {
	parse := func(text string) Digest {
		d, err := ParseDigest(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	ones := parse("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")
	one := parse("0000000000000000000000000000000000000000000000000000000000000001")
	carry := parse("0000000000000000000000000000000000000000000000010000000000000000")
	low := parse("000000000000000000000000000000000000000000000000ffffffffffffffff")
	if ones.Plus(one) != (Digest{}) || (Digest{}).Minus(one) != ones || low.Plus(one) != carry || carry.Minus(one) != low {
		t.Error("carries are lost between words")
	}
	for _, text := range []string{"", "00", ones.String() + "0", "zz" + ones.String()[2:]} {
		if _, err := ParseDigest(text); err == nil {
			t.Errorf("%q was read as a digest", text)
		}
	}
}

func TestDeltaDamaged(t *testing.T) {
	data, err := EncodeDelta(sampleDelta(), Digest{})
	if err != nil {
		t.Fatal(err)
	}
	zero := Digest{}.String()
	for _, tt := range []struct{ name, data string }{
		{"nothing", ""},
		{"cut off", string(data[:len(data)-1])},
		{"a line too few", string(data[:len(data)-len("{\"id\":\"subscriptions/two\"}\n")])},
		{"a line too many", string(data) + "{\"id\":\"apis/x\"}\n"},
		{"no digest", `{"base":1,"revision":2,"put":0,"delete":0}` + "\n"},
		{"backwards", `{"base":2,"revision":1,"put":0,"delete":0,"digest":"` + zero + `"}` + "\n"},
		{"a line that is no JSON", `{"base":1,"revision":2,"put":0,"delete":1,"digest":"` + zero + `"}` + "\nx\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := DecodeDelta([]byte(tt.data)); !errors.Is(err, ErrDamaged) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if _, _, err := DecodeDelta([]byte(`{"put":3000000,"digest":"` + zero + `"}`)); err == nil {
		t.Error("more resources than MaxResources were read")
	}
}

// FuzzDecodeDelta gives arbitrary bytes: what is read can be written, and read
// again as the same.
func FuzzDecodeDelta(f *testing.F) {
	data, err := EncodeDelta(sampleDelta(), Digest{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("{\"base\":1,\"revision\":2,\"put\":0,\"delete\":1,\"digest\":\"" + Digest{}.String() + "\"}\n{\"id\":\"apis/x\"}\n"))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, digest, err := DecodeDelta(data)
		if err != nil {
			return
		}
		again, err := EncodeDelta(d, digest)
		if err != nil {
			t.Fatal(err)
		}
		if _, with, err := DecodeDelta(again); err != nil || with != digest {
			t.Errorf("it cannot be read again: %v", err)
		}
	})
}

// FuzzParseDigest reads any text: what is read is written as it was, but for
// the case of its letters.
func FuzzParseDigest(f *testing.F) {
	f.Add(Digest{0xab}.String())
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := ParseDigest(text); err == nil {
			if again, err := ParseDigest(d.String()); err != nil || again != d {
				t.Errorf("%q became %s", text, d)
			}
		}
	})
}

// TestEncodeTexts writes lines as they are: the file is the one that Encode
// writes of their resources.
func TestEncodeTexts(t *testing.T) {
	want, err := Encode(sample(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var texts [][]byte
	for _, at := range []int{0, 2, 1} { // In the order of their keys.
		l, err := LineOf(sample().Resources[at])
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, l.Text)
	}
	got, err := EncodeTexts(42, texts)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the files differ (%v)", err)
	}
}
