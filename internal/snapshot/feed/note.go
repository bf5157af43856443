package feed

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// Hello is the first frame.
type Hello struct {
	// Lineage is that of the store: revisions can be compared within one only.
	Lineage string `json:"lineage"`
	// Release is that of the management plane's program.
	Release string `json:"release,omitempty"`
	// BeatSeconds is how long the feed is silent at most, HeartbeatSeconds how
	// often the gateway is to send a heartbeat.
	BeatSeconds      int `json:"beatSeconds"`
	HeartbeatSeconds int `json:"heartbeatSeconds"`
}

// Check says what of a hello is wrong; nil where nothing is.
func (h Hello) Check() error {
	most := int(MaxInterval / time.Second)
	switch {
	case h.Lineage == "":
		return fmt.Errorf("%w: hello has no lineage", ErrFrame)
	case h.BeatSeconds < 1 || h.BeatSeconds > most:
		return fmt.Errorf("%w: hello has beatSeconds %d, not 1 to %d", ErrFrame, h.BeatSeconds, most)
	case h.HeartbeatSeconds < 1 || h.HeartbeatSeconds > most:
		return fmt.Errorf("%w: hello has heartbeatSeconds %d, not 1 to %d", ErrFrame, h.HeartbeatSeconds, most)
	}
	return firstError(checkName("lineage", h.Lineage), checkName("release", h.Release))
}

// Current says which document the gateway should have.
type Current struct {
	Revision uint64 `json:"revision"`
	Digest   string `json:"digest"`
}

// Check says what of it is wrong; nil where nothing is.
func (c Current) Check() error {
	if _, err := wire.ParseDigest(c.Digest); err != nil {
		return fmt.Errorf("%w: current: %w", ErrFrame, err)
	}
	return nil
}

// Bye is the last frame of a feed that the management plane ends.
type Bye struct {
	// Reason is a sentence for the gateway's log.
	Reason string `json:"reason"`
	// RetryAfterSeconds is how long the gateway should wait at least.
	RetryAfterSeconds int `json:"retryAfterSeconds,omitempty"`
}

// Check says what of it is wrong; nil where nothing is.
func (b Bye) Check() error {
	most := int(MaxRetryAfter / time.Second)
	if b.RetryAfterSeconds < 0 || b.RetryAfterSeconds > most {
		return fmt.Errorf("%w: bye has retryAfterSeconds %d, not 0 to %d", ErrFrame, b.RetryAfterSeconds, most)
	}
	return checkText("reason", b.Reason)
}

// note is what hello, current and bye are.
type note interface{ Check() error }

// HelloFrame makes a frame of a hello.
func HelloFrame(h Hello) (Frame, error) { return noteFrame(TypeHello, h) }

// CurrentFrame makes a frame of a current.
func CurrentFrame(c Current) (Frame, error) { return noteFrame(TypeCurrent, c) }

// ByeFrame makes a frame of a bye.
func ByeFrame(b Bye) (Frame, error) { return noteFrame(TypeBye, b) }

func noteFrame(t Type, n note) (Frame, error) {
	if err := n.Check(); err != nil {
		return Frame{}, err
	}
	payload, err := json.Marshal(n)
	if err != nil {
		return Frame{}, fmt.Errorf("writing %s: %w", t, err)
	}
	return Frame{Type: t, Payload: payload}, nil
}

// DecodeHello reads the payload of a hello and checks it.
func DecodeHello(payload []byte) (Hello, error) { return decodeNote[Hello](TypeHello, payload) }

// DecodeCurrent reads the payload of a current and checks it.
func DecodeCurrent(payload []byte) (Current, error) { return decodeNote[Current](TypeCurrent, payload) }

// DecodeBye reads the payload of a bye and checks it.
func DecodeBye(payload []byte) (Bye, error) { return decodeNote[Bye](TypeBye, payload) }

func decodeNote[N note](t Type, payload []byte) (N, error) {
	var n, none N
	if len(payload) > MaxNote {
		return none, fmt.Errorf("%w: the %d bytes of %s are more than MaxNote (%d)", ErrFrame, len(payload), t, MaxNote)
	}
	if err := json.Unmarshal(payload, &n); err != nil {
		return none, fmt.Errorf("%w: reading %s: %w", ErrFrame, t, err)
	}
	if err := n.Check(); err != nil {
		return none, err
	}
	return n, nil
}

// DocumentFrame makes a frame of a document: its digest, and a snapshot file
// that is not sealed.
func DocumentFrame(digest wire.Digest, file []byte) Frame {
	return Frame{Type: TypeDocument, Payload: append(digest[:len(digest):len(digest)], file...)}
}

// SplitDocument divides the payload of a document into its digest and the
// snapshot file.
func SplitDocument(payload []byte) (wire.Digest, []byte, error) {
	if len(payload) < wire.DigestSize {
		return wire.Digest{}, nil, fmt.Errorf("%w: a document ends within its digest", ErrFrame)
	}
	return wire.Digest(payload[:wire.DigestSize]), payload[wire.DigestSize:], nil
}

// Position is the document that a gateway runs, or should run.
type Position struct {
	Lineage  string
	Revision uint64
	Digest   wire.Digest
}

// ParsePosition reads the three headers that say which document a gateway runs.
// All three are there, or none: then the position is nil.
func ParsePosition(lineage, revision, digest string) (*Position, error) {
	if lineage == "" && revision == "" && digest == "" {
		return nil, nil
	}
	if lineage == "" || revision == "" || digest == "" {
		return nil, fmt.Errorf("%s, %s and %s come together, or not at all", HeaderLineage, HeaderRevision, HeaderDigest)
	}
	if err := checkName("lineage", lineage); err != nil {
		return nil, fmt.Errorf("%s: %w", HeaderLineage, err)
	}
	number, err := strconv.ParseUint(revision, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: it is not a number", HeaderRevision)
	}
	d, err := wire.ParseDigest(digest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", HeaderDigest, err)
	}
	return &Position{Lineage: lineage, Revision: number, Digest: d}, nil
}

// ParseFormats reads the versions of the snapshot format that a gateway reads,
// as in "1, 2".
func ParseFormats(text string) ([]int, error) {
	parts := strings.SplitN(text, ",", MaxFormats+1)
	if len(parts) > MaxFormats {
		return nil, fmt.Errorf("%s: it names more than %d versions", HeaderFormats, MaxFormats)
	}
	formats := make([]int, 0, len(parts))
	for _, part := range parts {
		number, err := strconv.ParseUint(strings.TrimSpace(part), 10, 16)
		if err != nil {
			return nil, fmt.Errorf("%s: it must name versions of the snapshot format, as in \"1\"", HeaderFormats)
		}
		formats = append(formats, int(number))
	}
	return formats, nil
}
