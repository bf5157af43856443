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

func (d *decoder) latency(l *Latency) {
	l.Count, l.Sum, l.Min, l.Max = d.number(), d.number(), d.number(), d.number()
	used := d.number()
	if used > Steps {
		d.failed = true
		return
	}
	for range used {
		i := d.number()
		if i >= Steps {
			d.failed = true
			return
		}
		l.Histogram[i] = d.number()
	}
}
