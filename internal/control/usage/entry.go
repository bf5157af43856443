package usage

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/telemetry/usage"
)

// Names are what totals are told apart by.
type Names struct {
	usage.Series
	// Region is where the gateway stands.
	Region string
}

// The keys of the ledger:
//
//	usage/total/RESOLUTION/START/SERVICE/NAMES
//	usage/mark/PROCESS
//
// START is in minutes since 1970, in ten digits; SERVICE, NAMES and PROCESS are
// digests, because what they are made of may be long and may be anything.
const (
	totalPrefix = "usage/total/"
	markPrefix  = "usage/mark/"
	// digestBytes is the length of digests: enough that two never meet.
	digestBytes = 15
)

// digest is a short name for texts.
func digest(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		h.Write(binary.AppendUvarint(nil, uint64(len(t))))
		h.Write([]byte(t))
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:digestBytes]))
}

// startKey is what the keys of all totals from a time on are not below.
func startKey(r Resolution, at time.Time) string {
	return fmt.Sprintf("%s%c/%010d/", totalPrefix, r, max(0, at.Unix()/60))
}

// totalKey is the key of totals.
func totalKey(r Resolution, at time.Time, service string, n *Names) string {
	return startKey(r, at) + service + "/" + digest(n.API, n.Operation, n.Product, n.Subscription, n.User, n.Region)
}

// startOf reads the time and the service of a key.
func startOf(key string) (at time.Time, service string, ok bool) {
	rest, ok := strings.CutPrefix(key, totalPrefix)
	if !ok || len(rest) < 13 {
		return time.Time{}, "", false
	}
	var minutes int64
	for _, digit := range []byte(rest[2:12]) {
		if digit < '0' || digit > '9' {
			return time.Time{}, "", false
		}
		minutes = minutes*10 + int64(digit-'0')
	}
	service, _, ok = strings.Cut(rest[13:], "/")
	return time.Unix(minutes*60, 0).UTC(), service, ok
}

// errEntry is why a value is none of ours.
var errEntry = errors.New("the totals in the ledger are damaged")

// encodeEntry writes names and totals: six texts with their lengths, then the
// totals.
func encodeEntry(n *Names, t *usage.Totals) []byte {
	var out []byte
	for _, text := range [...]string{n.API, n.Operation, n.Product, n.Subscription, n.User, n.Region} {
		out = binary.AppendUvarint(out, uint64(len(text)))
		out = append(out, text...)
	}
	return t.Append(out)
}

// decodeNames reads the names of an entry, and returns what comes behind them.
func decodeNames(value []byte) (n Names, rest []byte, err error) {
	for _, text := range [...]*string{&n.API, &n.Operation, &n.Product, &n.Subscription, &n.User, &n.Region} {
		length, size := binary.Uvarint(value)
		if size <= 0 || length > usage.MaxName || uint64(len(value)-size) < length {
			return Names{}, nil, errEntry
		}
		*text = string(value[size : size+int(length)])
		value = value[size+int(length):]
	}
	return n, value, nil
}

// decodeEntry reads what encodeEntry wrote.
func decodeEntry(value []byte) (Names, *usage.Totals, error) {
	n, rest, err := decodeNames(value)
	if err != nil {
		return n, nil, err
	}
	t, err := usage.DecodeTotals(rest)
	if err != nil {
		return n, nil, fmt.Errorf("%w: %w", errEntry, err)
	}
	return n, t, nil
}

// mark is the newest parcel of a process that was counted.
type mark struct {
	sequence uint64
	at       time.Time
}

func (m mark) encode() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, m.sequence), uint64(max(0, m.at.Unix())))
}

func decodeMark(value []byte) mark {
	sequence, n := binary.Uvarint(value)
	if n <= 0 {
		return mark{}
	}
	at, _ := binary.Uvarint(value[n:])
	return mark{sequence, time.Unix(int64(at), 0)}
}
