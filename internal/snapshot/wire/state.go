package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// stateMagic begins the file beside a generation. Its head is that of the
// snapshot file, and its payload begins with the checksum of the payload of the
// generation that it belongs to.
const stateMagic = "SALLYFED"

// EncodeState writes what is kept beside a snapshot file, sealed with key where
// that is not nil.
func EncodeState(file, state, key []byte) ([]byte, error) {
	if len(file) < headSize {
		return nil, damaged("it ends within its head, after %d bytes", len(file))
	}
	return enclose(stateMagic, binary.BigEndian.Uint64(file[16:]), slices.Concat(file[32:64], state), key)
}

// DecodeState reads what EncodeState wrote. It fails where that was written
// beside another snapshot file.
func DecodeState(file, beside, key []byte) ([]byte, error) {
	if len(file) < headSize {
		return nil, damaged("it ends within its head, after %d bytes", len(file))
	}
	_, plain, err := disclose(stateMagic, beside, key)
	if err != nil {
		return nil, err
	}
	if len(plain) < sha256.Size || !bytes.Equal(plain[:sha256.Size], file[32:64]) {
		return nil, damaged("what is kept beside it belongs to another one")
	}
	return plain[sha256.Size:], nil
}
