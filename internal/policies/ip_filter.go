package policies

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// ipFilter describes ip-filter: callers by their addresses.
func ipFilter() *policy.Spec {
	return &policy.Spec{
		Name:    "ip-filter",
		Summary: "Allows or forbids callers by their addresses.",
		Details: "With `allow`, whoever is not listed is answered with `403 Forbidden`; with `forbid`, whoever is. " +
			"An IPv4 address is the same whether it is written as such or as IPv6.",
		Example: `<ip-filter action="allow">
    <address>203.0.113.7</address>
    <address-range from="198.51.100.0" to="198.51.100.255" />
</ip-filter>`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{{Name: "action", Required: true, Value: policy.Value{
				Type: policy.TypeEnum, Expression: true, Enum: []string{"allow", "forbid"}, Doc: "what happens to the callers that are listed"}}},
			Children: []policy.Child{
				{Name: "address", Doc: "one address", Shape: policy.Shape{Text: &policy.Value{Expression: true}}},
				{Name: "address-range", Doc: "the addresses from one to another", Shape: policy.Shape{Attributes: []policy.Attribute{
					{Name: "from", Required: true, Value: policy.Value{Expression: true, Doc: "first address"}},
					{Name: "to", Required: true, Value: policy.Value{Expression: true, Doc: "last address"}},
				}}},
			},
		},
		Compile: compileIPFilter,
	}
}

// addressRange is the addresses from one to another, both included.
type addressRange struct{ from, to netip.Addr }

// lateRange is a range that expressions give.
type lateRange struct{ from, to policy.String }

type ipFilterStep struct {
	action policy.String
	known  []addressRange // sorted, without overlap
	late   []lateRange
}

func compileIPFilter(c *policy.Compiler, el *document.Element) policy.Step {
	s := &ipFilterStep{action: c.String(el, "action")}
	if len(el.Children) == 0 {
		c.Failf(el, "there must be at least one address or address-range")
	}
	for _, child := range el.Children {
		r := lateRange{}
		if child.Name == "address" {
			r.from = c.Value(child, child.Text)
			r.to = r.from
		} else {
			r.from, r.to = c.String(child, "from"), c.String(child, "to")
		}
		_, fromKnown := r.from.Constant()
		_, toKnown := r.to.Constant()
		if !fromKnown || !toKnown {
			s.late = append(s.late, r)
			continue
		}
		known, err := r.eval(nil)
		if err != nil {
			c.Failf(child, "%v", err)
			continue
		}
		s.known = append(s.known, known)
	}
	s.known = mergeRanges(s.known)
	return s
}

// eval returns the range for a request, or, where it is constant, without one.
func (r *lateRange) eval(c *policy.Call) (addressRange, error) {
	from, err := evalAddress(r.from, c)
	if err != nil {
		return addressRange{}, err
	}
	to, err := evalAddress(r.to, c)
	if err != nil {
		return addressRange{}, err
	}
	if from.Is4() != to.Is4() || to.Less(from) {
		return addressRange{}, fmt.Errorf("%s to %s is no range of addresses", from, to)
	}
	return addressRange{from, to}, nil
}

func evalAddress(s policy.String, c *policy.Call) (netip.Addr, error) {
	text, err := s.Eval(c)
	if err != nil {
		return netip.Addr{}, err
	}
	address, err := netip.ParseAddr(strings.TrimSpace(text))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%.60q is no IP address", text)
	}
	return address.Unmap().WithZone(""), nil
}

// mergeRanges sorts ranges and joins those that overlap.
func mergeRanges(ranges []addressRange) []addressRange {
	slices.SortFunc(ranges, func(a, b addressRange) int { return a.from.Compare(b.from) })
	var out []addressRange
	for _, r := range ranges {
		if n := len(out); n > 0 && !out[n-1].to.Less(r.from) {
			if out[n-1].to.Less(r.to) {
				out[n-1].to = r.to
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// Run lets the caller pass or refuses it.
func (s *ipFilterStep) Run(c *policy.Call) error {
	action, err := s.action.Eval(c)
	if err != nil {
		return err
	}
	caller := c.Request.Client.Addr().Unmap().WithZone("")
	if !caller.IsValid() {
		return ipFault("FailedToParseCallerIP", "Failed to establish IP address for the caller. Access denied.")
	}
	listed, err := s.lists(c, caller)
	if err != nil {
		return err
	}
	switch {
	case strings.EqualFold(action, "allow"):
		if !listed {
			return ipFault("CallerIpNotAllowed", "Caller IP address "+caller.String()+" is not allowed. Access denied.")
		}
	case strings.EqualFold(action, "forbid"):
		if listed {
			return ipFault("CallerIpBlocked", "Caller IP address is blocked. Access denied.")
		}
	default:
		return fmt.Errorf("evaluating action: %.40q is neither allow nor forbid", action)
	}
	return nil
}

// lists reports whether one of the ranges has the address.
func (s *ipFilterStep) lists(c *policy.Call, a netip.Addr) (bool, error) {
	i, exact := slices.BinarySearchFunc(s.known, a, func(r addressRange, a netip.Addr) int { return r.from.Compare(a) })
	if exact || (i > 0 && !s.known[i-1].to.Less(a)) {
		return true, nil
	}
	for i := range s.late {
		r, err := s.late[i].eval(c)
		if err != nil {
			return false, fmt.Errorf("filtering addresses: %w", err)
		}
		if !a.Less(r.from) && !r.to.Less(a) && a.Is4() == r.from.Is4() {
			return true, nil
		}
	}
	return false, nil
}

// ipFault refuses a caller, who is not told why.
func ipFault(reason, text string) error {
	return policy.NewFault(403, "ip-filter", reason, text).Telling("Forbidden")
}
