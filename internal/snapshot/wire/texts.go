package wire

import (
	"encoding/json"
	"fmt"
)

// EncodeTexts is Encode for resources that are lines already, as LineOf makes
// them, in the order of their keys. It does not seal.
func EncodeTexts(revision uint64, texts [][]byte) ([]byte, error) {
	first, err := json.Marshal(header{Resources: len(texts)})
	if err != nil {
		return nil, fmt.Errorf("writing the snapshot: %w", err)
	}
	return enclose(magic, revision, joinLines(first, texts), nil)
}

// joinLines ends each text with a line feed.
func joinLines(first []byte, texts [][]byte) []byte {
	size := len(first) + 1
	for _, text := range texts {
		size += len(text) + 1
	}
	out := append(make([]byte, 0, size), first...)
	out = append(out, '\n')
	for _, text := range texts {
		out = append(append(out, text...), '\n')
	}
	return out
}
