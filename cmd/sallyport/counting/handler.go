package counting

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/counter"
)

const (
	// path is where the admin listener has counters.
	path = "/counters"
	// maxList is the most counters that are listed at one time.
	maxList = 10_000
	// maxBody bounds what is sent to set a counter.
	maxBody = 64 << 10
)

// Counter is a counter as the admin listener and the command show it.
type Counter struct {
	Kind   string    `json:"kind"`  // rate or quota
	Scope  string    `json:"scope"` // gateway, region or global
	Name   string    `json:"name"`
	Key    string    `json:"key"`
	Period string    `json:"period"`          // 1m0s; 0s is a quota without end
	Start  time.Time `json:"start,omitzero"`  // of a quota's window
	End    time.Time `json:"end,omitzero"`    // of a quota's window
	Calls  int64     `json:"calls"`           // counted in the window
	Bytes  int64     `json:"bytes,omitempty"` // counted in the window
}

// kinds are the kinds of counters by their names.
var kinds = map[string]counter.Kind{"": 0, "rate": counter.KindRate, "quota": counter.KindQuota}

func counterOf(r counter.Reading) Counter {
	c := Counter{
		Kind: "quota", Scope: r.Scope.String(), Name: r.Name, Key: r.Key, Period: r.Period.String(),
		Start: r.Start, End: r.End, Calls: r.Used.Calls, Bytes: r.Used.Bytes,
	}
	if r.Kind == counter.KindRate {
		c.Kind = "rate"
	}
	return c
}

// reading reads a counter that is to be set.
func (c *Counter) reading() (counter.Reading, error) {
	kind, ok := kinds[c.Kind]
	if !ok || kind == 0 {
		return counter.Reading{}, fmt.Errorf("kind is %q: rate and quota are possible", c.Kind)
	}
	scope, ok := counter.ParseScope(c.Scope)
	if !ok {
		return counter.Reading{}, fmt.Errorf("scope is %q: gateway, region and global are possible", c.Scope)
	}
	period, err := time.ParseDuration(c.Period)
	if err != nil || period < 0 {
		return counter.Reading{}, fmt.Errorf("period is %q: a duration such as 1m0s is needed", c.Period)
	}
	if c.Calls < 0 || c.Bytes < 0 {
		return counter.Reading{}, errors.New("calls and bytes cannot be below zero")
	}
	return counter.Reading{
		Kind: kind, Scope: scope, Name: c.Name, Key: c.Key, Period: period, Start: c.Start, End: c.End,
		Used: counter.Usage{Calls: c.Calls, Bytes: c.Bytes},
	}, nil
}

// Handle adds the counters to the admin listener: GET /counters lists them, by
// kind, name and key, and PUT sets one. Only programs on the same machine may ask:
// keys of counters may be addresses of callers, and a reset is a favour. What is
// not for /counters goes on to next.
func (c *Counters) Handle(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET "+path, local(c.list))
	mux.HandleFunc("PUT "+path, local(c.set))
	return mux
}

// local refuses clients on other machines, and pages in a browser on this one,
// which can send no JSON elsewhere and whose names are not addresses.
func local(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		client, err := netip.ParseAddrPort(r.RemoteAddr)
		host, _, splitErr := net.SplitHostPort(r.Host)
		if splitErr != nil {
			host = r.Host
		}
		_, hostErr := netip.ParseAddr(host)
		switch {
		case err != nil || !client.Addr().Unmap().IsLoopback():
			answer(w, http.StatusForbidden, problem{"counters are shown to programs on the gateway's own machine only"})
		case hostErr != nil && host != "localhost":
			answer(w, http.StatusForbidden, problem{"ask for the gateway by its address or as localhost"})
		case r.Method == http.MethodPut && r.Header.Get("Content-Type") != "application/json":
			answer(w, http.StatusUnsupportedMediaType, problem{"send application/json"})
		default:
			f(w, r)
		}
	}
}

// problem is the answer to what cannot be done.
type problem struct {
	Error string `json:"error"`
}

// list is what a list of counters answers.
type list struct {
	Counters []Counter `json:"counters"`
	Shared   bool      `json:"shared"` // the gateway counts together with others
}

func (c *Counters) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	kind, ok := kinds[q.Get("kind")]
	if !ok {
		answer(w, http.StatusBadRequest, problem{"kind is neither rate nor quota"})
		return
	}
	limit := counter.DefaultListLimit
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxList {
			answer(w, http.StatusBadRequest, problem{fmt.Sprintf("limit is not between 1 and %d", maxList)})
			return
		}
		limit = n
	}
	out := list{Counters: []Counter{}, Shared: c.Shared()}
	for _, one := range c.Store.List(counter.Filter{Kind: kind, Name: q.Get("name"), Key: q.Get("key"), Limit: limit}) {
		out.Counters = append(out.Counters, counterOf(one))
	}
	answer(w, http.StatusOK, out)
}

func (c *Counters) set(w http.ResponseWriter, r *http.Request) {
	var wanted Counter
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		answer(w, http.StatusBadRequest, problem{"the body is no counter: " + err.Error()})
		return
	}
	reading, err := wanted.reading()
	if err != nil {
		answer(w, http.StatusBadRequest, problem{err.Error()})
		return
	}
	if !c.Store.Set(reading) {
		answer(w, http.StatusNotFound, problem{"there is no such counter, or its server does not answer"})
		return
	}
	answer(w, http.StatusOK, wanted)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may have gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // As above.
}
