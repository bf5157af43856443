package http1

import (
	"bytes"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// WebSocket is the one protocol that a connection can be changed to.
const WebSocket = "websocket"

// span is one field line: where its name and its value are.
type span struct{ name, nameEnd, value, valueEnd int32 }

// readField checks a field line without its line end (RFC 9112 §5), which
// begins at an offset of the head.
func readField(text []byte, at int) (span, *Refusal) {
	if isSpace(text[0]) {
		return span{}, RefusedFold
	}
	colon := bytes.IndexByte(text, ':')
	if colon <= 0 || !tokenBytes.all(text[:colon]) {
		return span{}, RefusedFieldName
	}
	value := text[colon+1:]
	if !allValue(value) {
		if bytes.IndexByte(value, '\r') >= 0 {
			return span{}, RefusedBareCR
		}
		return span{}, RefusedFieldValue
	}
	from, to := colon+1, len(text)
	for from < to && isSpace(text[from]) {
		from++
	}
	for to > from && isSpace(text[to-1]) {
		to--
	}
	// A head is far shorter than what 32 bits can count.
	return span{int32(at), int32(at + colon), int32(at + from), int32(at + to)}, nil //nolint:gosec // See above.
}

// twins are the names that a server behind the gateway may take for one that
// frames a message, says who sent it, or lets it in, because CGI and its
// descendants turn both "-" and "_" into "_".
var twins = [...]message.Name{
	message.ContentLength, message.TransferEncoding, message.KeepAlive, message.ProxyConnection,
	message.ProxyAuthorization, message.XForwardedFor, message.XForwardedHost, message.XForwardedProto,
	message.NameOf("X-Real-IP"), message.NameOf("X-Original-URL"), message.NameOf("X-Rewrite-URL"),
	message.SubscriptionKey, message.NameOf("Content-Type"),
}

// maxTwinBytes is the length of the longest name in twins.
const maxTwinBytes = 32

// IsTwin reports whether a name becomes one of twins when its underscores are
// read as hyphens.
func IsTwin(name string) bool {
	if len(name) > maxTwinBytes || strings.IndexByte(name, '_') < 0 {
		return false
	}
	plain := message.NameOf(strings.ReplaceAll(name, "_", "-"))
	for _, t := range twins {
		if plain.Is(t) {
			return true
		}
	}
	return false
}
