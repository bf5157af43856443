package apim

import (
	"math/bits"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// namespace is where the types of API Management are. Its own name for it is not documented; this one is what
// the vectors' answers show where a type's name is printed.
const namespace = "Apim"

// kind says which of the interfaces a node is.
type kind uint8

// The kinds of nodes. Those before single exist once in a run.
const (
	kindContext kind = iota
	kindRequest
	kindResponse
	kindRequestHeaders
	kindResponseHeaders
	kindURL
	kindOriginalURL
	kindQuery
	kindRequestBody
	kindResponseBody
	kindVariables
	kindParameters
	kindAPI
	kindOperation
	kindSubscription
	kindUser
	kindProduct
	kindDeployment
	single
)

// names are the interfaces of the kinds.
var names = [single]string{
	"IExpressionContext", "IRequest", "IResponse", "IHeaders", "IHeaders", "IUrl", "IUrl", "IQuery", "IMessageBody", "IMessageBody",
	"IVariables", "IMatchedParameters", "IApi", "IOperation", "ISubscription", "IUser", "IProduct", "IDeployment",
}

// kinds are the types of the nodes of one library.
type kinds struct {
	of [single]*types.Type
}

type kindsKey struct{}

func kindsOf(env *object.Env) *kinds {
	k, _ := env.Memo(kindsKey{}, func(env *object.Env) any {
		k := &kinds{}
		for i, name := range names {
			k.of[i] = env.Named(namespace + "." + name)
		}
		return k
	}).(*kinds)
	return k
}

// node is one object that hangs on context: a view of the gateway's own data, which is in data.
type node struct {
	class value.Type
	run   *run
	data  any
}

// ObjectType returns the node's interface.
func (n *node) ObjectType() value.Type { return n.class }

// run is what the members of context keep in one run: their nodes, so that reading context.Request.Headers
// makes nothing.
type run struct {
	env   *object.Env
	host  *host.Context
	kinds *kinds
	nodes [single]node
	// used has a bit for each of the nodes that has been filled.
	used uint32
	// The query that kindQuery shows is that of queryOf as long as its text is queryRaw.
	queryOf  *host.URL
	queryRaw string
}

// Forget lets go of what the members of context have kept in a run, so that a pooled thread keeps nothing alive. The
// types stay: a pool belongs to one program.
func Forget(t *value.Thread) {
	r, ok := t.Scratch.(*run)
	if !ok || r.host == nil {
		return
	}
	r.host, r.queryOf, r.queryRaw = nil, nil, ""
	for r.used != 0 {
		r.nodes[bits.TrailingZeros32(r.used)] = node{}
		r.used &= r.used - 1
	}
}

// fixed returns the node of a kind that exists once in a run, to be filled.
func (r *run) fixed(k kind) *node {
	r.used |= 1 << k
	return &r.nodes[k]
}

func runOf(t *value.Thread) *run {
	r, ok := t.Scratch.(*run)
	if !ok {
		r = &run{}
		t.Scratch = r
	}
	if r.kinds == nil {
		r.env = object.Of(t)
		r.kinds = kindsOf(r.env)
	}
	if r.host == nil {
		r.host, _ = t.Host.(*host.Context)
	}
	return r
}

// Context returns the variable context of a run.
func Context(t *value.Thread) value.Value {
	r := runOf(t)
	return r.node(kindContext, r.host)
}

// node returns the node of a kind that shows data.
func (r *run) node(k kind, data any) value.Value {
	n := r.fixed(k)
	n.class, n.run, n.data = r.kinds.of[k], r, data
	return value.OfObject(n)
}

// other returns a new node of a type by name.
func (r *run) other(name string, data any) value.Value {
	return value.OfObject(&node{class: r.env.Named(namespace + "." + name), run: r, data: data})
}

// data returns what a node shows.
func data[T any](o value.Value) (*run, T, bool) {
	n, ok := value.As[*node](o)
	if !ok {
		var none T
		return nil, none, false
	}
	d, ok := n.data.(T)
	return n.run, d, ok
}

func strOf[T any](f func(T) string) types.Impl {
	return types.Bindable{
		Impl: types.ObjStr(func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
			_, d, ok := data[T](o)
			if !ok {
				return value.Null, value.NullReference()
			}
			return value.Str(f(d)), nil
		}),
		Bind: rooted(func(root func(*value.Thread) (T, bool)) types.Impl {
			return types.RunStr(func(t *value.Thread) (value.String, *value.Exception) {
				d, ok := root(t)
				if !ok {
					return value.Null, value.NullReference()
				}
				return value.Str(f(d)), nil
			})
		}),
	}
}

// optional shows "" as null.
func optional[T any](f func(T) string) types.ObjStr {
	return func(_ *value.Thread, o value.Value) (value.String, *value.Exception) {
		_, d, ok := data[T](o)
		if s := f(d); ok && s != "" {
			return value.Str(s), nil
		}
		return value.Null, nil
	}
}

func boolOf[T any](f func(T) bool) types.ObjBool {
	return func(_ *value.Thread, o value.Value) (bool, *value.Exception) {
		_, d, ok := data[T](o)
		return ok && f(d), nil
	}
}

func intOf[T any](f func(T) int64) types.Impl {
	return types.Bindable{
		Impl: types.ObjInt(func(_ *value.Thread, o value.Value) (int64, *value.Exception) {
			_, d, ok := data[T](o)
			if !ok {
				return 0, value.NullReference()
			}
			return f(d), nil
		}),
		Bind: rooted(func(root func(*value.Thread) (T, bool)) types.Impl {
			return types.RunInt(func(t *value.Thread) (int64, *value.Exception) {
				d, ok := root(t)
				if !ok {
					return 0, value.NullReference()
				}
				return f(d), nil
			})
		}),
	}
}

func valOf[T any](f func(r *run, d T) value.Value) types.Impl {
	return types.Bindable{
		Impl: types.ObjVal(func(_ *value.Thread, o value.Value) (value.Value, *value.Exception) {
			r, d, ok := data[T](o)
			if !ok {
				return value.Nil, value.NullReference()
			}
			return f(r, d), nil
		}),
		Bind: rooted(func(root func(*value.Thread) (T, bool)) types.Impl {
			return types.RunVal(func(t *value.Thread) (value.Value, *value.Exception) {
				d, ok := root(t)
				if !ok {
					return value.Nil, value.NullReference()
				}
				return f(runOf(t), d), nil
			})
		}),
	}
}

// static returns the static part of a context, never nil.
func static(c *host.Context) *host.Static {
	if c.Static == nil {
		return &host.Static{}
	}
	return c.Static
}

// pointer shows data as a node, null where it is nil.
func pointer[T any](k kind, get func(c *host.Context) *T) types.Impl {
	return valOf(func(r *run, c *host.Context) value.Value {
		if d := get(c); d != nil {
			return r.node(k, d)
		}
		return value.Nil
	})
}

// named is pointer for a node that is made anew.
func named[T any](name string, get func(c *host.Context) *T) types.Impl {
	return valOf(func(r *run, c *host.Context) value.Value {
		if d := get(c); d != nil {
			return r.other(name, d)
		}
		return value.Nil
	})
}

func contextTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IExpressionContext", Members: []types.Entry{
		{Sig: "IApi Api { get; }", Impl: pointer(kindAPI, func(c *host.Context) *host.API { return static(c).API })},
		{Sig: "IOperation Operation { get; }", Impl: pointer(kindOperation, func(c *host.Context) *host.Operation { return static(c).Operation })},
		{Sig: "IDeployment Deployment { get; }", Impl: pointer(kindDeployment, func(c *host.Context) *host.Deployment { return static(c).Deployment })},
		{Sig: "IWorkspace Workspace { get; }", Impl: named("IWorkspace", func(c *host.Context) *host.Workspace { return static(c).Workspace })},
		{Sig: "IProduct Product { get; }", Impl: pointer(kindProduct, func(c *host.Context) *host.Product { return c.Product })},
		{Sig: "ISubscription Subscription { get; }", Impl: pointer(kindSubscription, func(c *host.Context) *host.Subscription { return c.Subscription })},
		{Sig: "IUser User { get; }", Impl: pointer(kindUser, func(c *host.Context) *host.User { return c.User })},
		{Sig: "IBackend Backend { get; }", Impl: named("IBackend", func(c *host.Context) *host.Backend { return c.Backend })},
		{Sig: "ILastError LastError { get; }", Impl: named("ILastError", func(c *host.Context) *host.LastError { return c.LastError })},
		{Sig: "IGraphQL GraphQL { get; }", Impl: types.ObjVal(null)},
		{Sig: "IRequest Request { get; }", Impl: valOf(func(r *run, c *host.Context) value.Value {
			if c.Request == nil {
				return value.Nil
			}
			return r.node(kindRequest, c.Request)
		})},
		{Sig: "IResponse Response { get; }", Impl: valOf(func(r *run, c *host.Context) value.Value {
			if c.Response == nil {
				return value.Nil
			}
			return r.node(kindResponse, c.Response)
		})},
		{Sig: "IVariables Variables { get; }", Impl: valOf(func(r *run, _ *host.Context) value.Value {
			n := r.fixed(kindVariables)
			n.class, n.run = r.kinds.of[kindVariables], r
			return value.OfObject((*variables)(n))
		})},
		{Sig: "TimeSpan Elapsed { get; }", Impl: types.ObjInt(elapsed)},
		{Sig: "DateTime Timestamp { get; }", Impl: intOf(func(c *host.Context) int64 { return date.Bits(date.OfTime(c.Timestamp), date.UTC) })},
		{Sig: "Guid RequestId { get; }", Impl: valOf(func(r *run, c *host.Context) value.Value {
			return value.OfObject(&object.Guid{Class: r.env.Named("System.Guid"), ID: c.RequestID})
		})},
		{Sig: "bool Tracing { get; }", Impl: boolOf(func(c *host.Context) bool { return c.Tracing })},
		{Sig: "void Trace(string message)", Impl: types.Func(trace)},
	}}
}

func elapsed(t *value.Thread, o value.Value) (int64, *value.Exception) {
	_, c, _ := data[*host.Context](o)
	if c == nil {
		return 0, value.NullReference()
	}
	if c.Elapsed != 0 {
		return int64(c.Elapsed) / 100, nil
	}
	return date.OfTime(t.Now()) - date.OfTime(c.Timestamp), nil
}

func trace(c *value.Call) (value.Value, *value.Exception) {
	_, ctx, _ := data[*host.Context](c.Args[0])
	if ctx != nil && ctx.Trace != nil {
		ctx.Trace(c.Go(1))
	}
	return value.Nil, nil
}
