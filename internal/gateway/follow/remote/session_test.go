package remote

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// TestTogether has changes pile up: they are taken together, up to what is no
// small change.
func TestTogether(t *testing.T) {
	delta := func(text string) arrived {
		return arrived{frame: feed.Frame{Type: feed.TypeDelta, Payload: []byte(text)}}
	}
	large := delta("large")
	large.taken = make(chan struct{})
	for _, tt := range []struct {
		name   string
		first  arrived
		behind []arrived
		want   string
		next   string
		closed bool
	}{
		{"alone", delta("a"), nil, "a", "", false},
		{"three", delta("a"), []arrived{delta("b"), delta("c")}, "a b c", "", false},
		{"a large one behind", delta("a"), []arrived{delta("b"), large, delta("c")}, "a b", "large", false},
		{"a large one first", large, []arrived{delta("b")}, "large", "", false},
		{"something else behind", delta("a"), []arrived{{frame: feed.Frame{Type: feed.TypeCurrent, Payload: []byte("now")}}}, "a", "now", false},
		{"something else first", arrived{frame: feed.Frame{Type: feed.TypeDocument, Payload: []byte("all")}}, []arrived{delta("b")}, "all", "", false},
		{"the end behind", delta("a"), []arrived{{err: errors.New("end")}}, "a", "end", false},
		{"nothing behind", delta("a"), []arrived{delta("b")}, "a b", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			queue := make(chan arrived, MaxAhead)
			for _, one := range tt.behind {
				queue <- one
			}
			if tt.closed {
				close(queue)
			}
			deltas, next := together(tt.first, queue)
			var got []string
			for _, d := range deltas {
				got = append(got, string(d))
			}
			behind := ""
			if next != nil {
				behind = string(next.frame.Payload)
				if next.err != nil {
					behind = next.err.Error()
				}
			}
			if strings.Join(got, " ") != tt.want || behind != tt.next {
				t.Errorf("%q are taken together, and %q is next", got, behind)
			}
		})
	}
}

// TestReasons looks at why a feed is said to be lost: they name what is to be done,
// and a node that was killed is no damage.
func TestReasons(t *testing.T) {
	frames := feed.NewReader(bytes.NewReader([]byte{1}))
	_, cut := frames.Read()
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"the end", ended(io.EOF), "the management plane has hung up"},
		{"an end within a frame", ended(cut), "the connection to the management plane has broken off"},
		{"damage", ended(feed.ErrFrame), feed.ErrFrame.Error()},
		{
			"an authority that is not known", calling(&url.Error{Op: "Get", URL: "https://a.example", Err: x509.UnknownAuthorityError{}}),
			"calling the management plane: x509: certificate signed by unknown authority; " +
				"--control-ca names the file with the authorities of its certificate",
		},
		{"nobody", calling(&url.Error{Op: "Get", URL: "https://a.example", Err: io.EOF}), "calling the management plane: EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.want {
				t.Errorf("it is %q, want %q", got, tt.want)
			}
		})
	}
}
