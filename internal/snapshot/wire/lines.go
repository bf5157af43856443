package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// Line is one resource as another release may have written it. A reader that
// must go on whatever one resource holds reads lines, and decides itself what
// becomes of those that it cannot read.
type Line struct {
	// ID is the resource's id; where no kind of resource of this release has such
	// an id, as it is written.
	ID model.ID
	// Resource is nil where it cannot be read; then Err says why.
	Resource model.Resource
	Err      error
	// Text is the line without its line feed. It is part of what was decoded.
	Text []byte
	// Digest is that of the line as it came. What Resource encodes to may have
	// another one, where the line was written by another release.
	Digest Digest
}

// Delta is a delta as it came over a feed.
type Delta struct {
	Base, Revision uint64
	Put            []Line
	Delete         []model.ID
	// Digest is that of the document that results.
	Digest Digest
}

// ReadLine reads one line of a document or delta.
func ReadLine(text []byte) Line {
	l := Line{Text: text, Digest: sha256.Sum256(text)}
	if len(text) > MaxLine {
		l.Err = fmt.Errorf("its %d bytes are more than MaxLine (%d)", len(text), MaxLine)
		return l
	}
	var raw line
	if err := json.Unmarshal(text, &raw); err != nil {
		l.Err = fmt.Errorf("%w: %w", ErrDamaged, err)
		return l
	}
	l.ID = raw.ID
	id, err := model.ParseID(string(raw.ID))
	if err != nil {
		l.Err = err
		return l
	}
	l.ID = id
	if l.Resource, err = model.Decode(id, raw.Properties); err != nil {
		l.Resource, l.Err = nil, err
	}
	return l
}

// ReadLines reads what Encode wrote, but for lines that this release cannot
// read. The error is that of a file of which nothing can be used.
func ReadLines(data, key []byte) (revision uint64, lines []Line, err error) {
	revision, payload, err := disclose(magic, data, key)
	if err != nil {
		return 0, nil, err
	}
	first, rest, _ := bytes.Cut(payload, []byte{'\n'})
	var h header
	if err := json.Unmarshal(first, &h); err != nil {
		return 0, nil, damaged("its first line is malformed: %v", err)
	}
	if h.Resources < 0 || h.Resources > snapshot.MaxResources {
		return 0, nil, fmt.Errorf("reading the snapshot: it has %d resources, more than MaxResources (%d)", h.Resources, snapshot.MaxResources)
	}
	if n := bytes.Count(rest, []byte{'\n'}); n != h.Resources || len(rest) > 0 && rest[len(rest)-1] != '\n' {
		return 0, nil, damaged("it has %d resources where its first line says %d", n, h.Resources)
	}
	lines = make([]Line, 0, h.Resources)
	for len(rest) > 0 {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte{'\n'})
		lines = append(lines, ReadLine(text))
	}
	return revision, lines, nil
}

// ReadDelta reads what EncodeDelta wrote, but for lines that this release
// cannot read. The error wraps ErrDamaged where the bytes are not what was
// written.
func ReadDelta(data []byte) (*Delta, error) {
	first, rest, _ := bytes.Cut(data, []byte{'\n'})
	var head deltaHeader
	if err := json.Unmarshal(first, &head); err != nil {
		return nil, damagedDelta("its first line is malformed: %v", err)
	}
	digest, err := ParseDigest(head.Digest)
	if err != nil {
		return nil, damagedDelta("%v", err)
	}
	texts, err := deltaLines(head, rest)
	if err != nil {
		return nil, err
	}
	d := &Delta{Base: head.Base, Revision: head.Revision, Digest: digest}
	for i, text := range texts {
		if i < head.Put {
			d.Put = append(d.Put, ReadLine(text))
			continue
		}
		var gone deleted
		if err := json.Unmarshal(text, &gone); err != nil {
			return nil, damagedDelta("line %d: %v", i+2, err)
		}
		// An id of no kind that this release knows may be one that is held back.
		if id, err := model.ParseID(string(gone.ID)); err == nil {
			gone.ID = id
		}
		d.Delete = append(d.Delete, gone.ID)
	}
	return d, nil
}

// EncodeLines writes a snapshot file, not sealed, of lines as they are, in their
// order: what another release would have sent.
func EncodeLines(revision uint64, lines [][]byte) ([]byte, error) {
	first, err := json.Marshal(header{Resources: len(lines)})
	if err != nil {
		return nil, fmt.Errorf("writing the snapshot: %w", err)
	}
	payload := bytes.Join(append([][]byte{first}, lines...), []byte{'\n'})
	return enclose(magic, revision, append(payload, '\n'), nil)
}

// LineOf is the line that a resource is written as.
func LineOf(r model.Resource) (Line, error) {
	var out bytes.Buffer
	if err := appendLine(&out, r); err != nil {
		return Line{}, err
	}
	text := bytes.TrimSuffix(out.Bytes(), []byte{'\n'})
	return Line{ID: r.ResourceID(), Resource: r, Text: text, Digest: sha256.Sum256(text)}, nil
}

// Name is how a line is called where something is wrong with it.
func (l *Line) Name() string {
	if l.ID == "" && l.Resource == nil {
		return "a resource without an id"
	}
	name := strings.ToValidUTF8(strings.TrimPrefix(string(l.ID), "/"), "?")
	if len(name) > maxName {
		return strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return name
}

// maxName bounds what Name returns, in bytes: an id that cannot be read may have
// any length.
const maxName = 300
