package apim

import (
	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
)

// roots are the objects that a chain of properties from context leads to, by that chain: each run has the same, so
// that a program goes straight to them. Each reports false where the chain meets null.
var roots = map[string]any{
	"":                 func(c *host.Context) (*host.Context, bool) { return c, true },
	"Variables":        func(c *host.Context) (host.Variables, bool) { return c.Variables, c.Variables != nil },
	"Request":          func(c *host.Context) (host.Request, bool) { return c.Request, c.Request != nil },
	"Response":         func(c *host.Context) (host.Response, bool) { return c.Response, c.Response != nil },
	"Request.Headers":  requestHeaderRoot,
	"Response.Headers": responseHeaderRoot,
	"Request.Url": func(c *host.Context) (*host.URL, bool) {
		if c.Request == nil {
			return nil, false
		}
		u := c.Request.URL()
		return u, u != nil
	},
	"Request.OriginalUrl": func(c *host.Context) (*host.URL, bool) {
		if c.Request == nil {
			return nil, false
		}
		u := c.Request.OriginalURL()
		return u, u != nil
	},
	// Its parameters are found through the request itself.
	"Request.MatchedParameters": func(c *host.Context) (host.Request, bool) { return c.Request, c.Request != nil },
	"Api":                       func(c *host.Context) (*host.API, bool) { return present(static(c).API) },
	"Operation":                 func(c *host.Context) (*host.Operation, bool) { return present(static(c).Operation) },
	"Deployment":                func(c *host.Context) (*host.Deployment, bool) { return present(static(c).Deployment) },
	"Product":                   func(c *host.Context) (*host.Product, bool) { return present(c.Product) },
	"Subscription":              func(c *host.Context) (*host.Subscription, bool) { return present(c.Subscription) },
	"User":                      func(c *host.Context) (*host.User, bool) { return present(c.User) },
}

func present[T any](p *T) (*T, bool) { return p, p != nil }

func requestHeaderRoot(c *host.Context) (host.Headers, bool) {
	if c.Request == nil {
		return nil, false
	}
	return c.Request.Headers(), true
}

func responseHeaderRoot(c *host.Context) (host.Headers, bool) {
	if c.Response == nil {
		return nil, false
	}
	return c.Response.Headers(), true
}

// rootOf returns the function that finds the receiver of a use in a run, or nil.
func rootOf[T any](u *types.Use) func(*value.Thread) (T, bool) {
	if !u.Rooted {
		return nil
	}
	find, ok := roots[u.Path].(func(*host.Context) (T, bool))
	if !ok {
		return nil
	}
	return func(t *value.Thread) (d T, ok bool) {
		c, _ := t.Host.(*host.Context)
		if c == nil {
			return d, false
		}
		return find(c)
	}
}

// rooted binds a member without arguments to the receiver that each run has.
func rooted[T any](make func(root func(*value.Thread) (T, bool)) types.Impl) types.Binder {
	return func(u *types.Use) types.Impl {
		if root := rootOf[T](u); root != nil {
			return make(root)
		}
		return nil
	}
}
