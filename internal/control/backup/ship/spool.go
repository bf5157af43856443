package ship

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
)

// inMemory is how long an archive of changes may be to be held in memory, in
// bytes; a longer one is in a temporary file until it is written. It is
// encrypted there as well.
const inMemory = 8 << 20

// spool holds an archive until its digest is known, which is part of its name.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	sum    hash.Hash
}

func newSpool() *spool { return &spool{sum: sha256.New()} }

// Write holds more.
func (s *spool) Write(b []byte) (int, error) {
	s.sum.Write(b)
	if s.file != nil {
		return s.file.Write(b)
	}
	if s.memory.Len()+len(b) <= inMemory {
		return s.memory.Write(b)
	}
	f, err := os.CreateTemp("", "sallyport-changes-")
	if err != nil {
		return 0, fmt.Errorf("holding changes in a temporary file: %w", err)
	}
	s.file = f
	_ = os.Remove(f.Name()) // Where the system lets it, so that nothing stays of a process that is killed.
	if _, err := s.memory.WriteTo(f); err != nil {
		return 0, err
	}
	return f.Write(b)
}

// copyTo writes all that is held. It may be called again.
func (s *spool) copyTo(w io.Writer) error {
	if s.file == nil {
		_, err := w.Write(s.memory.Bytes())
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.file)
	return err
}

// close lets go of what is held.
func (s *spool) close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()           // It was only to be read.
	_ = os.Remove(s.file.Name()) // Mostly done already.
}
