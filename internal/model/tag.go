package model

// Tag is a label for APIs, operations and products; a Link says what has it.
type Tag struct {
	ID          ID     `json:"-"`
	DisplayName string `json:"displayName"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the tag's id.
func (t *Tag) ResourceID() ID { return t.ID }

// Kind returns KindTag.
func (*Tag) Kind() Kind { return KindTag }

func (t *Tag) setID(id ID) { t.ID = id }
func (t *Tag) rest() *Rest { return &t.Rest }
