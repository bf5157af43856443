package model

// Workspace is a part of a service with APIs, products and the rest of its
// own.
type Workspace struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName,omitempty"`
	Description string `json:"description,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the workspace's id.
func (w *Workspace) ResourceID() ID { return w.ID }

// Kind returns KindWorkspace.
func (*Workspace) Kind() Kind { return KindWorkspace }

func (w *Workspace) setID(id ID) { w.ID = id }
func (w *Workspace) rest() *Rest { return &w.Rest }
