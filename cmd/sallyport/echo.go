package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxEchoBody bounds the body that the echo backend sends back.
const maxEchoBody = 1 << 20

// echoAnswer is what the echo backend answers.
type echoAnswer struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Header http.Header `json:"header"`
	Body   string      `json:"body,omitempty"`
}

// echoPath ends the URL of the built-in backend, by which it is known in the
// store.
const echoPath = "/sallyport-echo"

// startEcho starts the backend of the example's Echo API at an address, or on a
// free port of this machine where that is taken, and returns its URL.
func startEcho(ctx context.Context, address string) (url string, stop func(), err error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", address)
	if err != nil {
		l, err = c.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return "", nil, fmt.Errorf("starting the backend of the Echo API: %w", err)
	}
	s := &http.Server{Handler: http.StripPrefix(echoPath, http.HandlerFunc(echo)), ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // It ends with Close.
	}()
	return "http://" + l.Addr().String() + echoPath, func() {
		_ = s.Close() // Nothing of value is under way.
		<-done
	}, nil
}

// echo answers with what it was sent.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxEchoBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	// A caller that has gone away gets no answer, and there is no one else to tell.
	answer := echoAnswer{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: string(body)}
	_ = encoder.Encode(answer) //nolint:errchkjson // See above.
}
