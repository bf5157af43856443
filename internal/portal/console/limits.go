package console

import "time"

// Limits of a request that a visitor puts together.
const (
	// maxURLBytes bounds the URL that is called.
	maxURLBytes = 8 << 10
	// maxFields and maxFieldBytes bound what is given besides the body:
	// parameters and header fields, and all their bytes.
	maxFields     = 200
	maxFieldBytes = 32 << 10
	// maxRequestBody bounds the body, files included, and maxFormBytes the form
	// that it comes in.
	maxRequestBody = 4 << 20
	maxFormBytes   = maxRequestBody + 256<<10
	// maxParts bounds the parts of a form that is sent.
	maxParts = 100
)

// Limits of an answer.
const (
	// maxAnswerHeader bounds the head of an answer, in bytes.
	maxAnswerHeader = 64 << 10
	// maxStreamed bounds a body that is shown as it comes.
	maxStreamed = 16 << 20
	// maxShown bounds a body that stands in a page.
	maxShown = 1 << 20
	// maxPretty bounds a body that is indented.
	maxPretty = 512 << 10
	// frameBytes is how much of a body a frame has at most.
	frameBytes = 16 << 10
)

// Times of a call. callTimeout, of a call whose answer stands in a page, and
// streamTimeout stay below what the frame lets a request take.
const (
	dialTimeout   = 10 * time.Second
	headTimeout   = 60 * time.Second
	callTimeout   = 15 * time.Second
	streamTimeout = 9 * time.Minute
	// formTimeout bounds the reading of a form that a module sends.
	formTimeout = 30 * time.Second
)

// Limits of what goes on at once.
const (
	// maxCallsEach bounds the calls of one session, or of one address of
	// guests, and maxCalls those of everybody.
	maxCallsEach = 4
	maxCalls     = 128
	// callsPerMinute is how often a visitor may send.
	callsPerMinute = 60
)
