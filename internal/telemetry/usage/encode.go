package usage

import (
	"encoding/binary"
	"errors"
)

// totalsVersion is the first byte of encoded totals.
const totalsVersion = 1

// errTotals is why bytes are no totals.
var errTotals = errors.New("these are not the totals of calls, or they are damaged")

// Append appends the totals in the form in which they are kept: a byte with the
// version, then numbers of variable length (unsigned LEB128). Of a histogram are
// written the number of steps that are not 0, and then each with its number.
func (t *Totals) Append(dst []byte) []byte {
	dst = append(dst, totalsVersion)
	for _, n := range [...]uint64{
		t.Success, t.Blocked, t.Failed, t.Other, t.CacheHits, t.CacheMisses, t.BytesIn, t.BytesOut,
	} {
		dst = binary.AppendUvarint(dst, n)
	}
	return t.Backend.append(t.Whole.append(dst))
}

func (l *Latency) append(dst []byte) []byte {
	for _, n := range [...]uint64{l.Count, l.Sum, l.Min, l.Max} {
		dst = binary.AppendUvarint(dst, n)
	}
	used := 0
	for _, n := range l.Histogram {
		if n != 0 {
			used++
		}
	}
	dst = binary.AppendUvarint(dst, uint64(used))
	for i, n := range l.Histogram {
		if n != 0 {
			dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(i)), n)
		}
	}
	return dst
}

// DecodeTotals reads what Append has written.
func DecodeTotals(data []byte) (*Totals, error) {
	if len(data) == 0 || data[0] != totalsVersion {
		return nil, errTotals
	}
	d := decoder{rest: data[1:]}
	t := &Totals{}
	for _, n := range [...]*uint64{
		&t.Success, &t.Blocked, &t.Failed, &t.Other, &t.CacheHits, &t.CacheMisses, &t.BytesIn, &t.BytesOut,
	} {
		*n = d.number()
	}
	d.latency(&t.Whole)
	d.latency(&t.Backend)
	if d.failed || len(d.rest) > 0 {
		return nil, errTotals
	}
	return t, nil
}

// AddEncoded adds what Append has written to the totals, as Add does with what
// DecodeTotals reads, and makes nothing on its way. After an error the totals are
// of no use.
func (t *Totals) AddEncoded(data []byte) error {
	if len(data) == 0 || data[0] != totalsVersion {
		return errTotals
	}
	d := decoder{rest: data[1:]}
	for _, n := range [...]*uint64{
		&t.Success, &t.Blocked, &t.Failed, &t.Other, &t.CacheHits, &t.CacheMisses, &t.BytesIn, &t.BytesOut,
	} {
		*n += d.number()
	}
	d.addLatency(&t.Whole)
	d.addLatency(&t.Backend)
	if d.failed || len(d.rest) > 0 {
		return errTotals
	}
	return nil
}

// decoder reads numbers of variable length until one is missing.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.failed = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// addLatency adds what was counted of durations. Where that is nothing, the rest of
// it is read and not added.
func (d *decoder) addLatency(l *Latency) {
	count, sum, least, most := d.number(), d.number(), d.number(), d.number()
	if count > 0 && (l.Count == 0 || least < l.Min) {
		l.Min = least
	}
	if count > 0 {
		l.Count, l.Sum, l.Max = l.Count+count, l.Sum+sum, max(l.Max, most)
	}
	for i, n := range d.steps {
		if count > 0 {
			l.Histogram[i] += n
		}
	}
}

func (d *decoder) latency(l *Latency) {
	l.Count, l.Sum, l.Min, l.Max = d.number(), d.number(), d.number(), d.number()
	for i, n := range d.steps {
		l.Histogram[i] = n
	}
}

// steps yields the steps of a histogram that are not 0, in their order.
func (d *decoder) steps(yield func(step int, n uint64) bool) {
	used, next := d.number(), uint64(0)
	if used > Steps {
		d.failed = true
		return
	}
	for range used {
		i := d.number()
		if i < next || i >= Steps {
			d.failed = true
			return
		}
		next = i + 1
		if !yield(int(i), d.number()) {
			return
		}
	}
}
