package publish

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sallyport/sallyport/internal/control/resource"
	"github.com/sallyport/sallyport/internal/control/store"
	"github.com/sallyport/sallyport/internal/model"
	"github.com/sallyport/sallyport/internal/policy"
	"github.com/sallyport/sallyport/internal/problem"
	"github.com/sallyport/sallyport/internal/snapshot"
)

// Check compiles what the session's edits make of the configuration, and
// refuses what gateways could not run, with the place of the fault.
func (p *Publisher) Check(s *resource.Session) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending = nil
	touched := editsByService(s.Edits())
	if len(touched) == 0 {
		return nil
	}
	if p.revision < s.Reader().Revision() {
		if err := p.catchUp(s); err != nil {
			return err
		}
	}
	next := &candidate{revision: s.Reader().Revision() + 1, services: map[store.Key]*published{}}
	for service, edits := range touched {
		made, err := p.derive(s, service, edits)
		if err != nil {
			return err
		}
		next.services[service.Key()] = made
	}
	p.pending = next
	return nil
}

// Committed says that the transaction that was checked last is durable, as this
// revision. The gateway of the process has it when Committed returns.
func (p *Publisher) Committed(revision store.Revision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.pending
	if next == nil || next.revision != revision || p.revision+1 != revision {
		return // Follow takes it in.
	}
	p.pending = nil
	p.revision = revision
	for key, made := range next.services {
		p.settle(key, made)
	}
}

// settle makes a state of a service the current one; nil removes the service.
func (p *Publisher) settle(key store.Key, made *published) {
	if made == nil {
		delete(p.services, key)
		return
	}
	p.services[key] = made
	p.handOver(made.id, made.current)
}

// editsByService sorts out which services have changes that gateways need.
func editsByService(edits []resource.Edit) map[ID][]resource.Edit {
	touched := map[ID][]resource.Edit{}
	for _, edit := range edits {
		service := edit.ID.Service()
		if service == "" {
			continue
		}
		if _, needed := relative(edit.ID); needed {
			touched[service] = append(touched[service], edit)
		}
	}
	return touched
}

// derive compiles a service with edits.
func (p *Publisher) derive(s *resource.Session, service ID, edits []resource.Edit) (*published, error) {
	before := p.services[service.Key()]
	for _, edit := range edits {
		if isService(edit.ID) && edit.After == nil {
			return nil, nil
		}
	}
	if before == nil || before.current == nil {
		return p.whole(s, service, edits)
	}
	delta := &snapshot.Delta{Base: before.current.Revision(), Revision: uint64(s.Reader().Revision()) + 1}
	for _, edit := range edits {
		if err := extend(s, delta, edit.ID, edit.After); err != nil {
			return nil, err
		}
	}
	snap, problems := apply(before.current, delta)
	if problems.HasErrors() {
		return nil, explain(service, problems)
	}
	return &published{id: service, current: snap}, nil
}

// extend adds one change to a delta.
func extend(s *resource.Session, delta *snapshot.Delta, id ID, after *resource.Entity) error {
	if after == nil {
		if rel, needed := relative(id); needed {
			delta.Delete = append(delta.Delete, rel)
		}
		return nil
	}
	r, err := Resource(s, after)
	if err != nil {
		return err
	}
	if r != nil {
		delta.Put = append(delta.Put, r)
	}
	return nil
}

// whole compiles a service from nothing: a new one, or one whose stored state
// does not compile. Of the latter only faults of what is being written are
// refused, so that it can be mended step by step.
func (p *Publisher) whole(s *resource.Session, service ID, edits []resource.Edit) (*published, error) {
	doc, err := Document(s, service)
	if err != nil {
		return nil, err
	}
	doc.Revision = uint64(s.Reader().Revision()) + 1
	snap, problems := compile(doc, p.o.Settings)
	if !problems.HasErrors() {
		return &published{id: service, current: snap}, nil
	}
	written := map[model.Key]bool{}
	for _, edit := range edits {
		if rel, ok := relative(edit.ID); ok {
			written[rel.Key()] = true
		}
	}
	var own problem.Problems
	for _, one := range problems {
		if written[model.ID(one.Resource).Key()] {
			own = append(own, one)
		}
	}
	if own.HasErrors() {
		return nil, explain(service, own)
	}
	return &published{id: service}, nil
}

// catchUp takes in the revisions that were committed since, by others or by a
// transaction whose end was not told.
func (p *Publisher) catchUp(s *resource.Session) error {
	for p.revision < s.Reader().Revision() {
		changes, err := s.Reader().Changes(p.revision, changesAtOnce)
		if errors.Is(err, store.ErrCompacted) {
			return p.load(s)
		}
		if err != nil {
			return fmt.Errorf("reading what was changed: %w", err)
		}
		if len(changes) == 0 {
			return nil
		}
		for _, change := range changes {
			if err := p.take(s, change); err != nil {
				return err
			}
		}
	}
	return nil
}

// changesAtOnce is how many revisions are read at once.
const changesAtOnce = 100

// take makes one revision the current one.
func (p *Publisher) take(s *resource.Session, change store.Change) error {
	parts, err := Divide(s, change, p.o.Log)
	if err != nil {
		return err
	}
	for _, part := range parts {
		p.advance(s, part.Service, part.Delta, part.Gone)
	}
	p.revision = change.Revision
	return nil
}

// advance applies what others have committed. Where that does not compile here,
// the service keeps what it has until something else is committed.
func (p *Publisher) advance(s *resource.Session, service ID, delta *snapshot.Delta, gone bool) {
	key := service.Key()
	before := p.services[key]
	switch {
	case gone:
		p.settle(key, nil)
	case delta.Empty():
	case before == nil || before.current == nil:
		doc, err := Document(s, service)
		if err != nil {
			p.o.Log.Error("a service cannot be read", "service", string(service), "error", err)
			return
		}
		doc.Revision = delta.Revision
		snap, problems := compile(doc, p.o.Settings)
		p.report(service, problems)
		p.settle(key, &published{id: service, current: snap})
	default:
		delta.Base = before.current.Revision()
		snap, problems := apply(before.current, delta)
		p.report(service, problems)
		if !problems.HasErrors() {
			p.settle(key, &published{id: service, current: snap})
		}
	}
}

// compile and apply are snapshot's, with a panic made a refusal: whatever comes
// from outside must not take the process down.
func compile(doc *snapshot.Document, settings *snapshot.Settings) (snap *snapshot.Snapshot, problems problem.Problems) {
	defer guard(&snap, &problems)
	return snapshot.Compile(doc, settings)
}

func apply(before *snapshot.Snapshot, delta *snapshot.Delta) (snap *snapshot.Snapshot, problems problem.Problems) {
	defer guard(&snap, &problems)
	return before.Apply(delta)
}

func guard(snap **snapshot.Snapshot, problems *problem.Problems) {
	if p := recover(); p != nil {
		*snap = nil
		*problems = append(*problems, problem.Problem{
			Message: fmt.Sprintf("%s%v", policy.InternalErrorPrefix, p), Location: problem.Location{Element: "document"}})
	}
}

// explain makes problems of compiling the error that the caller gets.
func explain(service ID, problems problem.Problems) error {
	problems.Sort()
	e := problem.Validation("One or more fields contain incorrect values:").WithCause(problems)
	for _, one := range problems {
		if one.Severity != problem.SeverityError {
			continue
		}
		if len(e.Details) == maxDetails {
			break
		}
		target := string(service)
		if one.Resource != "" {
			target += "/" + one.Resource
		}
		e.Details = append(e.Details, problem.Detail{Code: problem.CodeValidation, Target: targetOf(one), Message: messageOf(one)})
		if e.Target == "" {
			e.Target = target
		}
	}
	return e
}

// maxDetails bounds how many faults one answer lists.
const maxDetails = 50

// targetOf is the field or the element that a problem is about.
func targetOf(one problem.Problem) string {
	switch {
	case one.Element != "" && one.Line == 0:
		return "properties." + one.Element
	case one.Element != "":
		return one.Element
	default:
		return one.Resource
	}
}

// messageOf is the problem as a sentence, with its place in a policy document.
func messageOf(one problem.Problem) string {
	var b strings.Builder
	if one.Line > 0 {
		fmt.Fprintf(&b, "Error in element '%s' on line %d, column %d: ", one.Element, one.Line, one.Column)
	}
	b.WriteString(one.Message)
	if one.Hint != "" {
		b.WriteString(" (" + one.Hint + ")")
	}
	if one.Resource != "" {
		b.WriteString(" [" + one.Resource + "]")
	}
	return b.String()
}
