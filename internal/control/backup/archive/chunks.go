package archive

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// sealer is what encrypts the chunks of one archive.
type sealer struct {
	aead  cipher.AEAD
	nonce [prefixLength + 5]byte
	bound [sha256.Size]byte
	next  uint64
}

// newSealer derives the key of an archive; head is all before the first chunk.
func newSealer(master, salt, head []byte) (*sealer, error) {
	key, prefix, err := derive(master, salt)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("preparing the cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("preparing the cipher: %w", err)
	}
	s := &sealer{aead: aead, bound: sha256.Sum256(head)}
	copy(s.nonce[:], prefix)
	return s, nil
}

// turn sets the nonce of the next chunk.
func (s *sealer) turn(last bool) error {
	if s.next >= MaxChunks {
		return fmt.Errorf("%d chunks: %w", s.next, ErrLimit)
	}
	binary.BigEndian.PutUint32(s.nonce[prefixLength:], uint32(s.next))
	s.nonce[len(s.nonce)-1] = 0
	if last {
		s.nonce[len(s.nonce)-1] = 1
	}
	s.next++
	return nil
}

// chunkWriter encrypts what is written to it. Close writes the last chunk.
type chunkWriter struct {
	w      io.Writer
	sealer *sealer
	// plain has the content of the next chunk, which may be the last: a full one
	// is written when more comes.
	plain   []byte
	sealed  []byte
	written int64
}

func newChunkWriter(w io.Writer, s *sealer) *chunkWriter {
	return &chunkWriter{w: w, sealer: s, plain: make([]byte, 0, chunkLength), sealed: make([]byte, 0, chunkLength+tagLength)}
}

func (c *chunkWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(c.plain) == chunkLength {
			if err := c.flush(false); err != nil {
				return 0, err
			}
		}
		take := min(len(p), chunkLength-len(c.plain))
		c.plain, p = append(c.plain, p[:take]...), p[take:]
	}
	return n, nil
}

func (c *chunkWriter) flush(last bool) error {
	if err := c.sealer.turn(last); err != nil {
		return err
	}
	c.sealed = c.sealer.aead.Seal(c.sealed[:0], c.sealer.nonce[:], c.plain, c.sealer.bound[:])
	c.plain = c.plain[:0]
	n, err := c.w.Write(c.sealed)
	c.written += int64(n)
	return err
}

// Close writes the last chunk.
func (c *chunkWriter) Close() error { return c.flush(true) }

// chunkReader decrypts what it reads. It implements io.Reader and io.ByteReader,
// so that nobody reads ahead of it.
type chunkReader struct {
	r      *bufio.Reader
	sealer *sealer
	sealed []byte
	plain  []byte // What was decrypted and is not read yet.
	done   bool   // The last chunk was read.
	failed error
	read   int64
}

func newChunkReader(r io.Reader, s *sealer) *chunkReader {
	return &chunkReader{r: bufio.NewReaderSize(r, chunkLength+tagLength), sealer: s, sealed: make([]byte, chunkLength+tagLength)}
}

func (c *chunkReader) Read(p []byte) (int, error) {
	if err := c.fill(); err != nil {
		return 0, err
	}
	n := copy(p, c.plain)
	c.plain = c.plain[n:]
	return n, nil
}

// ReadByte implements io.ByteReader.
func (c *chunkReader) ReadByte() (byte, error) {
	if err := c.fill(); err != nil {
		return 0, err
	}
	b := c.plain[0]
	c.plain = c.plain[1:]
	return b, nil
}

// fill makes sure that there is something to read. io.EOF says that the last
// chunk was read, and nothing followed.
func (c *chunkReader) fill() error {
	if len(c.plain) > 0 {
		return nil
	}
	if c.failed == nil {
		c.failed = c.chunk()
	}
	return c.failed
}

func (c *chunkReader) chunk() error {
	if c.done {
		return io.EOF
	}
	n, err := io.ReadFull(c.r, c.sealed)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading the archive: %w", err)
	}
	c.read += int64(n)
	if _, err := c.r.Peek(1); errors.Is(err, io.EOF) {
		c.done = true
	} else if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	if n <= tagLength {
		return fmt.Errorf("chunk %d has %d bytes: %w", c.sealer.next, n, ErrDamaged)
	}
	if err := c.sealer.turn(c.done); err != nil {
		return err
	}
	c.plain, err = c.sealer.aead.Open(c.sealed[:0], c.sealer.nonce[:], c.sealed[:n], c.sealer.bound[:])
	if err != nil {
		c.plain = nil
		return fmt.Errorf("chunk %d is not what was written: %w", c.sealer.next-1, ErrDamaged)
	}
	return nil
}
