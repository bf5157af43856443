package listen

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettingsFollow(t *testing.T) {
	ping := "\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678"
	twice := "\x00\x00\x12\x04\x00\x00\x00\x00\x00" + "\x00\x04\x00\x00\x00\x64" + "\x00\x03\x00\x00\x00\x09" + "\x00\x04\x00\x00\x00\x01"
	once := "\x00\x00\x12\x04\x00\x00\x00\x00\x00" + "\xf0\x00\x00\x00\x00\x64" + "\x00\x03\x00\x00\x00\x09" + "\x00\x04\x00\x00\x00\x01"
	tests := []struct {
		name   string
		pieces []int // where the bytes are cut
		in     string
		want   string
	}{
		{"whole", nil, ping + twice + ping, ping + once + ping},
		{"header, then payload", []int{17, 26}, ping + twice + ping, ping + once + ping},
		{"in the header", []int{20}, ping + twice + ping, ping + once + ping},
		{"in the payload: passed as it came", []int{30}, ping + twice + ping, ping + twice + ping},
		{"the acknowledgement is empty", nil, "\x00\x00\x00\x04\x01\x00\x00\x00\x00" + twice, "\x00\x00\x00\x04\x01\x00\x00\x00\x00" + once},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s settings
			got, from := "", 0
			for _, to := range append(test.pieces, len(test.in)) {
				p := []byte(test.in[from:to])
				s.follow(p)
				got, from = got+string(p), to
			}
			if diff := cmp.Diff([]byte(test.want), []byte(got)); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzSettings holds the following of frames of HTTP/2 to changing nothing but
// identifiers, and to finding the same frames however the stream is cut.
func FuzzSettings(f *testing.F) {
	f.Add([]byte("\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var whole, cut settings
		changed := bytes.Clone(stream)
		whole.follow(changed)
		for i := range stream {
			cut.follow(bytes.Clone(stream[i : i+1]))
		}
		if whole.have != cut.have || whole.left != cut.left {
			t.Errorf("whole: %+v, cut: %+v", whole, cut)
		}
		if len(changed) != len(stream) {
			t.Errorf("%d bytes became %d", len(stream), len(changed))
		}
	})
}
