package traces

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/control/store"
)

// The keys of the ledger:
//
//	trace/index/GATEWAY
//	trace/piece/GATEWAY/TRACE/NN
//
// GATEWAY is a digest of the service's id and the gateway's name, TRACE the id of
// the trace.
const (
	indexPrefix = "trace/index/"
	piecePrefix = "trace/piece/"
	// digestBytes is the length of digests: enough that two never meet.
	digestBytes = 15
)

// gatewayKey is a short name for a gateway of a service.
func gatewayKey(service, gateway string) string {
	h := sha256.New()
	for _, t := range [...]string{strings.ToLower(service), strings.ToLower(gateway)} {
		h.Write(binary.AppendUvarint(nil, uint64(len(t))))
		h.Write([]byte(t))
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:digestBytes]))
}

// tracePrefix begins the keys of the pieces of a trace, and after ends them.
func tracePrefix(gateway, id string) string { return piecePrefix + gateway + "/" + id + "/" }

// after is the first key that does not begin with a prefix which ends with "/".
func after(prefix string) string { return strings.TrimSuffix(prefix, "/") + "0" }

// pieceKey is the key of a piece.
func pieceKey(gateway, id string, n int) string {
	return fmt.Sprintf("%s%02d", tracePrefix(gateway, id), n)
}

// listed is a trace in the index of its gateway.
type listed struct {
	ID string `json:"id"`
	// At is when it came, in seconds since 1970, by the clock of the node.
	At     int64 `json:"at"`
	Bytes  int   `json:"bytes"`
	Pieces int   `json:"pieces"`
}

// over reports whether a trace was kept for long enough, and also whether it
// stands so far in the future that a clock must have been wrong.
func (l *listed) over(now time.Time) bool {
	age := now.Sub(time.Unix(l.At, 0))
	return age >= Keep || age < -Keep
}

// readIndex reads an index, the oldest trace first; ok is false where it is none of
// ours.
func readIndex(value []byte) (list []listed, ok bool) {
	if len(value) == 0 {
		return nil, true
	}
	if err := json.Unmarshal(value, &list); err != nil || len(list) > MaxKept {
		return nil, false
	}
	for _, l := range list {
		if l.Pieces < 1 || l.Pieces > maxPieces || l.Bytes < 0 || l.Bytes > MaxKeptBytes {
			return nil, false
		}
	}
	return list, true
}

// shelf is what a gateway has, in a transaction.
type shelf struct {
	tx      store.LedgerTx
	gateway string
	list    []listed
}

// open reads what a gateway has. Where that cannot be read all of it is let go of:
// traces are worth less than the certainty that none is kept for ever.
func open(tx store.LedgerTx, gateway string) (*shelf, error) {
	found, err := tx.Balances([]string{indexPrefix + gateway})
	if err != nil {
		return nil, err
	}
	list, ok := readIndex(found[indexPrefix+gateway])
	s := &shelf{tx: tx, gateway: gateway, list: list}
	if !ok {
		all := piecePrefix + gateway + "/"
		_, err = tx.Remove(all, after(all), store.MaxLedgerBatch)
	}
	return s, err
}

// has reports whether a trace is there.
func (s *shelf) has(id string) bool {
	for i := range s.list {
		if s.list[i].ID == id {
			return true
		}
	}
	return false
}

// room lets go of what is over, and of the oldest until there is room for more
// traces of a size; it returns how many went.
func (s *shelf) room(now time.Time, more, bytes int) (gone int, err error) {
	for i := range s.list {
		bytes += s.list[i].Bytes
	}
	for len(s.list) > 0 && (s.list[0].over(now) || len(s.list)+more > MaxKept || bytes > MaxKeptBytes) {
		prefix := tracePrefix(s.gateway, s.list[0].ID)
		if _, err := s.tx.Remove(prefix, after(prefix), maxPieces); err != nil {
			return gone, err
		}
		bytes -= s.list[0].Bytes
		s.list = s.list[1:]
		gone++
	}
	return gone, nil
}

// close writes the index, or removes it where it is empty, together with accounts.
func (s *shelf) close(accounts ...store.Account) error {
	key := indexPrefix + s.gateway
	if len(s.list) == 0 {
		_, err := s.tx.Remove(key, key+"!", 1)
		return err
	}
	value, err := json.Marshal(s.list)
	if err != nil {
		return err
	}
	return s.tx.Set(append(accounts, store.Account{Key: key, Value: value}))
}
