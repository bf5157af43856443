package catalogue

// Anew is the same index without its views.
func (x *Index) Anew() *Index { return newIndex(x.revision, x.readAt, x.records) }
