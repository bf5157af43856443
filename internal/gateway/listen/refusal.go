package listen

import (
	"net/http"
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
	refusedBareLF      = &Refusal{400, "BareLineFeed", "a line ends without a carriage return"}
	refusedBareCR      = &Refusal{400, "BareCarriageReturn", "a carriage return stands inside a line"}
	refusedRequestLine = &Refusal{400, "RequestLine", "the request line is malformed"}
	refusedMethod      = &Refusal{400, "Method", "the method is not a token"}
	refusedLongMethod  = &Refusal{501, "MaxMethodBytes", "the method is longer than any that is implemented (MaxMethodBytes)"}
	refusedTarget      = &Refusal{400, "RequestTarget", "the request target is malformed"}
	refusedLongTarget  = &Refusal{414, "MaxTargetBytes", "the request target is too long (MaxTargetBytes)"}
	refusedProtocol    = &Refusal{400, "Protocol", "the protocol is not HTTP"}
	refusedVersion     = &Refusal{505, "Version", "HTTP/1.0, HTTP/1.1 and HTTP/2 are served"}
	refusedConnect     = &Refusal{405, "Method", "the method is not allowed"}
	refusedFold        = &Refusal{400, "ObsFold", "a field is continued on another line"}
	refusedFieldName   = &Refusal{400, "FieldName", "a field name is malformed"}
	refusedFieldValue  = &Refusal{400, "FieldValue", "a field value has a control character"}
	refusedLongField   = &Refusal{431, "MaxFieldBytes", "a field is too long (MaxFieldBytes)"}
	refusedLongHead    = &Refusal{431, "MaxHeadBytes", "the head is too long (MaxHeadBytes)"}
	refusedManyFields  = &Refusal{431, "MaxFields", "the head has too many fields (MaxFields)"}
	refusedTwin        = &Refusal{400, "UnderscoreTwin", "a field name with an underscore looks like another with a hyphen"}
	refusedNoHost      = &Refusal{400, "HostMissing", "the Host field is missing"}
	refusedHosts       = &Refusal{400, "HostRepeated", "there are several Host fields"}
	refusedHost        = &Refusal{400, "Host", "the Host field is malformed"}
	refusedOtherHost   = &Refusal{400, "HostDiffers", "the Host field differs from the request target"}
	refusedMisdirected = &Refusal{421, "Misdirected", "the connection's certificate is for another host"}
	refusedLength      = &Refusal{400, "ContentLength", "the Content-Length is malformed or repeated"}
	refusedBoth        = &Refusal{400, "AmbiguousLength", "there are Content-Length and Transfer-Encoding"}
	refusedCoding      = &Refusal{400, "TransferEncoding", "the Transfer-Encoding is malformed or repeated"}
	refusedCoding10    = &Refusal{400, "TransferEncoding10", "HTTP/1.0 has no Transfer-Encoding"}
	refusedOtherCoding = &Refusal{501, "TransferCoding", "the only transfer coding that is implemented is chunked"}
	refusedExpect      = &Refusal{417, "Expectation", "the only expectation that is met is 100-continue"}
	refusedConnection  = &Refusal{400, "Connection", "the Connection field is malformed"}
	refusedPreface     = &Refusal{400, "Preface", "the connection preface of HTTP/2 is malformed"}
	refusedSlowHead    = &Refusal{408, "HeadTimeout", "the head did not arrive in time (HeadTimeout)"}
)

// The refusals of bodies.
var (
	refusedChunkSize   = &Refusal{400, "ChunkSize", "a chunk size is malformed"}
	refusedChunkLine   = &Refusal{400, "MaxChunkLineBytes", "a chunk's first line is too long (MaxChunkLineBytes)"}
	refusedExtension   = &Refusal{400, "ChunkExtension", "a chunk extension is malformed"}
	refusedExtensions  = &Refusal{400, "MaxExtensionBytes", "the chunk extensions are too long (MaxExtensionBytes)"}
	refusedChunkEnd    = &Refusal{400, "ChunkEnd", "a chunk is longer or shorter than its size"}
	refusedTrailerName = &Refusal{400, "TrailerField", "a field of the trailer may only stand in a head"}
	refusedLongTrailer = &Refusal{431, "MaxTrailerBytes", "the trailer is too long (MaxTrailerBytes)"}
)

// allowedMethods is told with a 405, which must say what is allowed (RFC 9110
// §15.5.6). Others may be, depending on the API.
const allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

// body returns what the client reads.
func (r *Refusal) body() []byte {
	b := append(make([]byte, 0, 128), `{ "statusCode": `...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, `, "message": "`...)
	b = append(b, message.StatusText(r.Status)...)
	b = append(b, ": "...)
	b = append(b, r.text...)
	return append(b, `." }`...)
}

// answer returns the whole answer on a connection of HTTP/1.
func (r *Refusal) answer(now time.Time) []byte {
	body := r.body()
	b := append(make([]byte, 0, 384), "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(b, ' ')
	b = append(b, message.StatusText(r.Status)...)
	b = append(b, "\r\nDate: "...)
	b = now.UTC().AppendFormat(b, http.TimeFormat)
	b = append(b, "\r\nConnection: close\r\nContent-Type: application/json\r\n"...)
	if r.Status == http.StatusMethodNotAllowed {
		b = append(b, "Allow: "+allowedMethods+"\r\n"...)
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	return append(b, body...)
}

// send answers a refusal through the engine, and closes the connection.
func (r *Refusal) send(w http.ResponseWriter) {
	h := w.Header()
	h["Connection"] = []string{"close"}
	h["Content-Type"] = []string{"application/json"}
	if r.Status == http.StatusMethodNotAllowed {
		h["Allow"] = []string{allowedMethods}
	}
	w.WriteHeader(r.Status)
	// The client is told what is wrong if it still listens.
	_, _ = w.Write(r.body()) //nolint:gosec // The text is ours, and JSON.
}
