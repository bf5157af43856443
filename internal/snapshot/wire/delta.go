package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// deltaHeader is the first line of a delta.
type deltaHeader struct {
	Base     uint64 `json:"base"`
	Revision uint64 `json:"revision"`
	Put      int    `json:"put"`
	Delete   int    `json:"delete"`
	Digest   string `json:"digest"`
}

// deleted is the line of a resource that a delta takes away.
type deleted struct {
	ID model.ID `json:"id"`
}

// EncodeDelta writes a delta, and the digest of the document that results from
// it. The form is that of docs/formats/feed.md.
func EncodeDelta(d *snapshot.Delta, digest Digest) ([]byte, error) {
	texts := make([][]byte, 0, len(d.Put))
	for _, r := range d.Put {
		l, err := LineOf(r)
		if err != nil {
			return nil, fmt.Errorf("writing a delta: %w", err)
		}
		texts = append(texts, l.Text)
	}
	return EncodeDeltaTexts(d.Base, d.Revision, texts, d.Delete, digest)
}

// EncodeDeltaTexts is EncodeDelta for resources that are lines already, as LineOf
// makes them.
func EncodeDeltaTexts(base, revision uint64, put [][]byte, del []model.ID, digest Digest) ([]byte, error) {
	head := deltaHeader{Base: base, Revision: revision, Put: len(put), Delete: len(del), Digest: digest.String()}
	first, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("writing a delta: %w", err)
	}
	texts := slices.Clip(put)
	for _, id := range del {
		text, err := json.Marshal(deleted{ID: id})
		if err != nil {
			return nil, fmt.Errorf("writing a delta: %w", err)
		}
		texts = append(texts, text)
	}
	return joinLines(first, texts), nil
}

// DecodeDelta reads what EncodeDelta wrote. The error wraps ErrDamaged where
// the bytes are not what was written.
func DecodeDelta(data []byte) (*snapshot.Delta, Digest, error) {
	first, rest, _ := bytes.Cut(data, []byte{'\n'})
	var head deltaHeader
	if err := json.Unmarshal(first, &head); err != nil {
		return nil, Digest{}, damagedDelta("its first line is malformed: %v", err)
	}
	digest, err := ParseDigest(head.Digest)
	if err != nil {
		return nil, Digest{}, damagedDelta("%v", err)
	}
	lines, err := deltaLines(head, rest)
	if err != nil {
		return nil, Digest{}, err
	}
	d := &snapshot.Delta{Base: head.Base, Revision: head.Revision}
	for i, text := range lines {
		if i >= head.Put {
			id, err := decodeDeleted(text)
			if err != nil {
				return nil, Digest{}, fmt.Errorf("reading a delta: line %d: %w", i+2, err)
			}
			d.Delete = append(d.Delete, id)
			continue
		}
		r, err := decodeLine(text)
		if err != nil {
			return nil, Digest{}, fmt.Errorf("reading a delta: line %d: %w", i+2, err)
		}
		d.Put = append(d.Put, r)
	}
	return d, digest, nil
}

// deltaLines divides a delta into the lines that its head announces.
func deltaLines(head deltaHeader, rest []byte) ([][]byte, error) {
	switch {
	case head.Put < 0 || head.Put > snapshot.MaxResources || head.Delete < 0 || head.Delete > snapshot.MaxResources:
		return nil, fmt.Errorf("reading a delta: it has %d and %d changes, more than MaxResources (%d)",
			head.Put, head.Delete, snapshot.MaxResources)
	case head.Revision < head.Base:
		return nil, damagedDelta("it leads from revision %d back to %d", head.Base, head.Revision)
	case bytes.Count(rest, []byte{'\n'}) != head.Put+head.Delete || len(rest) > 0 && rest[len(rest)-1] != '\n':
		return nil, damagedDelta("it has %d lines where its first line says %d and %d", bytes.Count(rest, []byte{'\n'}), head.Put, head.Delete)
	}
	lines := make([][]byte, 0, head.Put+head.Delete)
	for len(rest) > 0 {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte{'\n'})
		lines = append(lines, text)
	}
	return lines, nil
}

// decodeDeleted reads the id of a resource that is taken away.
func decodeDeleted(text []byte) (model.ID, error) {
	var l deleted
	if err := json.Unmarshal(text, &l); err != nil {
		return "", fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return model.ParseID(string(l.ID))
}

func damagedDelta(format string, args ...any) error {
	return fmt.Errorf("reading a delta: %w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
