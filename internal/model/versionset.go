package model

// VersionSet groups the APIs that are versions of one API.
type VersionSet struct {
	ID               ID               `json:"-"`
	DisplayName      string           `json:"displayName"`
	Description      string           `json:"description,omitempty"`
	VersioningScheme VersioningScheme `json:"versioningScheme"`
	// VersionQueryName is the query parameter of VersionInQuery.
	VersionQueryName string `json:"versionQueryName,omitempty"`
	// VersionHeaderName is the header of VersionInHeader.
	VersionHeaderName string `json:"versionHeaderName,omitempty"`
	// Rest holds the other properties.
	Rest Rest `json:"-"`
}

// VersioningScheme says where a call names the version.
type VersioningScheme string

// The places of a version.
const (
	VersionInSegment VersioningScheme = "Segment"
	VersionInQuery   VersioningScheme = "Query"
	VersionInHeader  VersioningScheme = "Header"
)

// ResourceID returns the version set's id.
func (v *VersionSet) ResourceID() ID { return v.ID }

// Kind returns KindVersionSet.
func (*VersionSet) Kind() Kind { return KindVersionSet }

func (v *VersionSet) setID(id ID) { v.ID = id }
func (v *VersionSet) rest() *Rest { return &v.Rest }
