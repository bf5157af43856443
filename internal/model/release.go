package model

import "time"

// Release makes a revision of an API current and says what is new.
type Release struct {
	ID ID `json:"-"`
	// APIID refers to the revision that was released: "/apis/x;rev=2".
	APIID           string     `json:"apiId,omitempty"`
	Notes           string     `json:"notes,omitempty"`
	CreatedDateTime *time.Time `json:"createdDateTime,omitempty"`
	UpdatedDateTime *time.Time `json:"updatedDateTime,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// ResourceID returns the release's id.
func (r *Release) ResourceID() ID { return r.ID }

// Kind returns KindRelease.
func (*Release) Kind() Kind { return KindRelease }

func (r *Release) setID(id ID) { r.ID = id }
func (r *Release) rest() *Rest { return &r.Rest }
