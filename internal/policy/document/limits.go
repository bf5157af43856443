package document

// Defaults of Limits. They are far above what people write; the largest of a
// thousand public documents has 84 KB.
const (
	// MaxDocumentBytes bounds a <policies> document before named values are put in.
	MaxDocumentBytes = 256 << 10
	// MaxFragmentBytes bounds a <fragment> document before named values are put in.
	MaxFragmentBytes = 512 << 10
	// MaxDepth bounds how deep elements nest; the root is at depth 1.
	MaxDepth = 128
	// MaxElements bounds the number of elements of a document.
	MaxElements = 10_000
	// MaxAttributes bounds the attributes of one element.
	MaxAttributes = 64
	// MaxNameLength bounds the bytes of an element's or attribute's name.
	MaxNameLength = 256
	// MaxExpressionDepth bounds how deep brackets and interpolated strings nest in
	// one expression.
	MaxExpressionDepth = 256
)

// Limits that are not to be changed.
const (
	// MaxSubstitutedBytes bounds a document after named values are put in.
	MaxSubstitutedBytes = 4 << 20
	// MaxReferences bounds how many references to unknown named values Substitute
	// returns; it leaves out those behind.
	MaxReferences = 10_000
	// MaxErrors bounds how many errors one call of Parse reports.
	MaxErrors = 20
)

// Limits bounds what Parse accepts. A field that is 0 has its default, the
// constant that is named beside it.
type Limits struct {
	DocumentBytes   int // MaxDocumentBytes
	FragmentBytes   int // MaxFragmentBytes
	Depth           int // MaxDepth
	Elements        int // MaxElements
	Attributes      int // MaxAttributes, per element
	NameLength      int // MaxNameLength, bytes
	ExpressionDepth int // MaxExpressionDepth
}

// DefaultLimits returns the default of every limit.
func DefaultLimits() Limits { return Limits{}.withDefaults() }

func (l Limits) withDefaults() Limits {
	for _, field := range []struct {
		value    *int
		fallback int
	}{
		{&l.DocumentBytes, MaxDocumentBytes},
		{&l.FragmentBytes, MaxFragmentBytes},
		{&l.Depth, MaxDepth},
		{&l.Elements, MaxElements},
		{&l.Attributes, MaxAttributes},
		{&l.NameLength, MaxNameLength},
		{&l.ExpressionDepth, MaxExpressionDepth},
	} {
		if *field.value <= 0 {
			*field.value = field.fallback
		}
	}
	return l
}
