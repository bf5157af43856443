package apim

import (
	"time"

	"github.com/sallyport/sallyport/internal/expr/host"
	"github.com/sallyport/sallyport/internal/expr/library/crypto"
	"github.com/sallyport/sallyport/internal/expr/object"
	"github.com/sallyport/sallyport/internal/expr/types"
	"github.com/sallyport/sallyport/internal/expr/value"
	"github.com/sallyport/sallyport/internal/expr/value/date"
)

// sequence returns nodes as an array, which is an IEnumerable of their interface.
func sequence[T any](r *run, name string, list []T) value.Value {
	class := r.env.Lib.ArrayOf(r.env.Named(namespace+"."+name), 1)
	a := &value.Array{Class: class, Elem: class.Elem}
	for i := range list {
		a.Items = append(a.Items, r.other(name, &list[i]))
	}
	return value.OfObject(a)
}

// dateOf returns a DateTime, null where it is not set.
func dateOf(r *run, t time.Time) value.Value {
	if t.IsZero() {
		return value.Nil
	}
	return value.Boxed(r.env.Type(types.DateTime), uint64(date.Bits(date.OfTime(t), date.UTC)))
}

func dateBits(t time.Time) int64 { return date.Bits(date.OfTime(t), date.UTC) }

func apiTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IApi", Members: []types.Entry{
		{Sig: "string Id { get; }", Impl: strOf(func(a *host.API) string { return a.ID })},
		{Sig: "string Name { get; }", Impl: strOf(func(a *host.API) string { return a.Name })},
		{Sig: "string Path { get; }", Impl: strOf(func(a *host.API) string { return a.Path })},
		{Sig: "string Revision { get; }", Impl: strOf(func(a *host.API) string { return a.Revision })},
		{Sig: "string Version { get; }", Impl: strOf(func(a *host.API) string { return a.Version })},
		{Sig: "bool IsCurrentRevision { get; }", Impl: boolOf(func(a *host.API) bool { return a.IsCurrentRevision })},
		{Sig: "System.Collections.Generic.IEnumerable<string> Protocols { get; }", Impl: valOf(func(r *run, a *host.API) value.Value { return r.env.Strings(a.Protocols) })},
		{Sig: "IUrl ServiceUrl { get; }", Impl: valOf(func(r *run, a *host.API) value.Value {
			if a.ServiceURL == nil {
				return value.Nil
			}
			return r.other("IUrl", a.ServiceURL)
		})},
		{Sig: "ISubscriptionKeyParameterNames SubscriptionKeyParameterNames { get; }", Impl: valOf(func(r *run, a *host.API) value.Value {
			return r.other("ISubscriptionKeyParameterNames", a)
		})},
	}}
}

func staticTables() []types.Table {
	return []types.Table{
		apiTable(),
		{Namespace: namespace, Decl: "interface ISubscriptionKeyParameterNames", Members: []types.Entry{
			{Sig: "string Header { get; }", Impl: strOf(func(a *host.API) string { return a.KeyHeader })},
			{Sig: "string Query { get; }", Impl: strOf(func(a *host.API) string { return a.KeyQuery })},
		}},
		{Namespace: namespace, Decl: "interface IOperation", Members: []types.Entry{
			{Sig: "string Id { get; }", Impl: strOf(func(o *host.Operation) string { return o.ID })},
			{Sig: "string Method { get; }", Impl: strOf(func(o *host.Operation) string { return o.Method })},
			{Sig: "string Name { get; }", Impl: strOf(func(o *host.Operation) string { return o.Name })},
			{Sig: "string UrlTemplate { get; }", Impl: strOf(func(o *host.Operation) string { return o.URLTemplate })},
		}},
		{Namespace: namespace, Decl: "interface IWorkspace", Members: []types.Entry{
			{Sig: "string Id { get; }", Impl: strOf(func(w *host.Workspace) string { return w.ID })},
			{Sig: "string Name { get; }", Impl: strOf(func(w *host.Workspace) string { return w.Name })},
		}},
		productTable(),
		{Namespace: namespace, Decl: "enum ProductState", Members: []types.Entry{{Sig: "NotPublished = 0"}, {Sig: "Published = 1"}}},
		{Namespace: namespace, Decl: "interface IGroup", Members: []types.Entry{
			{Sig: "string Id { get; }", Impl: strOf(func(g *host.Group) string { return g.ID })},
			{Sig: "string Name { get; }", Impl: strOf(func(g *host.Group) string { return g.Name })},
		}},
		subscriptionTable(), userTable(),
		{Namespace: namespace, Decl: "interface IUserIdentity", Members: []types.Entry{
			{Sig: "string Id { get; }", Impl: strOf(func(i *host.Identity) string { return i.ID })},
			{Sig: "string Provider { get; }", Impl: strOf(func(i *host.Identity) string { return i.Provider })},
		}},
		{Namespace: namespace, Decl: "interface IBackend", Members: []types.Entry{
			{Sig: "string Id { get; }", Impl: strOf(func(b *host.Backend) string { return b.ID })},
			{Sig: "string AzureRegion { get; }", Impl: strOf(func(b *host.Backend) string { return b.AzureRegion })},
			{Sig: "BackendType Type { get; }", Impl: intOf(func(b *host.Backend) int64 {
				if b.Pool {
					return 1
				}
				return 0
			})},
		}},
		{Namespace: namespace, Decl: "enum BackendType", Members: []types.Entry{{Sig: "Single = 0"}, {Sig: "Pool = 1"}}},
		deploymentTable(),
		{Namespace: namespace, Decl: "interface IGateway", Members: []types.Entry{
			{Sig: "string Id { get; }", Impl: strOf(func(d *host.Deployment) string { return d.GatewayID })},
			{Sig: "string InstanceId { get; }", Impl: strOf(func(d *host.Deployment) string { return d.InstanceID })},
			{Sig: "bool IsManaged { get; }", Impl: boolOf(func(d *host.Deployment) bool { return d.IsManaged })},
		}},
		{Namespace: namespace, Decl: "interface ILastError", Members: []types.Entry{
			{Sig: "string Source { get; }", Impl: optional(func(e *host.LastError) string { return e.Source })},
			{Sig: "string Reason { get; }", Impl: optional(func(e *host.LastError) string { return e.Reason })},
			{Sig: "string Message { get; }", Impl: optional(func(e *host.LastError) string { return e.Message })},
			{Sig: "string Scope { get; }", Impl: optional(func(e *host.LastError) string { return e.Scope })},
			{Sig: "string Section { get; }", Impl: optional(func(e *host.LastError) string { return e.Section })},
			{Sig: "string Path { get; }", Impl: optional(func(e *host.LastError) string { return e.Path })},
			{Sig: "string PolicyId { get; }", Impl: optional(func(e *host.LastError) string { return e.PolicyID })},
		}},
	}
}

func productTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IProduct", Members: []types.Entry{
		{Sig: "string Id { get; }", Impl: strOf(func(p *host.Product) string { return p.ID })},
		{Sig: "string Name { get; }", Impl: strOf(func(p *host.Product) string { return p.Name })},
		{Sig: "bool ApprovalRequired { get; }", Impl: boolOf(func(p *host.Product) bool { return p.ApprovalRequired })},
		{Sig: "bool SubscriptionRequired { get; }", Impl: boolOf(func(p *host.Product) bool { return p.SubscriptionRequired })},
		{Sig: "System.Collections.Generic.IEnumerable<IGroup> Groups { get; }", Impl: valOf(func(r *run, p *host.Product) value.Value { return sequence(r, "IGroup", p.Groups) })},
		{Sig: "ProductState State { get; }", Impl: intOf(func(p *host.Product) int64 {
			if p.Published {
				return 1
			}
			return 0
		})},
		{Sig: "int? SubscriptionsLimit { get; }", Impl: valOf(subscriptionsLimit)},
	}}
}

func subscriptionsLimit(r *run, p *host.Product) value.Value {
	if p.SubscriptionsLimit == nil {
		return value.Nil
	}
	return r.env.Int(int64(*p.SubscriptionsLimit))
}

func subscriptionTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface ISubscription", Members: []types.Entry{
		{Sig: "string Id { get; }", Impl: strOf(func(s *host.Subscription) string { return s.ID })},
		{Sig: "string Name { get; }", Impl: strOf(func(s *host.Subscription) string { return s.Name })},
		{Sig: "string Key { get; }", Impl: strOf(func(s *host.Subscription) string { return s.Key })},
		{Sig: "string PrimaryKey { get; }", Impl: strOf(func(s *host.Subscription) string { return s.PrimaryKey })},
		{Sig: "string SecondaryKey { get; }", Impl: strOf(func(s *host.Subscription) string { return s.SecondaryKey })},
		{Sig: "DateTime CreatedDate { get; }", Impl: intOf(func(s *host.Subscription) int64 { return dateBits(s.Created) })},
		{Sig: "DateTime? StartDate { get; }", Impl: valOf(func(r *run, s *host.Subscription) value.Value { return dateOf(r, s.Start) })},
		{Sig: "DateTime? EndDate { get; }", Impl: valOf(func(r *run, s *host.Subscription) value.Value { return dateOf(r, s.End) })},
	}}
}

func userTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IUser", Members: []types.Entry{
		{Sig: "string Id { get; }", Impl: strOf(func(u *host.User) string { return u.ID })},
		{Sig: "string Email { get; }", Impl: strOf(func(u *host.User) string { return u.Email })},
		{Sig: "string FirstName { get; }", Impl: strOf(func(u *host.User) string { return u.FirstName })},
		{Sig: "string LastName { get; }", Impl: strOf(func(u *host.User) string { return u.LastName })},
		{Sig: "string Note { get; }", Impl: strOf(func(u *host.User) string { return u.Note })},
		{Sig: "DateTime RegistrationDate { get; }", Impl: intOf(func(u *host.User) int64 { return dateBits(u.Registered) })},
		{Sig: "System.Collections.Generic.IEnumerable<IGroup> Groups { get; }", Impl: valOf(func(r *run, u *host.User) value.Value { return sequence(r, "IGroup", u.Groups) })},
		{Sig: "System.Collections.Generic.IEnumerable<IUserIdentity> Identities { get; }", Impl: valOf(func(r *run, u *host.User) value.Value { return sequence(r, "IUserIdentity", u.Identities) })},
	}}
}

func deploymentTable() types.Table {
	return types.Table{Namespace: namespace, Decl: "interface IDeployment", Members: []types.Entry{
		{Sig: "string Region { get; }", Impl: strOf(func(d *host.Deployment) string { return d.Region })},
		{Sig: "string ServiceId { get; }", Impl: strOf(func(d *host.Deployment) string { return d.ServiceID })},
		{Sig: "string ServiceName { get; }", Impl: strOf(func(d *host.Deployment) string { return d.ServiceName })},
		{Sig: "string GatewayId { get; }", Impl: strOf(func(d *host.Deployment) string { return d.GatewayID })},
		{Sig: "ISustainabilityInfo SustainabilityInfo { get; }", Impl: types.ObjVal(null)},
		{Sig: "IGateway Gateway { get; }", Impl: valOf(func(r *run, d *host.Deployment) value.Value { return r.other("IGateway", d) })},
		{Sig: "ICertificates Certificates { get; }", Impl: valOf(func(r *run, d *host.Deployment) value.Value {
			return value.OfObject(&certificates{node: node{class: r.env.Named(namespace + ".ICertificates"), run: r, data: d}})
		})},
	}}
}

// certificates is context.Deployment.Certificates.
type certificates struct{ node }

func (c *certificates) deployment() *host.Deployment {
	d, _ := c.data.(*host.Deployment)
	return d
}

// Count returns the number of certificates.
func (c *certificates) Count() int { return len(c.deployment().Certificates) }

// Lookup returns a certificate by its id.
func (c *certificates) Lookup(_ *value.Thread, key value.Value) (value.Value, bool, *value.Exception) {
	cert, ok := c.deployment().Certificates[key.StringOrNull().Go()]
	if !ok {
		return value.Nil, false, nil
	}
	return Certificate(c.run.env, cert), true, nil
}

// Iterate enumerates the certificates in the order of their ids.
func (c *certificates) Iterate(*value.Thread) value.Iterator {
	d := c.deployment()
	return pairs(c.run.env, c.run.env.Named(certificateType), sortedKeys(d.Certificates), func(id string) value.Value {
		return Certificate(c.run.env, d.Certificates[id])
	})
}

// certificateType is the type of certificates, which package crypto declares.
const certificateType = "System.Security.Cryptography.X509Certificates.X509Certificate2"

// Certificate returns a certificate as a value, null for nil.
func Certificate(env *object.Env, c *host.Certificate) value.Value {
	return crypto.NewCertificate(env.Named(certificateType), c)
}
