package policy

// Tracer records what happens in a call. It belongs to that call.
type Tracer interface {
	// Step runs a step in its place, and notes what it did. It returns what the
	// step returns.
	Step(c *Call, m *Meta, s Step) error
}
