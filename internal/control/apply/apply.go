// Package apply makes a service what a set of resources says, as read from a
// configuration folder: it plans, shows the plan, and carries it out in one
// transaction; and it takes a service back to an earlier revision.
package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/resources/apis"
	"github.com/sallyport/sallyport/internal/control/resources/people"
	"github.com/sallyport/sallyport/internal/control/resources/settings"
	"github.com/sallyport/sallyport/internal/control/service"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/control/transfer"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/model/site"
)

// Action is what a step does.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Step is one change of a plan.
type Step struct {
	Action Action `json:"action"`
	// ID is relative to the service: "apis/echo"; "" is the service itself.
	ID string `json:"id"`
}

// Plan is what was changed, or would be.
type Plan struct {
	Steps []Step `json:"steps"`
	// Revision is the one that resulted; that which was there where nothing
	// changed or the plan was not carried out.
	Revision store.Revision `json:"revision"`
	// Left are the resources that stay as they are here.
	Left []Left `json:"left,omitempty"`
}

// Options say what to apply to.
type Options struct {
	// Service is the full id of the service.
	Service resource.ID
	// Prune deletes what the resources do not name, of the kinds that a folder
	// can hold; never what visitors made.
	Prune bool
	// Visitors adds what visitors made: users, their memberships of groups and
	// their subscriptions, where they never were in the service. Else that is left.
	Visitors bool
	// Revive lets the resources win where the service is newer: subscriptions that
	// have ended, keys that differ, what was deleted, and with Visitors what
	// visitors did.
	Revive bool
	// Specifications are those that the resources were read from, by the keys of
	// their APIs: each is kept beside its API.
	Specifications map[model.Key]transfer.Specification
	// Portal is the content of the developer portal, which is published as well;
	// nil says nothing of it, also with Prune.
	Portal *site.Folder
	// DryRun makes the plan and checks that it could be carried out.
	DryRun bool
}

// Apply makes the service what the resources say, in one transaction. Where
// something is wrong nothing is changed, and the error says what.
func Apply(ctx context.Context, p *service.Plane, call *resource.Call, resources []model.Resource, o Options) (*Plan, error) {
	ordered := slices.Clone(resources)
	slices.SortStableFunc(ordered, func(a, b model.Resource) int {
		return cmp.Or(cmp.Compare(rank(a.Kind()), rank(b.Kind())), cmp.Compare(depth(a), depth(b)))
	})
	return carryOut(ctx, p, call, o.DryRun, func(s *resource.Session) ([]Left, error) {
		a := &admission{s: s, o: o}
		err := declare(a, ordered)
		return a.left, err
	})
}

// carryOut runs a change, or tries it, and tells the steps.
func carryOut(ctx context.Context, p *service.Plane, call *resource.Call, dry bool,
	change func(*resource.Session) ([]Left, error),
) (*Plan, error) {
	plan := &Plan{}
	work := func(s *resource.Session) error {
		left, err := change(s)
		if err != nil {
			return err
		}
		slices.SortStableFunc(left, func(a, b Left) int { return cmp.Compare(a.ID, b.ID) })
		plan.Left = left
		plan.Steps, plan.Revision = steps(s.Edits()), s.Reader().Revision()
		return nil
	}
	if dry {
		return plan, p.Try(ctx, call, work)
	}
	revision, err := p.Write(ctx, call, work)
	if err != nil {
		return nil, err
	}
	plan.Revision = max(plan.Revision, revision)
	return plan, nil
}

// steps are the edits, in the order of their ids.
func steps(edits []resource.Edit) []Step {
	list := make([]Step, 0, len(edits))
	for _, edit := range edits {
		step := Step{Action: Update, ID: edit.ID.Relative()}
		switch {
		case edit.Before == nil && edit.After == nil:
			continue
		case edit.Before == nil:
			step.Action = Create
		case edit.After == nil:
			step.Action = Delete
		}
		list = append(list, step)
	}
	slices.SortFunc(list, func(a, b Step) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// declare brings the service to the stated resources.
func declare(a *admission, resources []model.Resource) error {
	s, o := a.s, a.o
	if found, err := s.Has(o.Service); err != nil {
		return err
	} else if !found {
		return fmt.Errorf("there is no service %s; create it first", o.Service)
	}
	stated, err := a.declareAll(resources)
	if err != nil {
		return err
	}
	if err := describe(s, resources, o); err != nil {
		return err
	}
	if err := publishPortal(s, o.Service, o.Portal); err != nil {
		return err
	}
	if err := people.Mirror(s, o.Service); err != nil {
		return err
	}
	if err := settings.Mirror(s, o.Service); err != nil {
		return err
	}
	if !o.Prune {
		return nil
	}
	return prune(s, o.Service, stated)
}

// declareAll keeps what is admitted of the resources, and tells their keys.
func (a *admission) declareAll(resources []model.Resource) (map[store.Key]bool, error) {
	stated := make(map[store.Key]bool, len(resources))
	for _, r := range resources {
		if r.Kind() == model.KindService {
			if err := merge(a.s, a.o.Service, r); err != nil {
				return nil, err
			}
			continue
		}
		id := a.o.Service + "/" + resource.ID(r.ResourceID())
		stated[id.Key()] = true
		body, err := bodyOf(r)
		if err != nil {
			return nil, err
		}
		if admitted, err := a.admit(r, id, body); err != nil || !admitted {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.ResourceID(), err)
			}
			continue
		}
		if _, err := a.s.Declare(id, body); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ResourceID(), err)
		}
	}
	return stated, nil
}

// describe keeps the specifications beside their APIs.
func describe(s *resource.Session, resources []model.Resource, o Options) error {
	for _, r := range resources {
		specification, ok := o.Specifications[r.ResourceID().Key()]
		a, isAPI := r.(*model.API)
		if !ok || !isAPI {
			continue
		}
		id, err := s.Locate(o.Service + "/" + resource.ID(r.ResourceID()))
		if err != nil {
			return err
		}
		if err := apis.Describe(s, id, specification, string(a.Rest["translateRequiredQueryParameters"]) == `"query"`); err != nil {
			return fmt.Errorf("%s: %w", r.ResourceID(), err)
		}
	}
	return nil
}

// bodyOf is the body that a PUT of the resource would have.
func bodyOf(r model.Resource) (map[string]any, error) {
	raw, err := model.Encode(r)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var properties map[string]any
	if err := d.Decode(&properties); err != nil {
		return nil, fmt.Errorf("reading %s: %w", r.ResourceID(), err)
	}
	return map[string]any{"properties": properties}, nil
}

// merge takes what a folder says of the service itself into the service.
func merge(s *resource.Session, id resource.ID, r model.Resource) error {
	body, err := bodyOf(r)
	if err != nil {
		return err
	}
	properties, _ := body["properties"].(map[string]any)
	delete(properties, "name")
	delete(properties, "location")
	e, err := s.Get(id)
	if err != nil {
		return err
	}
	next := e.Clone()
	resource.Merge(next.Body, body)
	return s.Store(id, next.Body)
}

// BuiltIn reports whether the service itself makes the resource: the built-in
// groups, the administrator, and the subscription that opens everything.
// Folders do not have them, and prune leaves them.
func BuiltIn(id model.ID) bool {
	return model.IsBuiltInGroup(id) || id.Equal("users/1") || id.Equal("subscriptions/master") ||
		id.Kind() == model.KindGroupUser && model.IsBuiltInGroup(id.Parent()) && id.Name() == "1"
}

// ranks order the kinds so that what is referred to is there before what refers
// to it. Kinds that are not named come between.
var ranks = map[model.Kind]int{
	model.KindService: 0, model.KindWorkspace: 1, model.KindNamedValue: 2, model.KindTag: 2, model.KindGroup: 2,
	model.KindVersionSet: 2, model.KindCertificate: 2, model.KindLogger: 2, model.KindGateway: 2, model.KindUser: 2,
	model.KindBackend: 3, model.KindCache: 3, model.KindPolicyFragment: 3, model.KindAPI: 4, model.KindSchema: 5, model.KindOperation: 6,
	model.KindProduct: 7, model.KindSubscription: 9, model.KindPolicy: 10, model.KindRelease: 10, model.KindDiagnostic: 10,
}

// defaultRank is that of links.
const defaultRank = 8

func rank(k model.Kind) int {
	if n, ok := ranks[k]; ok {
		return n
	}
	return defaultRank
}

// depth orders the current revision of an API before the others, and singles
// before pools.
func depth(r model.Resource) int {
	if _, revision := model.SplitRevision(r.ResourceID().Name()); revision != "" {
		return 1
	}
	if b, ok := r.(*model.Backend); ok && b.IsPool() {
		return 1
	}
	return 0
}
