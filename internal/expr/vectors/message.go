package vectors

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/trial"
)

// messageDoc is a request or a response as the file of contexts writes it.
type messageDoc struct {
	Method            string            `json:"method"`
	URL               string            `json:"url"`
	OriginalURL       string            `json:"originalUrl"`
	IPAddress         string            `json:"ipAddress"`
	Headers           orderedHeaders    `json:"headers"`
	MatchedParameters map[string]string `json:"matchedParameters"`
	Body              *string           `json:"body"`
	StatusCode        int               `json:"statusCode"`
	StatusReason      string            `json:"statusReason"`
}

// call makes the call of a request; nil is a request of which nothing is known.
func (d *messageDoc) call() (*policy.Call, error) {
	if d == nil {
		return trial.New(&message.Request{}), nil
	}
	r := &message.Request{Method: d.Method, Protocol: message.HTTP11}
	var err error
	if r.URL, err = message.ParseURL(d.URL); err != nil {
		return nil, fmt.Errorf("the request: %w", err)
	}
	if d.IPAddress != "" {
		address, err := netip.ParseAddr(d.IPAddress)
		if err != nil {
			return nil, fmt.Errorf("the request's address: %w", err)
		}
		r.Client = netip.AddrPortFrom(address, 0)
	}
	d.Headers.fill(&r.Header)
	if err := d.fillBody(&r.Body); err != nil {
		return nil, err
	}
	call := trial.New(r)
	// The headers are those of the file, with Host only where it has one.
	call.WithoutHost()
	if d.OriginalURL != "" {
		if call.Original, err = message.ParseURL(d.OriginalURL); err != nil {
			return nil, fmt.Errorf("the request as received: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.MatchedParameters)) {
		call.Parameters = append(call.Parameters, policy.Parameter{Name: name, Value: d.MatchedParameters[name]})
	}
	return call, nil
}

// answer fills in a response.
func (d *messageDoc) answer(r *message.Response) error {
	r.Status, r.Reason = d.StatusCode, d.StatusReason
	d.Headers.fill(&r.Header)
	return d.fillBody(&r.Body)
}

func (d *messageDoc) fillBody(b *message.Body) error {
	if d.Body == nil {
		return nil
	}
	return b.SetBytes([]byte(*d.Body))
}

// orderedHeaders are headers in the order of the file.
type orderedHeaders struct {
	names  []string
	values [][]string
}

// fill adds the headers to a message, a line for each value.
func (h *orderedHeaders) fill(header *message.Header) {
	for i, name := range h.names {
		for _, value := range h.values[i] {
			header.Add(message.NameOf(name), value)
		}
	}
}
