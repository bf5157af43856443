package policy

// Chain is the documents that apply to one request, by scope; a scope without
// a document is nil. <base/> climbs the chain at run time, so that a change of
// a product's or the global document never touches the compiled operations.
type Chain [scopeCount]*Document

// Set places a document in the chain.
func (ch *Chain) Set(scope Scope, d *Document) { ch[scope.index()] = d }

// baseStep goes on with the same section of the next broader scope.
type baseStep struct {
	section Section
	scope   Scope
}

// Run runs the section of the broader scopes.
func (b baseStep) Run(c *Call) error { return c.runFrom(b.section, b.scope.index()+1) }

// RunSection runs one section for the call: that of the narrowest scope, which
// decides with <base/> whether the broader ones take part.
func (c *Call) RunSection(s Section) error {
	c.section = s
	return c.runFrom(s, 0)
}

// runFrom runs the section of the first scope at or above level that has it.
// Above the global scope there is what holds without any document: the backend
// section forwards the request.
func (c *Call) runFrom(s Section, level int) error {
	for ; level < scopeCount; level++ {
		if d := c.Chain[level]; d != nil && d.present[s.index()] {
			return d.sections[s.index()].Run(c)
		}
	}
	if s != Backend {
		return nil
	}
	if err := c.Services.Forward(c, &DefaultForward); err != nil {
		return defaultForwardMeta.locate(err)
	}
	return nil
}

// defaultForwardMeta is the place of the forward-request that holds where no
// document says anything.
var defaultForwardMeta = &Meta{Policy: "forward-request", Path: "forward-request[1]", Section: Backend, Scope: ScopeGlobal}

// Preflight lets the cors policies of the chain answer a preflight request,
// narrowest scope first, climbing where a document has <base/>. It reports
// whether one of them answered.
func (c *Call) Preflight() (bool, error) {
	for _, d := range c.Chain {
		if d == nil || !d.present[Inbound.index()] {
			continue
		}
		if d.preflight != nil {
			if answered, err := d.preflight.Preflight(c); answered || err != nil {
				return answered, err
			}
		}
		if !d.hasBase(Inbound) {
			break
		}
	}
	return false, nil
}
