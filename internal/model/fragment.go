package model

// PolicyFragment is a piece of policy that documents include by its name.
type PolicyFragment struct {
	ID          ID     `json:"-"`
	Description string `json:"description,omitempty"`
	// Format is PolicyXML where it is empty.
	Format PolicyFormat `json:"format,omitempty"`
	// Value is the fragment, an element <fragment>.
	Value string `json:"value"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the fragment's id.
func (f *PolicyFragment) ResourceID() ID { return f.ID }

// Kind returns KindPolicyFragment.
func (*PolicyFragment) Kind() Kind { return KindPolicyFragment }

func (f *PolicyFragment) setID(id ID) { f.ID = id }
func (f *PolicyFragment) rest() *Rest { return &f.Rest }
