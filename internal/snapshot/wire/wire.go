package wire

import (
	"bytes"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// The limits of the format.
const (
	// MaxPayload bounds the payload, in bytes.
	MaxPayload = 4 << 30
	// MaxLine bounds one resource, in bytes.
	MaxLine = 256 << 20
	// KeySize is the length of the key that seals payloads.
	KeySize = 32
)

const (
	magic      = "SALLYSNP"
	version    = 1
	readableBy = 1
	flagSealed = 1 << 0
	headSize   = 68
	sealedHead = 24 // bytes of the head that the seal covers
	nonceSize  = 12
)

// ErrDamaged is wrapped by the error for a file that is not what was written.
var ErrDamaged = errors.New("the snapshot is damaged")

// header is the first line of a payload.
type header struct {
	Resources int `json:"resources"`
}

// line is one resource.
type line struct {
	ID         model.ID        `json:"id"`
	Properties json.RawMessage `json:"properties"`
}

// Encode writes a document. A key of KeySize bytes seals it; without a key it
// is written in the plain.
func Encode(doc *snapshot.Document, key []byte) ([]byte, error) {
	plain, err := encodePayload(doc)
	if err != nil {
		return nil, err
	}
	return enclose(magic, doc.Revision, plain, key)
}

// enclose puts a head before a payload, which it seals where there is a key.
func enclose(magic string, revision uint64, plain, key []byte) ([]byte, error) {
	head := make([]byte, headSize)
	copy(head, magic)
	binary.BigEndian.PutUint16(head[8:], version)
	binary.BigEndian.PutUint16(head[10:], readableBy)
	binary.BigEndian.PutUint64(head[16:], revision)
	payload := plain
	if key != nil {
		binary.BigEndian.PutUint32(head[12:], flagSealed)
		var err error
		if payload, err = seal(plain, head[:sealedHead], key); err != nil {
			return nil, err
		}
	}
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("writing the snapshot: its %d bytes are more than MaxPayload (%d)", len(payload), MaxPayload)
	}
	binary.BigEndian.PutUint64(head[24:], uint64(len(payload)))
	sum := sha256.Sum256(payload)
	copy(head[32:], sum[:])
	binary.BigEndian.PutUint32(head[64:], crc32.Checksum(head[:64], castagnoli))
	return slices.Concat(head, payload), nil
}

// disclose checks the head of a file, and returns its payload, unsealed.
func disclose(magic string, data, key []byte) (revision uint64, plain []byte, err error) {
	flags, revision, err := checkHead(magic, data)
	if err != nil {
		return 0, nil, err
	}
	plain = data[headSize:]
	if flags&flagSealed != 0 {
		if plain, err = unseal(plain, data[:sealedHead], key); err != nil {
			return 0, nil, err
		}
	}
	return revision, plain, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodePayload writes the lines of a document.
func encodePayload(doc *snapshot.Document) ([]byte, error) {
	resources := slices.Clone(doc.Resources)
	slices.SortFunc(resources, func(a, b model.Resource) int {
		return cmp.Compare(a.ResourceID().Key(), b.ResourceID().Key())
	})
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(header{Resources: len(resources)}); err != nil {
		return nil, fmt.Errorf("writing the snapshot: %w", err)
	}
	for _, r := range resources {
		if err := appendLine(&out, r); err != nil {
			return nil, fmt.Errorf("writing the snapshot: %w", err)
		}
	}
	return out.Bytes(), nil
}

// Decode reads what Encode wrote. The error wraps ErrDamaged where the bytes
// are not what was written.
func Decode(data, key []byte) (*snapshot.Document, error) {
	revision, payload, err := disclose(magic, data, key)
	if err != nil {
		return nil, err
	}
	resources, err := decodePayload(payload)
	if err != nil {
		return nil, err
	}
	return &snapshot.Document{Revision: revision, Resources: resources}, nil
}

// checkHead checks all that can be checked without reading the payload's lines.
func checkHead(magic string, data []byte) (flags uint32, revision uint64, err error) {
	switch {
	case len(data) < headSize:
		return 0, 0, damaged("it ends within its head, after %d bytes", len(data))
	case string(data[:8]) != magic:
		return 0, 0, damaged("it does not begin as a snapshot does")
	case crc32.Checksum(data[:64], castagnoli) != binary.BigEndian.Uint32(data[64:]):
		return 0, 0, damaged("the checksum of its head is wrong")
	}
	if oldest := binary.BigEndian.Uint16(data[10:]); oldest > version {
		return 0, 0, fmt.Errorf("reading the snapshot: it needs a reader of format %d, this release reads up to %d", oldest, version)
	}
	flags = binary.BigEndian.Uint32(data[12:])
	if flags&^uint32(flagSealed) != 0 {
		return 0, 0, fmt.Errorf("reading the snapshot: it has flags that this release does not know (%#x)", flags)
	}
	length := binary.BigEndian.Uint64(data[24:])
	switch {
	case length > MaxPayload:
		return 0, 0, fmt.Errorf("reading the snapshot: its %d bytes are more than MaxPayload (%d)", length, uint64(MaxPayload))
	case length != uint64(len(data)-headSize):
		return 0, 0, damaged("it has %d bytes of payload where its head says %d", len(data)-headSize, length)
	case sha256.Sum256(data[headSize:]) != [sha256.Size]byte(data[32:64]):
		return 0, 0, damaged("the checksum of its payload is wrong")
	}
	return flags, binary.BigEndian.Uint64(data[16:]), nil
}

// decodePayload reads the lines of a payload.
func decodePayload(payload []byte) ([]model.Resource, error) {
	first, rest, _ := bytes.Cut(payload, []byte{'\n'})
	var h header
	if err := json.Unmarshal(first, &h); err != nil {
		return nil, damaged("its first line is malformed: %v", err)
	}
	if h.Resources < 0 || h.Resources > snapshot.MaxResources {
		return nil, fmt.Errorf("reading the snapshot: it has %d resources, more than MaxResources (%d)", h.Resources, snapshot.MaxResources)
	}
	resources := make([]model.Resource, 0, min(h.Resources, len(rest)/len(`{"id":"","properties":{}}`)+1))
	for number := 2; len(rest) > 0; number++ {
		var text []byte
		text, rest, _ = bytes.Cut(rest, []byte{'\n'})
		r, err := decodeLine(text)
		if err != nil {
			return nil, fmt.Errorf("reading the snapshot: line %d: %w", number, err)
		}
		resources = append(resources, r)
	}
	if len(resources) != h.Resources {
		return nil, damaged("it has %d resources where its first line says %d", len(resources), h.Resources)
	}
	return resources, nil
}

// decodeLine reads one resource.
func decodeLine(text []byte) (model.Resource, error) {
	if len(text) > MaxLine {
		return nil, fmt.Errorf("its %d bytes are more than MaxLine (%d)", len(text), MaxLine)
	}
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	id, err := model.ParseID(l.ID.String())
	if err != nil {
		return nil, err
	}
	return model.Decode(id, l.Properties)
}

// seal encrypts a payload.
func seal(plain, head, key []byte) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize, nonceSize+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("sealing the snapshot: %w", err)
	}
	return aead.Seal(nonce, nonce, plain, head), nil
}

// unseal decrypts a payload.
func unseal(payload, head, key []byte) ([]byte, error) {
	if key == nil {
		return nil, errors.New("reading the snapshot: it is sealed, and there is no key")
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	if len(payload) < nonceSize {
		return nil, damaged("it ends within its seal")
	}
	plain, err := aead.Open(nil, payload[:nonceSize], payload[nonceSize:], head)
	if err != nil {
		return nil, errors.New("reading the snapshot: it was sealed with another key")
	}
	return plain, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("the key that seals snapshots has %d bytes, %d are needed", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("preparing the seal: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("preparing the seal: %w", err)
	}
	return aead, nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
