package disk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// MaxFile is the largest file that is read, in bytes.
	MaxFile = 512 << 20
	// MaxQuotas is the most quotas of a file.
	MaxQuotas = 1 << 20
	// head begins the first line; the number is the version.
	head = "sallyport quotas 1 "
)

// ErrDamaged says that a file is not as it was written.
var ErrDamaged = errors.New("the file of quotas is damaged")

// line is a quota as the file has it.
type line struct {
	Scope  string `json:"scope,omitempty"` // Empty is region.
	Name   string `json:"name"`
	Key    string `json:"key"`
	Period int64  `json:"period,omitempty"` // Milliseconds; 0 is without end.
	Start  int64  `json:"start,omitempty"`  // Milliseconds since 1970, as End.
	End    int64  `json:"end,omitempty"`
	Calls  int64  `json:"calls,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
}

// Encode returns the file that has some quotas. Of more than MaxQuotas it has
// the first.
func Encode(quotas []counter.Reading) []byte {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	quotas = quotas[:min(len(quotas), MaxQuotas)]
	for i := range quotas {
		r := &quotas[i]
		l := line{Name: r.Name, Key: r.Key, Period: r.Period.Milliseconds(), Calls: r.Used.Calls, Bytes: r.Used.Bytes}
		if r.Scope != counter.ScopeRegion {
			l.Scope = r.Scope.String()
		}
		if r.Period > 0 {
			l.Start, l.End = r.Start.UnixMilli(), r.End.UnixMilli()
		}
		_ = encoder.Encode(l) //nolint:errchkjson // Strings and numbers can always be written.
	}
	digest := sha256.Sum256(body.Bytes())
	first := head + strconv.Itoa(len(quotas)) + " " + hex.EncodeToString(digest[:]) + "\n"
	return append([]byte(first), body.Bytes()...)
}

// Decode reads a file. What it returns besides ErrDamaged is whole.
func Decode(data []byte) ([]counter.Reading, error) {
	first, body, ok := bytes.Cut(data, []byte("\n"))
	count, digest, known := strings.Cut(strings.TrimPrefix(string(first), head), " ")
	if !ok || !known || !bytes.HasPrefix(first, []byte(head)) {
		return nil, fmt.Errorf("%w: its first line is not that of quotas in version 1", ErrDamaged)
	}
	want, err := strconv.ParseUint(count, 10, 32)
	if err != nil || want > MaxQuotas {
		return nil, fmt.Errorf("%w: it claims %.20q quotas; the limit (MaxQuotas) is %d", ErrDamaged, count, MaxQuotas)
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("%w: its digest is another", ErrDamaged)
	}
	var quotas []counter.Reading
	for text := range bytes.Lines(body) {
		r, err := decodeLine(text)
		if err != nil {
			return nil, fmt.Errorf("%w: quota %d: %w", ErrDamaged, len(quotas)+1, err)
		}
		quotas = append(quotas, r)
	}
	if uint64(len(quotas)) != want {
		return nil, fmt.Errorf("%w: it has %d quotas and claims %d", ErrDamaged, len(quotas), want)
	}
	return quotas, nil
}

func decodeLine(text []byte) (counter.Reading, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return counter.Reading{}, err
	}
	const longest = int64(1<<63-1) / int64(time.Millisecond)
	if l.Period < 0 || l.Period > longest || l.Calls < 0 || l.Bytes < 0 {
		return counter.Reading{}, errors.New("a number is out of range")
	}
	r := counter.Reading{
		Kind: counter.KindQuota, Name: l.Name, Key: l.Key, Period: time.Duration(l.Period) * time.Millisecond,
		Used: counter.Usage{Calls: l.Calls, Bytes: l.Bytes},
	}
	if l.Scope != "" {
		scope, ok := counter.ParseScope(l.Scope)
		if !ok {
			return r, fmt.Errorf("there is no scope %.20q", l.Scope)
		}
		r.Scope = scope
	}
	if r.Period > 0 {
		r.Start, r.End = time.UnixMilli(l.Start).UTC(), time.UnixMilli(l.End).UTC()
	}
	return r, nil
}
