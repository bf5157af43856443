package message

// Name is a header field name prepared for look-up. Policies make their names
// when they are compiled, so that a request compares one index for a
// well-known name and one length for any other. The zero Name matches nothing.
type Name struct {
	text string
	id   uint8 // index into wellKnown plus one; 0 for a name that is not well known
}

// NameOf prepares a field name. It does not allocate. The spelling is kept and
// is the one that Header.Set and Header.Add write.
func NameOf(text string) Name { return Name{text: text, id: knownID(text)} }

// String returns the name in the spelling it was made with.
func (n Name) String() string { return n.text }

// Canonical returns a well-known name in the spelling of its specification
// ("ETag", "WWW-Authenticate"), and any other in its own. It is how an engine
// writes names where the version of HTTP leaves the case open.
func (n Name) Canonical() string {
	if n.id == 0 {
		return n.text
	}
	return canonical[n.id]
}

// WellKnown reports whether the name is one of those below.
func (n Name) WellKnown() bool { return n.id != 0 }

// ForConnection reports whether a field of that name concerns one connection
// only (RFC 9110 §7.6.1) or frames its message: such fields are never passed on.
func (n Name) ForConnection() bool { return forConnection[n.id] }

// Is reports whether the name equals another, without regard to case.
func (n Name) Is(other Name) bool {
	if n.id != 0 || other.id != 0 {
		return n.id == other.id
	}
	return EqualFold(n.text, other.text)
}

// The well-known names, in their canonical spelling.
var (
	Accept                  = NameOf("Accept")
	AcceptEncoding          = NameOf("Accept-Encoding")
	AcceptLanguage          = NameOf("Accept-Language")
	AccessControlReqHeaders = NameOf("Access-Control-Request-Headers")
	AccessControlReqMethod  = NameOf("Access-Control-Request-Method")
	Age                     = NameOf("Age")
	Authorization           = NameOf("Authorization")
	CacheControl            = NameOf("Cache-Control")
	Connection              = NameOf("Connection")
	ContentEncoding         = NameOf("Content-Encoding")
	ContentLength           = NameOf("Content-Length")
	ContentType             = NameOf("Content-Type")
	Cookie                  = NameOf("Cookie")
	Date                    = NameOf("Date")
	ETag                    = NameOf("ETag")
	Expect                  = NameOf("Expect")
	Expires                 = NameOf("Expires")
	Forwarded               = NameOf("Forwarded")
	Host                    = NameOf("Host")
	IfModifiedSince         = NameOf("If-Modified-Since")
	IfNoneMatch             = NameOf("If-None-Match")
	KeepAlive               = NameOf("Keep-Alive")
	LastModified            = NameOf("Last-Modified")
	Location                = NameOf("Location")
	Origin                  = NameOf("Origin")
	ProxyAuthenticate       = NameOf("Proxy-Authenticate")
	ProxyAuthorization      = NameOf("Proxy-Authorization")
	ProxyConnection         = NameOf("Proxy-Connection")
	RetryAfter              = NameOf("Retry-After")
	Server                  = NameOf("Server")
	SetCookie               = NameOf("Set-Cookie")
	SubscriptionKey         = NameOf("Ocp-Apim-Subscription-Key")
	TE                      = NameOf("TE")
	Trailer                 = NameOf("Trailer")
	TransferEncoding        = NameOf("Transfer-Encoding")
	Upgrade                 = NameOf("Upgrade")
	UserAgent               = NameOf("User-Agent")
	Vary                    = NameOf("Vary")
	Via                     = NameOf("Via")
	WWWAuthenticate         = NameOf("WWW-Authenticate")
	XForwardedFor           = NameOf("X-Forwarded-For")
	XForwardedHost          = NameOf("X-Forwarded-Host")
	XForwardedProto         = NameOf("X-Forwarded-Proto")
	XRequestID              = NameOf("X-Request-Id")
)

// maxKnownLength is the length of the longest well-known name.
const maxKnownLength = 30

// knownByLength lists the well-known names by their length: a name is told by
// its length and at most a handful of comparisons, with no hash and no map.
var knownByLength = [maxKnownLength + 1][]knownName{
	2:  {{"TE", 1}},
	3:  {{"Age", 2}, {"Via", 3}},
	4:  {{"Host", 4}, {"Date", 5}, {"ETag", 6}, {"Vary", 7}},
	6:  {{"Accept", 8}, {"Cookie", 9}, {"Expect", 10}, {"Origin", 11}, {"Server", 12}},
	7:  {{"Expires", 13}, {"Trailer", 14}, {"Upgrade", 15}},
	8:  {{"Location", 16}},
	9:  {{"Forwarded", 17}},
	10: {{"Connection", 18}, {"User-Agent", 19}, {"Set-Cookie", 20}, {"Keep-Alive", 21}},
	11: {{"Retry-After", 22}},
	12: {{"Content-Type", 23}, {"X-Request-Id", 24}},
	13: {{"Authorization", 25}, {"Cache-Control", 26}, {"If-None-Match", 27}, {"Last-Modified", 28}},
	14: {{"Content-Length", 29}},
	15: {{"Accept-Encoding", 30}, {"Accept-Language", 31}, {"X-Forwarded-For", 32}},
	16: {{"Content-Encoding", 33}, {"WWW-Authenticate", 34}, {"Proxy-Connection", 35}, {"X-Forwarded-Host", 36}},
	17: {{"Transfer-Encoding", 37}, {"If-Modified-Since", 38}, {"X-Forwarded-Proto", 39}},
	18: {{"Proxy-Authenticate", 40}},
	19: {{"Proxy-Authorization", 41}},
	25: {{"Ocp-Apim-Subscription-Key", 42}},
	29: {{"Access-Control-Request-Method", 43}},
	30: {{"Access-Control-Request-Headers", 44}},
}

// forConnection says of each well-known name whether it is for one connection:
// TE, Trailer, Upgrade, Connection, Keep-Alive, Content-Length,
// Proxy-Connection and Transfer-Encoding.
var forConnection = [256]bool{1: true, 14: true, 15: true, 18: true, 21: true, 29: true, 35: true, 37: true}

// canonical is the spelling of each well-known name, by its index.
var canonical = [...]string{
	1:  "TE",
	2:  "Age",
	3:  "Via",
	4:  "Host",
	5:  "Date",
	6:  "ETag",
	7:  "Vary",
	8:  "Accept",
	9:  "Cookie",
	10: "Expect",
	11: "Origin",
	12: "Server",
	13: "Expires",
	14: "Trailer",
	15: "Upgrade",
	16: "Location",
	17: "Forwarded",
	18: "Connection",
	19: "User-Agent",
	20: "Set-Cookie",
	21: "Keep-Alive",
	22: "Retry-After",
	23: "Content-Type",
	24: "X-Request-Id",
	25: "Authorization",
	26: "Cache-Control",
	27: "If-None-Match",
	28: "Last-Modified",
	29: "Content-Length",
	30: "Accept-Encoding",
	31: "Accept-Language",
	32: "X-Forwarded-For",
	33: "Content-Encoding",
	34: "WWW-Authenticate",
	35: "Proxy-Connection",
	36: "X-Forwarded-Host",
	37: "Transfer-Encoding",
	38: "If-Modified-Since",
	39: "X-Forwarded-Proto",
	40: "Proxy-Authenticate",
	41: "Proxy-Authorization",
	42: "Ocp-Apim-Subscription-Key",
	43: "Access-Control-Request-Method",
	44: "Access-Control-Request-Headers",
}

type knownName struct {
	text string
	id   uint8
}

// knownID returns the index of a well-known name, or 0.
func knownID(text string) uint8 {
	if len(text) > maxKnownLength {
		return 0
	}
	for _, k := range knownByLength[len(text)] {
		if EqualFold(k.text, text) {
			return k.id
		}
	}
	return 0
}

// EqualFold compares two strings without regard to the case of ASCII letters.
// Header names and schemes are ASCII, so Unicode folding would be wrong here:
// it would make "K" (Kelvin sign) equal to "k".
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
