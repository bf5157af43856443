package policies

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/policy/document"
)

// maxRewritten bounds the URL that rewrite-uri makes, in bytes of its escaped
// form.
const maxRewritten = 16 << 10

// rewriteURI describes rewrite-uri.
func rewriteURI() *policy.Spec {
	return &policy.Spec{
		Name:    "rewrite-uri",
		Summary: "Changes path and query of the request that is forwarded.",
		Details: "The template is relative to the backend's base URL. `{name}` stands for a parameter of the operation's URL " +
			"template; in a literal template each must be one, and in the result of an expression a name that is none " +
			"stands for itself.\n\n" +
			"The query is that of the template. With `copy-unmatched-params` the parameters of the request follow that are " +
			"neither in the operation's URL template nor in the new query.\n\n" +
			"What is forwarded is well-formed: what a path or query cannot hold is escaped, also in the values of " +
			"parameters; a line break or other control character, and a dot segment (`..`), are refused.",
		Example:  `<rewrite-uri template="/v2/orders/{orderId}?view=full" copy-unmatched-params="false" />`,
		Sections: policy.Inbound,
		Scopes:   everyScope,
		Shape: policy.Shape{Attributes: []policy.Attribute{
			{Name: "template", Required: true, Value: policy.Value{Expression: true, Doc: "the new path and query"}},
			{Name: "copy-unmatched-params", Value: policy.Value{Type: policy.TypeBoolean, Expression: true, Default: "true",
				Doc: "whether the request's other query parameters are kept"}},
		}},
		Compile: compileRewriteURI,
	}
}

type rewriteURIStep struct {
	template policy.String
	known    *uriTemplate // of a literal template
	copyRest policy.Bool
}

func compileRewriteURI(c *policy.Compiler, el *document.Element) policy.Step {
	s := &rewriteURIStep{template: c.String(el, "template"), copyRest: c.Bool(el, "copy-unmatched-params")}
	text, ok := s.template.Constant()
	if !ok {
		return s
	}
	at, _ := el.Attr("template")
	if !s.template.IsSet() {
		return nil // That the attribute is missing has been reported.
	}
	known, err := parseURITemplate(text)
	if err != nil {
		c.Fail(at.Pos, el.Name, err.Error(), "write it as /path/{parameter}?name={parameter}")
		return nil
	}
	if !known.hasParameters() {
		if err := checkPath(known.path.literal()); err != nil {
			c.Fail(at.Pos, el.Name, err.Error(), "")
		}
	}
	s.known = known
	return s
}

// Run changes path and query of the request.
func (s *rewriteURIStep) Run(c *policy.Call) error {
	template, strict := s.known, true
	if template == nil {
		text, err := s.template.Eval(c)
		if err != nil {
			return err
		}
		if template, err = parseURITemplate(text); err != nil {
			return fmt.Errorf("rewriting the URL: %w", err)
		}
		strict = false
	}
	copyRest, err := s.copyRest.Eval(c)
	if err != nil {
		return err
	}
	path, err := template.path.fill(c, escapePathValue, strict)
	if err != nil {
		return fmt.Errorf("rewriting the URL: %w", err)
	}
	query, err := template.query.fill(c, escapeQueryValue, strict)
	if err != nil {
		return fmt.Errorf("rewriting the URL: %w", err)
	}
	if err := checkPath(path); err != nil {
		return fmt.Errorf("rewriting the URL: %w", err)
	}
	if copyRest {
		query = copyUnmatched(c, query)
	}
	if len(path)+len(query) > maxRewritten {
		return fmt.Errorf("rewriting the URL: it is longer than %d bytes", maxRewritten)
	}
	c.SetRelativePath(path)
	c.Request.URL.Query = query
	return nil
}

// copyUnmatched adds the parameters of the request that are neither in the
// operation's URL template nor in the new query.
func copyUnmatched(c *policy.Call, query string) string {
	var matched message.URL
	if c.Operation != nil {
		_, matched.Query, _ = strings.Cut(c.Operation.URLTemplate, "?")
	}
	rewritten := message.URL{Query: query}
	for p := range c.Request.URL.QueryParameters() {
		name := p.Name()
		if _, there := matched.QueryParameter(name); there {
			continue
		}
		if _, there := rewritten.QueryParameter(name); there {
			continue
		}
		query = joinQuery(query, p.Raw)
	}
	return query
}

// errDotSegment refuses a path that leads somewhere else than it says.
var errDotSegment = errors.New("the path has a dot segment")

// checkPath refuses dot segments, in whatever way they are spelled, and control
// characters.
func checkPath(path string) error {
	plain := path
	for range 2 { // An escape of an escape is what some backends decode twice.
		plain = unescapePath(plain)
		start := 0
		for i := 0; i <= len(plain); i++ {
			if i < len(plain) && plain[i] != '/' && plain[i] != '\\' {
				if plain[i] < ' ' || plain[i] == 0x7f {
					return errors.New("the path has a control character")
				}
				continue
			}
			if segment, _, _ := strings.Cut(plain[start:i], ";"); segment == "." || segment == ".." {
				return errDotSegment
			}
			start = i + 1
		}
	}
	return nil
}
