package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
	"github.com/sallyport/sallyport/internal/problem"
)

// consoleView is what the page shows.
type consoleView struct {
	choices
	Place    *place
	Gateway  string
	Template string
	Groups   []group
	Bodies   []media
	// HasForm and HasText say of Bodies that one is a form, and that one is not.
	HasForm, HasText bool
	Keys             []page.Option
	Tokens           []tokenView
	Issuers          []issuerView
	KeyName          string
	// Keyless says that the API needs a key of which the visitor, signed in, has none.
	Keyless bool
	// Uncallable says why the console cannot call the API, or is "".
	Uncallable string
	// Stale says that the management plane did not answer.
	Stale    bool
	Problems []page.Problem
	Answer   *answerView
}

// choices are what was filled in besides parameters.
type choices struct {
	Media, Body                      string
	MoreQuery, MoreHeaders, MoreForm string
	KeyChoice, TokenChoice           string
	Reveal, Trace                    bool
}

// tokenView is a token as it is shown: whose, and until when.
type tokenView struct {
	ID, Issuer, Subject, Scope string
	Expires                    time.Time
}

// issuerView is an authorization server with what it can be asked for.
type issuerView struct {
	Name, Kind, Server string
	Code, Client       bool
	Scope              string
	SignIn             bool
}

// show is the page with an empty form.
func (c *console) show(x *page.Exchange) error {
	p, err := c.place(x)
	if err != nil {
		return err
	}
	return c.render(x, http.StatusOK, p, filled{}, nil)
}

// submit sends what was filled in and shows the answer in the page: this is the
// console without modules.
func (c *console) submit(x *page.Exchange) error {
	p, err := c.place(x)
	if err != nil {
		return err
	}
	d, err := formDraft(x.Form(), x.R.MultipartForm)
	if err != nil {
		return err
	}
	out, err := c.prepare(x, p, d)
	if r, ok := errors.AsType[*refusal](err); ok {
		problems := []page.Problem{{Field: r.Field, Text: r.Text}}
		return c.render(x, http.StatusUnprocessableEntity, p, filled{draft: d, problems: problems}, nil)
	} else if err != nil {
		return err
	}
	leave, ok := c.gate.enter(whoIs(x))
	if !ok {
		return errBusy()
	}
	defer leave()
	return c.render(x, http.StatusOK, p, filled{draft: d}, c.callWhole(x.R.Context(), x, out))
}

// errBusy refuses a call beyond those that may be under way.
func errBusy() error {
	return problem.New(http.StatusTooManyRequests, "TooManyCalls",
		"You have %d calls under way in the console, or the portal has %d. Wait until one ends, and send it again.", maxCallsEach, maxCalls)
}

// whoIs is whose calls are counted together: a session's, or an address's.
func whoIs(x *page.Exchange) string {
	if s := sessionOf(x.Visitor); s != "" {
		return s
	}
	return x.Address().String()
}

// describe reads the operation from the management plane. While that is away, the
// page is made of what the catalogue has: the template and its parameters.
func (c *console) describe(ctx context.Context, p *place) (o *client.Operation, stale bool, err error) {
	got, err := client.Get[client.Operation](ctx, c.client, p.resource("operations", p.Operation.Name))
	o = &got.Properties
	if client.IsUnavailable(err) {
		o, stale = &client.Operation{Method: p.Operation.Method, URLTemplate: p.Operation.Template}, true
	} else if err != nil {
		return nil, false, err
	}
	enrich(ctx, c.library, p, o)
	return o, stale, nil
}

// uncallable are the types of APIs that the console cannot call, with the reason.
var uncallable = map[string]string{
	"websocket": "This is a WebSocket API: the console sends HTTP requests only.",
	"grpc":      "This is a gRPC API: the console sends HTTP/1.1 requests only.",
}

// render shows the page.
func (c *console) render(x *page.Exchange, status int, p *place, f filled, answer *answerView) error {
	ctx := x.R.Context()
	o, stale, err := c.describe(ctx, p)
	if err != nil {
		return err
	}
	v := &consoleView{Place: p, Stale: stale, Uncallable: uncallable[p.API.Type], Problems: f.problems, Answer: answer}
	if gateway := c.gateway(); gateway != nil {
		t := c.target(p, gateway)
		v.Gateway, v.Template = gateway.Scheme+"://"+gateway.Host+t.prefix(), t.Template
		x.AllowConnect(gateway.Scheme + "://" + gateway.Host)
	}
	v.fill(f, o)
	c.credentials(ctx, x, v, f)
	title := p.Operation.DisplayName
	if title == "" {
		title = p.Operation.Name
	}
	return x.Render(status, page.Page{
		Title: "Try it: " + title, Section: "apis", Template: "console", Data: v, Wide: true,
		Crumbs: []page.Link{{Text: "APIs", Path: "/apis"}, {Text: p.API.DisplayName, Path: "/apis/" + url.PathEscape(p.API.Name)},
			{Text: title, Path: "/apis/" + url.PathEscape(p.API.Name) + "/operations/" + url.PathEscape(p.Operation.Name)}},
		Modules: []string{"console.js", "code/code.js"}, Styles: []string{"console.css", "code/code.css"},
	})
}

// fill takes what the operation has and what was filled in.
func (v *consoleView) fill(f filled, o *client.Operation) {
	v.Groups = f.groups(o)
	v.Bodies = f.bodies(o)
	first := media{}
	if len(v.Bodies) > 0 {
		first = v.Bodies[0]
	}
	for _, b := range v.Bodies {
		v.HasForm = v.HasForm || b.Form
		v.HasText = v.HasText || !b.Form
	}
	v.Media, v.Body = f.value(mediaField, first.Type), f.value(bodyField, first.Example)
	v.MoreQuery, v.MoreHeaders = f.value(moreQueryField, ""), f.value(moreHeaderField, "")
	v.MoreForm = f.value(moreFormField, "")
	v.Reveal, v.Trace = f.value(revealField, "") != "", f.value(traceField, "") != ""
	if v.MoreHeaders == "" && f.draft == nil && !declaresAccept(v.Groups) {
		if accept := accepts(o); accept != "" {
			v.MoreHeaders = "Accept: " + accept
		}
	}
}

func declaresAccept(groups []group) bool {
	return slices.ContainsFunc(groups, func(g group) bool {
		return slices.ContainsFunc(g.Inputs, func(in input) bool { return strings.EqualFold(in.Name, headerField+"Accept") })
	})
}

// accepts is the media type of the first answer that is described as a success.
func accepts(o *client.Operation) string {
	for _, r := range o.Responses {
		if r.StatusCode/100 == 2 && len(r.Representations) > 0 && checkField("", "Accept", r.Representations[0].ContentType) == nil {
			return r.Representations[0].ContentType
		}
	}
	return ""
}

// credentials takes the keys and tokens that can be chosen.
func (c *console) credentials(ctx context.Context, x *page.Exchange, v *consoleView, f filled) {
	a := v.Place.API
	if v.KeyName = a.KeyHeader; v.KeyName == "" {
		v.KeyName = a.KeyQuery
	}
	v.Keys = []page.Option{{Value: "", Text: "No key"}}
	own, err := c.ownKeys(ctx, x, a)
	if err != nil {
		x.Log().Warn("the visitor's keys could not be read", "error", err.Error())
		v.Stale = true
	}
	for _, k := range own {
		v.Keys = append(v.Keys, page.Option{Value: k.ID, Text: k.Name})
	}
	v.Keys = append(v.Keys, page.Option{Value: typed, Text: "Another key, typed below"})
	v.Keyless = a.SubscriptionRequired && x.Visitor.SignedIn() && err == nil && len(own) == 0
	initial := ""
	if len(own) > 0 && a.SubscriptionRequired {
		initial = own[0].ID
	}
	v.KeyChoice = f.value(keyField, initial)
	c.tokenChoices(ctx, x, v, f)
}

// tokenChoices takes the tokens that the session has, and where others come from.
func (c *console) tokenChoices(ctx context.Context, x *page.Exchange, v *consoleView, f filled) {
	paths := issuersOf(v.Place.API)
	for _, t := range c.tokens.list(sessionOf(x.Visitor), paths) {
		v.Tokens = append(v.Tokens, tokenView{ID: t.ID, Issuer: t.IssuerName, Subject: t.Subject, Scope: t.Scope, Expires: t.Expires})
	}
	initial := ""
	if len(v.Tokens) > 0 {
		initial = v.Tokens[len(v.Tokens)-1].ID
	}
	v.TokenChoice = f.value(tokenField, initial)
	for _, path := range paths {
		i, err := c.issuers.find(ctx, v.Place.API, path)
		if err != nil {
			x.Log().Warn("an authorization server could not be read", "path", path, "error", err.Error())
		}
		if err != nil || i == nil {
			continue
		}
		kind, server, _ := strings.Cut(path, "/")
		if plain, err := url.PathUnescape(server); err == nil {
			server = plain
		}
		name := i.Name
		if name == "" {
			name = server
		}
		v.Issuers = append(v.Issuers, issuerView{
			Name: name, Kind: kind, Server: server, Code: i.Code, Client: i.Client, Scope: i.Scope, SignIn: sessionOf(x.Visitor) == "",
		})
	}
}
