package upstream

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/message"
)

// takeResponse makes a backend's answer the call's response.
func takeResponse(dst *message.Response, src *http.Response, cancel context.CancelCauseFunc) {
	dst.Status = src.StatusCode
	if _, phrase, ok := strings.Cut(src.Status, " "); ok {
		dst.Reason = phrase
	}
	connection := src.Header["Connection"]
	for name, values := range src.Header {
		n := message.NameOf(name)
		if dropsResponse(n) || nominated(connection, name) {
			continue
		}
		for _, v := range values {
			dst.Header.Add(n, v)
		}
	}
	if src.StatusCode == http.StatusSwitchingProtocols {
		takeUpgrade(dst, src, cancel)
		return
	}
	dst.Body.SetStream(&responseBody{source: src, into: dst, cancel: cancel}, src.ContentLength)
}

// takeUpgrade takes the connection of an answer that changes the protocol.
func takeUpgrade(dst *message.Response, src *http.Response, cancel context.CancelCauseFunc) {
	connection, ok := src.Body.(io.ReadWriteCloser)
	if !ok {
		dst.Body.SetStream(&responseBody{source: src, into: dst, cancel: cancel}, 0)
		return
	}
	dst.Upgraded = &upgraded{ReadWriteCloser: connection, cancel: cancel}
	if p := src.Header.Get("Upgrade"); p != "" {
		dst.Header.Set(message.Upgrade, p)
	}
}

// upgraded is a backend's connection that ends its context when it is closed.
type upgraded struct {
	io.ReadWriteCloser
	cancel context.CancelCauseFunc
}

// Close closes the connection.
func (u *upgraded) Close() error {
	defer u.cancel(nil)
	return u.ReadWriteCloser.Close()
}

// dropsResponse reports whether a field of an answer concerns one connection
// only.
func dropsResponse(n message.Name) bool {
	for _, h := range hopByHop {
		if n.Is(h) {
			return true
		}
	}
	return false
}

// nominated reports whether a Connection field names another field.
func nominated(connection []string, name string) bool {
	for _, line := range connection {
		for token := range strings.SplitSeq(line, ",") {
			if message.EqualFold(strings.TrimSpace(token), name) {
				return true
			}
		}
	}
	return false
}

// responseBody is the backend's body on its way to the client. At its end it
// takes over the trailer.
type responseBody struct {
	source *http.Response
	into   *message.Response
	cancel context.CancelCauseFunc
	done   bool
}

// Read reads from the backend.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.source.Body.Read(p)
	if err == io.EOF && !b.done { //nolint:errorlint // io.Reader returns io.EOF itself.
		b.done = true
		for name, values := range b.source.Trailer {
			for _, v := range values {
				b.into.Trailer.Add(message.NameOf(name), v)
			}
		}
	}
	return n, err
}

// Close ends the exchange with the backend.
func (b *responseBody) Close() error {
	defer b.cancel(nil)
	return b.source.Body.Close()
}
