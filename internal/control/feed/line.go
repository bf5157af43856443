package feed

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/sallyport/sallyport/internal/control/publish"
	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/model"
	protocol "github.com/sallyport/sallyport/internal/snapshot/feed"
	"github.com/sallyport/sallyport/internal/snapshot/wire"
)

// line is one resource as gateways get it, with what decides which gateways do.
// It never changes.
type line struct {
	id     model.ID
	key    model.Key
	text   []byte
	digest wire.Digest
	// gateway is the folded name of the gateway below which the resource stands;
	// "" where it is not below one.
	gateway string
	// api is the root of the API that the resource belongs to or leads to; "" where
	// it does not.
	api model.Key
	// outside is what separate gateways get in the place of the line; nil where
	// they get the same.
	outside *line
}

// newLine makes the line of a resource.
func newLine(r model.Resource) (*line, error) {
	l, err := wire.LineOf(r)
	if err != nil {
		return nil, err
	}
	id := r.ResourceID()
	one := &line{id: id, key: id.Key(), text: l.Text, digest: l.Digest, api: apiOf(r)}
	if gateway, ok := id.Ancestor(model.KindGateway); ok {
		one.gateway = strings.ToLower(gateway.Name())
		one.api = "" // What a gateway's own links lead to is what it gets.
	}
	if s, ok := r.(*model.Service); ok && len(s.HostnameConfigurations)+len(s.Certificates) > 0 {
		if one.outside, err = withoutHosts(s); err != nil {
			return nil, err
		}
	}
	return one, nil
}

// withoutHosts is the service as separate gateways get it: the private keys of its
// host names stay with its own gateway, as do the authorities that this one trusts.
func withoutHosts(s *model.Service) (*line, error) {
	c := *s
	c.HostnameConfigurations, c.Certificates = nil, nil
	return newLine(&c)
}

// shownTo is the line as a gateway gets it.
func (l *line) shownTo(gateway string) *line {
	if l != nil && l.outside != nil && gateway != protocol.ManagedGateway {
		return l.outside
	}
	return l
}

// apiOf is the root of the API without which a resource has no place in a
// document: the one that it is part of, or that it links or opens.
func apiOf(r model.Resource) model.Key {
	id := r.ResourceID()
	if l, ok := r.(*model.Link); ok {
		if member, err := l.Member(); err == nil && member.Kind() != model.KindGroup && member.Kind() != model.KindUser {
			id = member
		}
	}
	if s, ok := r.(*model.Subscription); ok {
		if scope, err := s.ParseScope(); err == nil && scope.Kind == model.ScopeAPI {
			id = scope.Target
		}
	}
	return rootOf(id)
}

// rootOf is the API that an id is part of, without its revision; "" where it is
// part of none.
func rootOf(id model.ID) model.Key {
	api, ok := id.Ancestor(model.KindAPI)
	if !ok {
		return ""
	}
	root, _ := model.SplitRevision(string(api))
	return model.ID(root).Key()
}

// linked is the API that a line gives to a gateway, where it is such a link.
func (l *line) linked() (gateway string, api model.Key, ok bool) {
	if l.gateway == "" || l.id.Kind() != model.KindGatewayAPI {
		return "", "", false
	}
	return l.gateway, rootOf(model.NewID("apis", l.id.Name())), true
}

// collect reads all lines of a service. What cannot be published is logged and
// left out.
func collect(s *resource.Session, service resource.ID, log *slog.Logger) (map[model.Key]*line, error) {
	lines := map[model.Key]*line{}
	for e, err := range s.Tree(service) {
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", service, err)
		}
		r, err := publish.Resource(s, e)
		if err != nil {
			log.Error("a stored resource cannot be published", slog.String("resource", string(e.ID)), slog.Any("error", err))
			continue
		}
		if r == nil {
			continue
		}
		l, err := newLine(r)
		if err != nil {
			return nil, err
		}
		lines[l.key] = l
	}
	return lines, nil
}
