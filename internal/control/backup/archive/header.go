package archive

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// Kind says what an archive holds.
type Kind string

// The kinds of archives.
const (
	// Base is everything at one revision.
	Base Kind = "base"
	// Changes is what was changed after a revision, up to another.
	Changes Kind = "changes"
)

// Header is what everyone can read of an archive: no secret, and nothing that
// is configured.
type Header struct {
	Kind Kind `json:"kind"`
	// Lineage is that of the store that the archive was taken from.
	Lineage string `json:"lineage,omitempty"`
	// Revision is the one that the archive leads to, FromRevision the one after
	// which changes begin.
	Revision     store.Revision `json:"revision"`
	FromRevision store.Revision `json:"fromRevision,omitempty"`
	// RevisionTime is when Revision was made; zero at revision 0.
	RevisionTime time.Time `json:"revisionTime,omitzero"`
	// Created is when the archive was begun.
	Created time.Time `json:"created"`
	// Release is the version of the program that wrote it.
	Release string `json:"release,omitempty"`
	// Usage is the stamp of usage that was seen: up to it the archive, with those
	// before it in its sequence, holds the accounts of usage. nil says that usage
	// was not looked at.
	Usage *uint64 `json:"usage,omitempty"`
	// Accounts says that the archive itself holds accounts. A reader of version 1
	// refuses it then.
	Accounts bool `json:"accounts,omitempty"`
	// Key says which key opens the archive; NewWriter sets it.
	Key KeyHeader `json:"key"`
	// Version is that of the format; NewWriter and NewReader set it.
	Version uint16 `json:"-"`
}

// KeyHeader is what the header says of the key.
type KeyHeader struct {
	// Name is the kind and the fingerprint of the backup's key.
	Name string `json:"name"`
	// Wrapped is what that key encrypted, Salt makes each archive's key its own.
	Wrapped []byte `json:"wrapped"`
	Salt    []byte `json:"salt"`
}

// check says why the header is none.
func (h *Header) check() error {
	switch {
	case h.Kind != Base && h.Kind != Changes:
		return fmt.Errorf("there is no kind %q of archives", h.Kind)
	case h.Kind == Base && h.FromRevision != 0:
		return errors.New("a base begins after no revision")
	case h.Revision < h.FromRevision:
		return errors.New("the revisions of the changes go backwards")
	case h.Accounts && h.Usage == nil:
		return errors.New("it holds accounts, and does not say of when")
	}
	return nil
}

// encode is everything before the first chunk.
func (h *Header) encode() ([]byte, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encoding the header: %w", err)
	}
	if len(text) > MaxHeader {
		return nil, fmt.Errorf("a header of %d bytes, of at most %d: %w", len(text), MaxHeader, ErrLimit)
	}
	b := append(make([]byte, 0, preludeLength+len(text)), magic...)
	b = binary.BigEndian.AppendUint16(b, version)
	b = binary.BigEndian.AppendUint16(b, h.readableBy())
	b = binary.BigEndian.AppendUint32(b, 0) // Flags.
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...), nil
}

// readableBy is the oldest version whose reader can read the archive.
func (h *Header) readableBy() uint16 {
	if h.Accounts {
		return version
	}
	return withoutAccounts
}

// ReadHeader reads the header and nothing after it. Nobody has made sure of it:
// that is what NewReader and Next do, with the key.
func ReadHeader(r io.Reader) (Header, error) {
	h, _, err := readHeader(r)
	return h, err
}

// readHeader returns the header, and all bytes before the first chunk.
func readHeader(r io.Reader) (Header, []byte, error) {
	prelude := make([]byte, preludeLength)
	if err := readFull(r, prelude); err != nil {
		if errors.Is(err, ErrDamaged) {
			err = ErrNotArchive
		}
		return Header{}, nil, fmt.Errorf("reading the header: %w", err)
	}
	if string(prelude[:len(magic)]) != magic {
		return Header{}, nil, ErrNotArchive
	}
	h := Header{Version: binary.BigEndian.Uint16(prelude[8:])}
	if oldest := binary.BigEndian.Uint16(prelude[10:]); oldest > version || binary.BigEndian.Uint32(prelude[12:]) != 0 {
		return Header{}, nil, fmt.Errorf("version %d of the format, this release knows %d: %w", oldest, version, ErrVersion)
	}
	length := binary.BigEndian.Uint32(prelude[16:])
	if length > MaxHeader {
		return Header{}, nil, fmt.Errorf("a header of %d bytes, of at most %d: %w", length, MaxHeader, ErrDamaged)
	}
	all := make([]byte, preludeLength+int(length))
	copy(all, prelude)
	if err := readFull(r, all[preludeLength:]); err != nil {
		return Header{}, nil, fmt.Errorf("reading the header: %w", err)
	}
	if err := json.Unmarshal(all[preludeLength:], &h); err != nil {
		return Header{}, nil, fmt.Errorf("the header is no JSON: %w", ErrDamaged)
	}
	if err := h.check(); err != nil {
		return Header{}, nil, fmt.Errorf("the header: %w: %w", err, ErrDamaged)
	}
	return h, all, nil
}

// readFull fills b; an end before that is damage.
func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrDamaged
	}
	return err
}
