package policies

import (
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// cors describes cors: which other sites' scripts may call.
func cors() *policy.Spec {
	list := func(name, item, doc string, least int, value policy.Value, attributes ...policy.Attribute) policy.Child {
		return policy.Child{Name: name, Min: least, Max: 1, Doc: doc, Shape: policy.Shape{Attributes: attributes,
			Children: []policy.Child{{Name: item, Min: 1, Doc: "one of them", Shape: policy.Shape{Text: &value}}}}}
	}
	text := policy.Value{Expression: true}
	return &policy.Spec{
		Name:    "cors",
		Summary: "Lets scripts of other sites call the API (cross-origin resource sharing).",
		Details: "Preflight requests are answered by the first `cors` policy that matches, from the operation outwards, with `200 OK` " +
			"and before a subscription key is asked for; an API's own OPTIONS operation comes first. Answers to cross-origin requests " +
			"get `Access-Control-*` headers and `Vary: Origin`, in place of the backend's.\n\n" +
			"Where nothing matches: with `terminate-unmatched-request`, which is the default, preflight, GET and HEAD requests " +
			"are answered with an empty `200 OK`, which browsers refuse to the script. Without it the next `cors` policy is " +
			"asked, and other requests go on without the headers.\n\n" +
			"With the origin `*`, credentials are never allowed: otherwise every site could act for the user.",
		Example: `<cors allow-credentials="true">
    <allowed-origins>
        <origin>https://portal.example.com</origin>
    </allowed-origins>
    <allowed-methods preflight-result-max-age="300">
        <method>GET</method>
        <method>PATCH</method>
    </allowed-methods>
    <allowed-headers>
        <header>content-type</header>
    </allowed-headers>
    <expose-headers>
        <header>x-request-id</header>
    </expose-headers>
</cors>`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Once:     true,
		Shape: policy.Shape{
			Attributes: []policy.Attribute{
				{Name: "allow-credentials", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "false", Doc: "whether scripts may send cookies and the like"}},
				{Name: "terminate-unmatched-request", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "true", Doc: "whether requests that do not match are answered at once"}},
			},
			Children: []policy.Child{
				list("allowed-origins", "origin", "sites that may call: `*`, or scheme, host and port", 1, text),
				list("allowed-methods", "method", "methods that may be used; GET and POST where absent", 0, text,
					policy.Attribute{Name: "preflight-result-max-age", Value: policy.Value{Type: policy.TypeInteger, Expression: true, Default: "0", Min: 0, Max: 1<<31 - 1,
						Doc: "seconds for which browsers may remember the answer"}}),
				list("allowed-headers", "header", "request headers that may be sent", 0, text),
				list("expose-headers", "header", "response headers that scripts may read", 0, text),
			},
		},
		Compile: compileCORS,
	}
}

// The header names of the Fetch standard ("CORS protocol").
var (
	corsAllowOrigin      = message.NameOf("Access-Control-Allow-Origin")
	corsAllowCredentials = message.NameOf("Access-Control-Allow-Credentials")
	corsAllowMethods     = message.NameOf("Access-Control-Allow-Methods")
	corsAllowHeaders     = message.NameOf("Access-Control-Allow-Headers")
	corsExposeHeaders    = message.NameOf("Access-Control-Expose-Headers")
	corsMaxAge           = message.NameOf("Access-Control-Max-Age")
)

type corsStep struct {
	credentials, terminate policy.Bool
	maxAge                 policy.Int
	origins                originList
	methods                tokenList
	headers                tokenList
	exposed                tokenList
}

func compileCORS(c *policy.Compiler, el *document.Element) policy.Step {
	s := &corsStep{
		credentials: c.Bool(el, "allow-credentials"), terminate: c.Bool(el, "terminate-unmatched-request"),
		methods: tokenList{known: []string{methodGet, "POST"}},
	}
	for _, child := range el.Children {
		switch child.Name {
		case "allowed-origins":
			s.origins = compileOrigins(c, child)
		case "allowed-methods":
			s.methods = compileTokens(c, child)
			s.maxAge = c.Int(child, "preflight-result-max-age")
		case "allowed-headers":
			s.headers = compileTokens(c, child)
		case "expose-headers":
			s.exposed = compileTokens(c, child)
		}
	}
	return s
}

// Run adds the headers to the answer of a cross-origin request. Where another
// cors policy has done so, it does nothing.
func (s *corsStep) Run(c *policy.Call) error {
	origin, ok := c.Request.Header.Get(message.Origin)
	if c.Pending.Has(corsAllowOrigin) {
		return nil
	}
	if !ok {
		// Answers differ by origin also for those who send none.
		c.AtEnd(varyStep{})
		return nil
	}
	allowed, err := s.allow(c, origin)
	if err != nil {
		return err
	}
	if allowed == "" {
		return s.unmatched(c)
	}
	exposed, err := s.exposed.join(c)
	if err != nil {
		return err
	}
	if exposed != "" {
		c.Pending.Set(corsExposeHeaders, exposed)
	}
	if err := s.grant(c, &c.Pending, allowed); err != nil {
		return err
	}
	c.AtEnd(corsAnswer{})
	return nil
}

// allow returns what Access-Control-Allow-Origin is for an origin: "" for one
// that is not allowed.
func (s *corsStep) allow(c *policy.Call, origin string) (string, error) {
	if !message.ValidFieldValue(origin) {
		return "", nil
	}
	any, ok, err := s.origins.match(c, origin)
	switch {
	case err != nil || !ok:
		return "", err
	case any:
		return "*", nil
	}
	return origin, nil
}

// grant writes origin and credentials.
func (s *corsStep) grant(c *policy.Call, h *message.Header, origin string) error {
	h.Set(corsAllowOrigin, origin)
	if origin == "*" {
		return nil
	}
	credentials, err := s.credentials.Eval(c)
	if err == nil && credentials {
		h.Set(corsAllowCredentials, "true")
	}
	return err
}

// unmatched handles a request of an origin that is not allowed.
func (s *corsStep) unmatched(c *policy.Call) error {
	c.AtEnd(varyStep{})
	terminate, err := s.terminate.Eval(c)
	if err != nil || !terminate || (c.Request.Method != methodGet && c.Request.Method != methodHead) {
		return err
	}
	if err := c.Answer(200, "", nil); err != nil {
		return err
	}
	return policy.ErrDone
}

// Preflight answers a preflight request where it matches, or where it is to be
// answered although it does not.
func (s *corsStep) Preflight(c *policy.Call) (bool, error) {
	origin, _ := c.Request.Header.Get(message.Origin)
	allowed, err := s.allow(c, origin)
	if err != nil {
		return false, err
	}
	if allowed != "" {
		answered, err := s.answer(c, allowed)
		if answered || err != nil {
			return answered, err
		}
	}
	terminate, err := s.terminate.Eval(c)
	if err != nil || !terminate {
		return false, err
	}
	return true, s.empty(c)
}

// answer answers a preflight request of an origin that is allowed, where its
// method and headers are allowed too.
func (s *corsStep) answer(c *policy.Call, allowed string) (bool, error) {
	method, _ := c.Request.Header.Get(message.AccessControlReqMethod)
	methods, ok, err := s.methods.allow(c, []string{method}, false)
	if err != nil || !ok {
		return false, err
	}
	asked, _ := c.Request.Header.Joined(message.AccessControlReqHeaders, ",")
	headers, ok, err := s.headers.allow(c, splitTokens(asked), true)
	if err != nil || !ok {
		return false, err
	}
	maxAge, err := s.maxAge.Eval(c)
	if err != nil {
		return false, err
	}
	if err := s.empty(c); err != nil {
		return false, err
	}
	h := &c.Response.Header
	h.Set(corsAllowMethods, methods)
	if headers != "" {
		h.Set(corsAllowHeaders, headers)
	}
	if maxAge > 0 {
		h.Set(corsMaxAge, formatInt(maxAge))
	}
	return true, s.grant(c, h, allowed)
}

// empty makes the answer an empty 200.
func (s *corsStep) empty(c *policy.Call) error {
	if err := c.Answer(200, "", nil); err != nil {
		return err
	}
	c.Response.Header.Set(message.Vary, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
	return nil
}

// corsAnswer takes away what the backend says about other origins, so that only
// the policy's own headers are in the answer.
type corsAnswer struct{}

// Finish removes the backend's headers; the policy's own are added after it.
func (corsAnswer) Finish(c *policy.Call) {
	c.Response.Header.Delete(corsAllowOrigin)
	c.Response.Header.Delete(corsAllowCredentials)
	c.Response.Header.Delete(corsExposeHeaders)
	varyStep{}.Finish(c)
}

// varyStep tells caches that answers differ by origin.
type varyStep struct{}

// Finish adds Vary: Origin where it is not there yet.
func (varyStep) Finish(c *policy.Call) {
	vary, _ := c.Response.Header.Joined(message.Vary, ",")
	for _, name := range splitTokens(vary) {
		if name == "*" || message.EqualFold(name, "Origin") {
			return
		}
	}
	c.Response.Header.Add(message.Vary, "Origin")
}
