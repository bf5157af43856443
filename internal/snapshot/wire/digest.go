package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"

	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// DigestSize is the length of a digest, in bytes.
const DigestSize = sha256.Size

// Digest stands for what a document holds, whatever the order of its
// resources: the sum, modulo 2²⁵⁶, of the SHA-256 of each resource's line as
// the snapshot file has it. The digest of no resources is the zero value.
type Digest [DigestSize]byte

// DigestOf returns the digest of a document's resources.
func DigestOf(doc *snapshot.Document) (Digest, error) {
	var d Digest
	var err error
	for _, r := range doc.Resources {
		if d, err = d.Add(r); err != nil {
			return Digest{}, err
		}
	}
	return d, nil
}

// DigestOfResource returns the digest of a document that holds one resource.
func DigestOfResource(r model.Resource) (Digest, error) {
	var line bytes.Buffer
	if err := appendLine(&line, r); err != nil {
		return Digest{}, err
	}
	return sha256.Sum256(bytes.TrimSuffix(line.Bytes(), []byte{'\n'})), nil
}

// ParseDigest reads what String wrote.
func ParseDigest(text string) (Digest, error) {
	var d Digest
	if len(text) != hex.EncodedLen(DigestSize) {
		return Digest{}, fmt.Errorf("a digest has %d hexadecimal digits, not %d characters", hex.EncodedLen(DigestSize), len(text))
	}
	if _, err := hex.Decode(d[:], []byte(text)); err != nil {
		return Digest{}, fmt.Errorf("reading a digest: %w", err)
	}
	return d, nil
}

// String returns the digest in hexadecimal, in lower case.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Add returns the digest of the document with one resource more.
func (d Digest) Add(r model.Resource) (Digest, error) {
	one, err := DigestOfResource(r)
	if err != nil {
		return Digest{}, err
	}
	return d.Plus(one), nil
}

// Remove returns the digest of the document without a resource that it holds.
func (d Digest) Remove(r model.Resource) (Digest, error) {
	one, err := DigestOfResource(r)
	if err != nil {
		return Digest{}, err
	}
	return d.Minus(one), nil
}

// Plus returns the digest of both documents' resources together.
func (d Digest) Plus(other Digest) Digest {
	var sum Digest
	var carry uint64
	for at := DigestSize - 8; at >= 0; at -= 8 {
		var word uint64
		word, carry = bits.Add64(binary.BigEndian.Uint64(d[at:]), binary.BigEndian.Uint64(other[at:]), carry)
		binary.BigEndian.PutUint64(sum[at:], word)
	}
	return sum
}

// Minus returns the digest without that of resources which it holds.
func (d Digest) Minus(other Digest) Digest {
	var rest Digest
	var borrow uint64
	for at := DigestSize - 8; at >= 0; at -= 8 {
		var word uint64
		word, borrow = bits.Sub64(binary.BigEndian.Uint64(d[at:]), binary.BigEndian.Uint64(other[at:]), borrow)
		binary.BigEndian.PutUint64(rest[at:], word)
	}
	return rest
}

// appendLine writes one resource as its line of a payload.
func appendLine(out *bytes.Buffer, r model.Resource) error {
	properties, err := model.Encode(r)
	if err != nil {
		return fmt.Errorf("writing a resource: %s: %w", r.ResourceID(), err)
	}
	id, err := json.Marshal(r.ResourceID())
	if err != nil {
		return fmt.Errorf("writing a resource: %s: %w", r.ResourceID(), err)
	}
	out.WriteString(`{"id":`)
	out.Write(id)
	out.WriteString(`,"properties":`)
	out.Write(properties)
	out.WriteString("}\n")
	return nil
}
