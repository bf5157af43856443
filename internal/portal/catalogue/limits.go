package catalogue

import "time"

// The limits of what is read and kept. What is above one of them is left out, the log says so, and
// Index.LeftOut counts it: a catalogue that is too large is still one.
const (
	// MaxAPIs bounds how many APIs are kept.
	MaxAPIs = 20_000
	// MaxOperations bounds how many operations of one API are kept.
	MaxOperations = 5_000
	// MaxProducts bounds how many products are kept.
	MaxProducts = 5_000
	// MaxWorkspaces bounds how many workspaces are read.
	MaxWorkspaces = 1_000
	// MaxTags bounds how many tags of one workspace are read.
	MaxTags = 2_000
	// MaxTagged bounds how many tags of APIs, operations and products are kept, together.
	MaxTagged = 200_000
	// MaxVersionSets bounds how many version sets are kept.
	MaxVersionSets = 20_000
	// MaxReleases bounds how many releases of one API are kept, the newest first.
	MaxReleases = 200
	// MaxRevisions bounds how many revisions of one API are kept, the newest first.
	MaxRevisions = 100
	// MaxLinks bounds how many APIs, and how many groups, are kept of one product.
	MaxLinks = 20_000
	// MaxText bounds a description, the notes of a release and the terms of a product, in bytes.
	MaxText = 64 << 10
)

// The limits of searching.
const (
	// MaxQuery is how many bytes of a query are read.
	MaxQuery = 256
	// MaxTerms is how many words of a query are looked for; the others are ignored.
	MaxTerms = 8
	// MaxPage is the largest page of results.
	MaxPage = 100
	// MaxHitOperations is how many operations a result lists.
	MaxHitOperations = 5
	// maxTerm is the length at which words are cut, in bytes.
	maxTerm = 48
	// maxIndexed is how many bytes of one description are indexed.
	maxIndexed = 4 << 10
	// maxTokens bounds the words that are indexed of one API.
	maxTokens = 100_000
)

// The limits of following.
const (
	// wait is how long the management plane may hold a request for changes.
	wait = 25 * time.Second
	// callTimeout bounds each other request, and waitTimeout the one for changes.
	callTimeout, waitTimeout = 30 * time.Second, wait + 15*time.Second
	// firstBackOff and lastBackOff are the pauses after the first and after many failures; each has jitter.
	firstBackOff, lastBackOff = 250 * time.Millisecond, 30 * time.Second
	// leastStep is how long at least passes between two requests for changes.
	leastStep = 200 * time.Millisecond
	// readers is how many requests are under way at once while much is read.
	readers = 8
	// maxChangedAPIs is how many changed APIs are read one by one; above it everything is read anew.
	maxChangedAPIs = 512
	// maxChangedTags is the same for what has tags.
	maxChangedTags = 64
	// maxViews is how many views of an index are kept, one for each set of groups that makes a difference.
	maxViews = 128
)
