package page

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/clock"
)

// Limits of a Site. What is beyond them is refused, with the limit's name in the
// page that says so.
const (
	// DefaultMaxBody is the size in bytes up to which a request's body is read,
	// where its route says nothing else.
	DefaultMaxBody = 64 << 10
	// MaxInFlight bounds the requests that are answered at one time; others are
	// told at once to come again.
	MaxInFlight = 1024
	// MaxStreams bounds those of them whose routes stream.
	MaxStreams = 128
	// MaxLargeForms bounds those whose routes take larger forms than
	// DefaultMaxBody, which are in memory whole. Administrators are not among them.
	MaxLargeForms = 64
	// RequestLife is the time that answering a request may take.
	RequestLife = 20 * time.Second
	// StreamLife is the time that a route which streams may take.
	StreamLife = 10 * time.Minute
	// MaxPageBytes bounds a page's HTML before compression.
	MaxPageBytes = 16 << 20
)

// Options say what a Site is made of.
type Options struct {
	// URL is the address under which visitors reach the portal, without a path.
	// With https, cookies are for TLS only.
	URL *url.URL
	// Client calls the management API as the portal. It may be nil in tests.
	Client *client.Client
	// Sessions knows visitors by their requests; where it is nil, all are guests.
	Sessions Sessions
	// Sections are the parts. Names and patterns must be unique.
	Sections []*Section
	// Look gives names, navigation and styles for a visitor; nil is the default.
	Look func(Visitor) Look
	// Closed says whether guests are led to sign in, whatever they ask for; nil is
	// never. It must not take long.
	Closed func(context.Context) bool
	// Banner gives a sentence that stands above each page, or "": what is wrong
	// with the portal right now. It may be nil.
	Banner func() string
	// Ready says why there are no pages yet, or nil; all but assets are then
	// answered with that there will be. It may be nil.
	Ready func() error
	// Clock, Log and Random are the machine's where they are nil.
	Clock  clock.Clock
	Log    *slog.Logger
	Random io.Reader
	// Observe is told of each request that was answered; it may be nil.
	Observe func(Served)
	// TrustedProxies are the addresses of which X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// Sessions knows visitors by their requests.
type Sessions interface {
	// Find says who sent a request. It may set cookies on the answer.
	Find(w http.ResponseWriter, r *http.Request) Found
}

// Found is what Sessions knows of a request.
type Found struct {
	Visitor Visitor
	// Secret binds the tokens of the visitor's forms: the session's secret, or
	// nil where there is no session.
	Secret []byte
	// Unsure says that the request has a session of which nothing can be known
	// right now, because the management plane does not answer.
	Unsure bool
}

// Served is one request that was answered, without anything secret in it.
type Served struct {
	ID, Route, Method, Path, User string
	Address                       netip.Addr
	Status                        int
	Bytes                         int64
	Began                         time.Time
	Took, Render                  time.Duration
}

// Site is the portal's frame around its sections: a handler that knows visitors,
// guards forms, renders pages and turns errors into pages.
type Site struct {
	url            *url.URL
	client         *client.Client
	sessions       Sessions
	look           func(Visitor) Look
	banner         func() string
	closed         func(context.Context) bool
	ready          func() error
	clock          clock.Clock
	log            *slog.Logger
	random         io.Reader
	observe        func(Served)
	trustedProxies []netip.Prefix

	sections  map[string]*part
	routes    []RouteInfo
	mux       *http.ServeMux
	assets    *assets
	limiter   *limiter
	notices   map[string]string
	inFlight  atomic.Int64
	streaming atomic.Int64
	large     atomic.Int64
}

// RouteInfo is a row of the route table.
type RouteInfo struct {
	Section, Method, Path string
	Needs                 Access
	Limit                 *Limit
	Streams               bool
}

// New makes a Site. It fails where sections contradict each other, and where a
// template does not parse.
func New(o Options) (*Site, error) {
	s := &Site{
		url: o.URL, client: o.Client, sessions: o.Sessions, look: o.Look, banner: o.Banner, closed: o.Closed, ready: o.Ready,
		clock: o.Clock, log: o.Log,
		random: o.Random, observe: o.Observe, trustedProxies: o.TrustedProxies,
		sections: map[string]*part{}, mux: http.NewServeMux(), notices: map[string]string{},
	}
	if err := s.setDefaults(); err != nil {
		return nil, err
	}
	s.limiter = newLimiter(s.clock)
	sections := append([]*Section{frame()}, o.Sections...)
	var err error
	if s.assets, err = newAssets(sections); err != nil {
		return nil, err
	}
	base, err := s.baseTemplates()
	if err != nil {
		return nil, err
	}
	for _, section := range sections {
		if err := s.add(section, base); err != nil {
			return nil, fmt.Errorf("the section %q of the portal: %w", section.Name, err)
		}
	}
	s.mux.HandleFunc("GET "+assetPrefix+"{version}/{name...}", s.assets.serve)
	return s, nil
}

func (s *Site) setDefaults() error {
	if s.url == nil || s.url.Host == "" || s.url.Scheme != "http" && s.url.Scheme != "https" {
		return errors.New("the portal's URL is missing, or not http:// or https:// with a host")
	}
	if s.clock == nil {
		s.clock = clock.System()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.observe == nil {
		s.observe = func(Served) {}
	}
	if s.look == nil {
		s.look = s.DefaultLook
	}
	return nil
}

// part is a section as the Site keeps it.
type part struct {
	*Section
	templates *templates
}

func (s *Site) add(section *Section, base *templates) error {
	if section.Name == "" || strings.ContainsAny(section.Name, "/. ") {
		return errors.New("a name must be one word")
	}
	if s.sections[section.Name] != nil {
		return errors.New("there are two of that name")
	}
	t, err := base.with(section.Templates)
	if err != nil {
		return err
	}
	p := &part{section, t}
	s.sections[section.Name] = p
	for code, text := range section.Notices {
		s.notices[section.Name+"."+string(code)] = text
	}
	for i := range section.Routes {
		if err := s.addRoute(p, &section.Routes[i]); err != nil {
			return err
		}
	}
	return nil
}

// addRoute registers a route. ServeMux panics at a pattern that is wrong or that
// is there already, which is told as an error here.
func (s *Site) addRoute(p *part, r *Route) (err error) {
	method, path, ok := strings.Cut(r.Pattern, " ")
	if !ok || !strings.HasPrefix(path, "/") || r.Run == nil {
		return fmt.Errorf("the route %q: want a method, a path and a function", r.Pattern)
	}
	if r.Limit != nil && (r.Limit.Name == "" || r.Limit.Events <= 0 || r.Limit.Per <= 0) {
		return fmt.Errorf("the route %q: its limit has no name, no events or no time", r.Pattern)
	}
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("the route %q: %v", r.Pattern, reason)
		}
	}()
	s.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) { s.run(p, r, w, req) })
	s.routes = append(s.routes, RouteInfo{p.Name, method, path, r.Needs, r.Limit, r.Streams})
	return nil
}

// Routes is the route table: the routes of all sections.
func (s *Site) Routes() []RouteInfo { return append([]RouteInfo(nil), s.routes...) }

// URL is the absolute address of a path of the portal, for mails and redirects.
func (s *Site) URL(path string) string {
	return strings.TrimSuffix(s.url.String(), "/") + path
}

// Secure says that visitors reach the portal over TLS.
func (s *Site) Secure() bool { return s.url.Scheme == "https" }

// CookieName is the name of a cookie of the portal. Over TLS it has the prefix
// with which browsers keep others from setting it.
func (s *Site) CookieName(name string) string { return CookieName(s.Secure(), name) }

// CookieName is the name under which a cookie is set, with TLS or without.
func CookieName(secure bool, name string) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// Asset is the path of an asset, "console/console.js", under which it never
// changes. It fails where there is none of that name.
func (s *Site) Asset(name string) (string, error) { return s.assets.path(name) }
