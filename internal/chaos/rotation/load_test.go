package rotation

import (
	"crypto/tls"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// clients call at the rate together, in an open loop each.
	clients = 12
	// rate is that of the load, in requests a second.
	rate = 300
	// connectionEvery is after how many requests a client takes a new connection.
	connectionEvery = 10
)

// load is calls that go on until they are stopped.
type load struct {
	in   *installation
	key  atomic.Pointer[string]
	stop chan struct{}
	all  sync.WaitGroup

	calls, failed atomic.Int64
	// shown is the name in the listener's certificate that was seen last, and
	// answered the one in the client's that the backend saw.
	shown, answered atomic.Pointer[string]
	first           atomic.Pointer[string] // failure
}

// begin calls the API with a key, with clients that trust the authority.
func (in *installation) begin(key string) *load {
	l := &load{in: in, stop: make(chan struct{})}
	l.key.Store(&key)
	for range clients {
		l.all.Go(l.run)
	}
	in.t.Cleanup(l.end)
	return l
}

// end stops the calls and waits for them.
func (l *load) end() {
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.all.Wait()
}

// run is one client.
func (l *load) run() {
	var client *http.Client
	ticker := time.NewTicker(time.Second * clients / rate)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-l.stop:
			if client != nil {
				client.CloseIdleConnections()
			}
			return
		case <-ticker.C:
		}
		if n%connectionEvery == 0 {
			if client != nil {
				client.CloseIdleConnections()
			}
			client = l.client()
		}
		l.note(l.call(client, *l.key.Load()))
	}
}

func (l *load) client() *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: l.in.root.pool(), MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 1,
	}}
}

// call makes one call and returns what it failed with, or "".
func (l *load) call(client *http.Client, key string) string {
	r, err := http.NewRequestWithContext(l.in.t.Context(), http.MethodGet, "https://"+l.in.gateway+"/orders/", http.NoBody)
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Ocp-Apim-Subscription-Key", key)
	w, err := client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		return err.Error()
	}
	if w.StatusCode != http.StatusOK {
		return w.Status + " " + string(text)
	}
	name, body := w.TLS.PeerCertificates[0].Subject.CommonName, string(text)
	l.shown.Store(&name)
	l.answered.Store(&body)
	return ""
}

func (l *load) note(failure string) {
	l.calls.Add(1)
	if failure != "" {
		l.failed.Add(1)
		l.first.CompareAndSwap(nil, &failure)
	}
}

// why is the first failure.
func (l *load) why() string {
	if first := l.first.Load(); first != nil {
		return *first
	}
	return "nothing"
}

// once calls with a key and returns the status.
func (in *installation) once(t *testing.T, key string) int {
	t.Helper()
	client := (&load{in: in}).client()
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+in.gateway+"/orders/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Ocp-Apim-Subscription-Key", key)
	w, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Body.Close()
	return w.StatusCode
}
