package usage

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Version is the version of the form of parcels.
const Version = 1

// ErrRefused is wrapped where the management plane will never take a parcel.
var ErrRefused = errors.New("the parcel is refused")

// Parcel is what one process counted between two times, in one minute at most
// once for each series. Boot and Sequence tell it from all others of its
// instance: a boot numbers its parcels from 1, in the order in which it sends
// them, so whoever has counted one has counted all before it.
type Parcel struct {
	Version int `json:"version"`
	// Instance is the random id that the gateway's data folder keeps, Boot that of
	// one run of its process.
	Instance string `json:"instance"`
	Boot     string `json:"boot"`
	Sequence uint64 `json:"sequence"`
	// Region is where the gateway says that it stands.
	Region string `json:"region,omitempty"`
	Rows   []Row  `json:"rows"`
}

// row is the form of a Row: names that are empty are left out, and the totals
// are in the form of Totals.Append, base64.
type row struct {
	Minute       time.Time `json:"minute"`
	API          string    `json:"api,omitempty"`
	Operation    string    `json:"operation,omitempty"`
	Product      string    `json:"product,omitempty"`
	Subscription string    `json:"subscription,omitempty"`
	User         string    `json:"user,omitempty"`
	Totals       []byte    `json:"totals"`
}

// MarshalJSON writes the row.
func (r Row) MarshalJSON() ([]byte, error) {
	return json.Marshal(row{
		Minute: r.Minute, API: cut(r.API), Operation: cut(r.Operation), Product: cut(r.Product),
		Subscription: cut(r.Subscription), User: cut(r.User), Totals: r.Totals.Append(nil),
	})
}

// UnmarshalJSON reads the row.
func (r *Row) UnmarshalJSON(data []byte) error {
	var in row
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	totals, err := DecodeTotals(in.Totals)
	if err != nil {
		return err
	}
	*r = Row{
		Series: Series{API: in.API, Operation: in.Operation, Product: in.Product, Subscription: in.Subscription, User: in.User},
		Minute: in.Minute.UTC(), Totals: *totals,
	}
	return nil
}

// cut bounds a name.
func cut(name string) string {
	if len(name) > MaxName {
		name = name[:MaxName]
	}
	return strings.ToValidUTF8(name, "")
}

// DecodeParcel reads a parcel of at most MaxParcel bytes, and checks it.
func DecodeParcel(data []byte) (*Parcel, error) {
	if len(data) > MaxParcel {
		return nil, fmt.Errorf("reading a parcel of usage: it has more than MaxParcel (%d) bytes", MaxParcel)
	}
	var p Parcel
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("reading a parcel of usage: %w", err)
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("reading a parcel of usage: %w", err)
	}
	return &p, nil
}

// Check says what of a parcel is wrong; nil where nothing is.
func (p *Parcel) Check() error {
	switch {
	case p.Version != Version:
		return fmt.Errorf("it has version %d, and %d is known", p.Version, Version)
	case !identifier(p.Instance), !identifier(p.Boot):
		return errors.New("instance and boot are 1 to 64 letters, digits, - and _")
	case p.Sequence == 0 || p.Sequence > 1<<62:
		return errors.New("sequence is a number from 1 on")
	case !printable(p.Region):
		return fmt.Errorf("region has more than %d bytes, or cannot be printed", MaxName)
	case len(p.Rows) > MaxParcelSeries:
		return fmt.Errorf("it has %d rows, more than MaxParcelSeries (%d)", len(p.Rows), MaxParcelSeries)
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		for _, name := range [...]string{r.API, r.Operation, r.Product, r.Subscription, r.User} {
			if !printable(name) || strings.ContainsRune(name, '/') {
				return fmt.Errorf("rows[%d]: a name has more than %d bytes, a slash, or cannot be printed", i, MaxName)
			}
		}
		if r.Minute.Unix() < 0 || !r.Minute.Equal(r.Minute.Truncate(Finest)) {
			return fmt.Errorf("rows[%d]: minute is not the start of one", i)
		}
	}
	return nil
}

// identifier reports whether a text is an id of ours: letters, digits, - and _.
func identifier(id string) bool {
	const most = 64
	return id != "" && len(id) <= most && !strings.ContainsFunc(id, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_'
	})
}

// printable reports whether a text is a name: short, and of characters that can
// be shown.
func printable(text string) bool {
	return len(text) <= MaxName && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
