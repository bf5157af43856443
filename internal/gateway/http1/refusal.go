package http1

import (
	"strconv"
	"time"

	"github.com/sallyport/sallyport/internal/message"
)

// Refusal is why a request is not served: what it breaks of the protocol, or
// which limit it is beyond. It never depends on the configuration.
type Refusal struct {
	Status int
	Reason string // stable, for logs
	text   string // for the client
}

// Error describes the refusal.
func (r *Refusal) Error() string { return r.Reason + ": " + r.text }

// The refusals of heads.
var (
	RefusedBareLF      = &Refusal{400, "BareLineFeed", "a line ends without a carriage return"}
	RefusedBareCR      = &Refusal{400, "BareCarriageReturn", "a carriage return stands inside a line"}
	RefusedRequestLine = &Refusal{400, "RequestLine", "the request line is malformed"}
	RefusedMethod      = &Refusal{400, "Method", "the method is not a token"}
	RefusedLongMethod  = &Refusal{501, "MaxMethodBytes", "the method is longer than any that is implemented (MaxMethodBytes)"}
	RefusedTarget      = &Refusal{400, "RequestTarget", "the request target is malformed"}
	RefusedLongTarget  = &Refusal{414, "MaxTargetBytes", "the request target is too long (MaxTargetBytes)"}
	RefusedProtocol    = &Refusal{400, "Protocol", "the protocol is not HTTP"}
	RefusedVersion     = &Refusal{505, "Version", "HTTP/1.0, HTTP/1.1 and HTTP/2 are served"}
	RefusedConnect     = &Refusal{405, "Method", "the method is not allowed"}
	RefusedFold        = &Refusal{400, "ObsFold", "a field is continued on another line"}
	RefusedFieldName   = &Refusal{400, "FieldName", "a field name is malformed"}
	RefusedFieldValue  = &Refusal{400, "FieldValue", "a field value has a control character"}
	RefusedLongField   = &Refusal{431, "MaxFieldBytes", "a field is too long (MaxFieldBytes)"}
	RefusedLongHead    = &Refusal{431, "MaxHeadBytes", "the head is too long (MaxHeadBytes)"}
	RefusedManyFields  = &Refusal{431, "MaxFields", "the head has too many fields (MaxFields)"}
	RefusedTwin        = &Refusal{400, "UnderscoreTwin", "a field name with an underscore looks like another with a hyphen"}
	RefusedNoHost      = &Refusal{400, "HostMissing", "the Host field is missing"}
	RefusedHosts       = &Refusal{400, "HostRepeated", "there are several Host fields"}
	RefusedHost        = &Refusal{400, "Host", "the Host field is malformed"}
	RefusedOtherHost   = &Refusal{400, "HostDiffers", "the Host field differs from the request target"}
	RefusedMisdirected = &Refusal{421, "Misdirected", "the connection's certificate is for another host"}
	RefusedLength      = &Refusal{400, "ContentLength", "the Content-Length is malformed or repeated"}
	RefusedBoth        = &Refusal{400, "AmbiguousLength", "there are Content-Length and Transfer-Encoding"}
	RefusedCoding      = &Refusal{400, "TransferEncoding", "the Transfer-Encoding is malformed or repeated"}
	RefusedCoding10    = &Refusal{400, "TransferEncoding10", "HTTP/1.0 has no Transfer-Encoding"}
	RefusedOtherCoding = &Refusal{501, "TransferCoding", "the only transfer coding that is implemented is chunked"}
	RefusedExpect      = &Refusal{417, "Expectation", "the only expectation that is met is 100-continue"}
	RefusedConnection  = &Refusal{400, "Connection", "the Connection field is malformed"}
	RefusedPreface     = &Refusal{400, "Preface", "the connection preface of HTTP/2 is malformed"}
	RefusedFrames      = &Refusal{400, "MaxControlFrames", "there are too many frames of HTTP/2 that carry nothing (MaxControlFrames)"}
	RefusedSlowHead    = &Refusal{408, "HeadTimeout", "the head did not arrive in time (HeadTimeout)"}
)

// The refusals of bodies.
var (
	RefusedChunkSize   = &Refusal{400, "ChunkSize", "a chunk size is malformed"}
	RefusedChunkLine   = &Refusal{400, "MaxChunkLineBytes", "a chunk's first line is too long (MaxChunkLineBytes)"}
	RefusedExtension   = &Refusal{400, "ChunkExtension", "a chunk extension is malformed"}
	RefusedExtensions  = &Refusal{400, "MaxExtensionBytes", "the chunk extensions are too long (MaxExtensionBytes)"}
	RefusedChunkEnd    = &Refusal{400, "ChunkEnd", "a chunk is longer or shorter than its size"}
	RefusedTrailerName = &Refusal{400, "TrailerField", "a field of the trailer may only stand in a head"}
	RefusedLongTrailer = &Refusal{431, "MaxTrailerBytes", "the trailer is too long (MaxTrailerBytes)"}
)

// TimeFormat is the format of dates in fields (RFC 9110 §5.6.7).
const TimeFormat = "Mon, 02 Jan 2006 15:04:05 GMT"

// AllowedMethods is told with a 405, which must say what is allowed (RFC 9110
// §15.5.6). Others may be, depending on the API.
const AllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// Body returns what the client reads: JSON as the gateway writes all its errors.
func (r *Refusal) Body() []byte {
	b := append(make([]byte, 0, 128), `{ "statusCode": `...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, `, "message": "`...)
	b = append(b, message.StatusText(r.Status)...)
	b = append(b, ": "...)
	b = append(b, r.text...)
	return append(b, `." }`...)
}

// Answer returns the whole answer on a connection of HTTP/1, which it says to be closing.
func (r *Refusal) Answer(now time.Time) []byte {
	body := r.Body()
	b := append(make([]byte, 0, 384), "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, ' ')
	b = append(b, message.StatusText(r.Status)...)
	b = append(b, "\r\nDate: "...)
	b = now.UTC().AppendFormat(b, TimeFormat)
	b = append(b, "\r\nConnection: close\r\nContent-Type: application/json\r\n"...)
	if r.Status == 405 {
		b = append(b, "Allow: "+AllowedMethods+"\r\n"...)
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
}
