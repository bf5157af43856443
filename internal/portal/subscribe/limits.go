package subscribe

import (
	"github.com/sallyport/sallyport/internal/portal/allowance"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// limitsPart are the limits on the page of a subscription.
type limitsPart struct {
	List []allowance.Allowance
	// Away says that they could not be read, More that there are more, and Unknown
	// that what is left of one of them cannot be told.
	Away, More, Unknown bool
}

// limits reads the limits of a subscription, as far as the visitor sees what they
// are for. Where they cannot be read, the rest of the page is shown all the same.
func (s *section) limits(x *page.Exchange, id string) (p limitsPart) {
	var err error
	p.List, p.More, err = allowance.Read(x.R.Context(), x.Client(), id, s.o.Catalogue().View(reader(x)))
	if err != nil {
		x.Log().Warn("the limits of a subscription could not be read", "subscription", id, "error", err.Error())
		p.Away = true
	}
	for i := range p.List {
		l := &p.List[i].Limit
		p.Unknown = p.Unknown || !l.Known && !l.Split
	}
	return p
}
