package console

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestShow(t *testing.T) {
	p := newPortal(t, nil)
	p.user = "ann"
	answer, text := p.do(http.MethodGet, orderPath, nil)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%d: %s", answer.StatusCode, text)
	}
	for _, want := range []string{
		`name="path.id"`, `name="query.size"`, `<option value="l">`, `name="header.X-Trace-Name"`, `The &lt;b&gt;id&lt;/b&gt;.`,
		`&#34;item&#34;: &#34;hat&#34;`, `name="file.picture"`, `My key (product starter)`, `https://gate.invalid/shop`, `Accept: application/json`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	for _, not := range []string{"key-of-ann", "Ended", `value="other"`, "<b>id</b>"} {
		if strings.Contains(text, not) {
			t.Errorf("the page has %s", not)
		}
	}
	if csp := answer.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' https://gate.invalid;") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy: %s", csp)
	}
}

func TestShow_NotFound(t *testing.T) {
	p := newPortal(t, nil)
	for _, path := range []string{"/console/secret/x", "/console/none/order", "/console/shop/none", "/console/shop/order?rev=2", "/console/shop/order?rev=%0d%0a"} {
		if answer, _ := p.do(http.MethodGet, path, nil); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}

func TestSubmit(t *testing.T) {
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Key", r.Header.Get("Ocp-Apim-Subscription-Key")[:3])
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"done":12345678901234567890}`)
	})
	p.user = "ann"
	answer, text := p.post(orderPath, "path.id", "7", "query.size", "l", "media", "application/json", "body", `{"a":1}`,
		"key", "mine", "moreheaders", "X-One: 1\r\nX-Two: 2", "morequery", "q=a b")
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%d: %s", answer.StatusCode, text)
	}
	for _, want := range []string{"201 Created", `&#34;done&#34;: 12345678901234567890`, masked, "https://gate.invalid/shop/orders/7?size=l&amp;q=a%20b"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
	if strings.Contains(text, "key-of-ann") {
		t.Error("the page has the key")
	}
	got := p.gateway.requests()[0]
	if got.Method != http.MethodPost || got.RequestURI != "/shop/orders/7?size=l&q=a%20b" || got.Host != "gate.invalid" {
		t.Errorf("the gateway got %s %s of %s", got.Method, got.RequestURI, got.Host)
	}
	for name, want := range map[string]string{"Ocp-Apim-Subscription-Key": "key-of-ann", "X-One": "1", "X-Two": "2", "Content-Type": "application/json", "Cookie": "", "Test-User": ""} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
	if p.gateway.bodies()[0] != `{"a":1}` {
		t.Errorf("body: %q", p.gateway.bodies()[0])
	}
}

func TestSubmit_Reveals(t *testing.T) {
	p := newPortal(t, nil)
	p.user = "ann"
	if _, text := p.post(orderPath, "path.id", "7", "key", "mine", "reveal", "yes"); !strings.Contains(text, "key-of-ann") {
		t.Error("the key was not shown, and was asked for")
	}
}

func TestSubmit_Refuses(t *testing.T) {
	p := newPortal(t, nil)
	p.user = "ann"
	tests := []struct {
		name  string
		pairs []string
		want  string
	}{
		{"no value", nil, "id has no value"},
		{"another's key", []string{"path.id", "7", "key", "theirs"}, "not yours"},
		{"an ended key", []string{"path.id", "7", "key", "ended"}, "not yours"},
		{"no typed key", []string{"path.id", "7", "key", "typed"}, "type a subscription key"},
		{"a key with a line", []string{"path.id", "7", "key", "typed", "typedkey", "a\nb"}, "no subscription key"},
		{"a token of nobody", []string{"path.id", "7", "token", "x"}, "has ended"},
		{"host", []string{"path.id", "7", "moreheaders", "Host: evil"}, "set by the console"},
		{"media type", []string{"path.id", "7", "media", "a/b; c"}, "no media type"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, text := p.post(orderPath, test.pairs...)
			if answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, test.want) {
				t.Errorf("%d, and not %q", answer.StatusCode, test.want)
			}
		})
	}
	if n := len(p.gateway.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if p.plane.wasAsked("POST subscriptions/theirs/listSecrets") {
		t.Error("another's key was read")
	}
}

func TestStream_Multipart(t *testing.T) {
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.WriteString(w, r.Header.Get("Content-Type")[:19])
		w.Header().Set("X-Sum", "9")
	})
	list := p.send(orderPath, "path.id", "7", "media", "multipart/form-data", "form.note", "hi", "@file.picture", "\x00\x01")
	if body(list) != "multipart/form-data" {
		t.Errorf("body %q", body(list))
	}
	end := list[len(list)-1].End
	if end == nil || end.Size != 19 || len(end.Trailer) != 1 || end.Trailer[0] != [2]string{"X-Sum", "9"} {
		t.Errorf("end: %+v", end)
	}
	sent := p.gateway.bodies()[0]
	for _, want := range []string{`name="note"`, "hi", `name="picture"; filename="file.bin"`, "\x00\x01"} {
		if !strings.Contains(sent, want) {
			t.Errorf("the form does not have %q", want)
		}
	}
}

// TestStream_AsItComes holds an answer half-way: what was sent so far is there
// before the rest is.
func TestStream_AsItComes(t *testing.T) {
	more := make(chan struct{})
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: one\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "data: two\n\n")
	})
	fields, media := form(t, "path.path", "a")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/console/shop/files/send", fields)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("X-CSRF-Token", p.token("/console/shop/files"))
	answer, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // It is only read.
	var read strings.Builder
	piece := make([]byte, 4096)
	for !strings.Contains(read.String(), `"data":"ZGF0YTogb25lCgo="`) {
		n, err := answer.Body.Read(piece)
		if err != nil {
			t.Fatalf("after %q: %v", read.String(), err)
		}
		read.Write(piece[:n])
	}
	if strings.Contains(read.String(), `"end"`) {
		t.Error("the answer has ended already")
	}
	close(more)
	if _, err := io.Copy(&read, answer.Body); err != nil || !strings.Contains(read.String(), `"end":{"size":22`) {
		t.Errorf("the end: %v %s", err, read.String())
	}
}

func TestStream_Refuses(t *testing.T) {
	p := newPortal(t, nil)
	list := p.send(orderPath, "path.id", "..")
	if len(list) != 1 || list[0].Refused == nil || list[0].Refused.Field != "path.id" {
		t.Errorf("frames: %+v", list)
	}
	fields, media := form(t, "path.id", "7")
	if answer, _ := p.do(http.MethodPost, orderPath+"/send", fields, "Content-Type", media); answer.StatusCode != http.StatusForbidden {
		t.Errorf("without the token: %d", answer.StatusCode)
	}
	if n := len(p.gateway.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestRedirectIsShown(t *testing.T) {
	elsewhere := newListener(t, nil)
	p := newPortal(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/x", http.StatusFound)
	})
	list := p.send(orderPath, "path.id", "7")
	if list[1].Head == nil || list[1].Head.Status != http.StatusFound {
		t.Errorf("head: %+v", list[1].Head)
	}
	if len(elsewhere.requests()) != 0 {
		t.Error("a redirect was followed")
	}
}

func TestGatewayAway(t *testing.T) {
	p := newPortal(t, nil)
	p.gateway.Close()
	list := p.send(orderPath, "path.id", "7")
	end := list[len(list)-1].End
	if end == nil || end.Error != "The gateway could not be reached. Nothing was sent." {
		t.Errorf("end: %+v", end)
	}
	if _, text := p.post(orderPath, "path.id", "7"); !strings.Contains(text, "The gateway could not be reached.") || strings.Contains(text, "127.0.0.1:") && strings.Contains(text, p.gateway.Listener.Addr().String()) {
		t.Error("the page does not say it, or names the internal address")
	}
}

// TestPlaneAway has the management plane go away between two pages.
func TestPlaneAway(t *testing.T) {
	p := newPortal(t, nil)
	p.user = "ann"
	token := p.token(orderPath)
	p.plane.fails(true)
	answer, text := p.do(http.MethodGet, orderPath, nil)
	if answer.StatusCode != http.StatusOK || !strings.Contains(text, "does not answer right now") || !strings.Contains(text, `name="path.id"`) {
		t.Errorf("the page: %d", answer.StatusCode)
	}
	fields, media := form(t, "csrf", token, "path.id", "7", "key", "mine")
	if answer, text = p.do(http.MethodPost, orderPath, fields, "Content-Type", media); answer.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(text, "your key could not be read") {
		t.Errorf("with a key that cannot be read: %d", answer.StatusCode)
	}
	fields, media = form(t, "csrf", token, "path.id", "7", "key", "typed", "typedkey", "k")
	if answer, text = p.do(http.MethodPost, orderPath, fields, "Content-Type", media); answer.StatusCode != http.StatusOK || !strings.Contains(text, "200 OK") {
		t.Errorf("with a typed key: %d", answer.StatusCode)
	}
}

func TestGate(t *testing.T) {
	g := newGate()
	var leaves []func()
	for range maxCallsEach {
		leave, ok := g.enter("ann")
		if !ok {
			t.Fatal("refused below the limit")
		}
		leaves = append(leaves, leave)
	}
	if _, ok := g.enter("ann"); ok {
		t.Error("a call beyond maxCallsEach")
	}
	if leave, ok := g.enter("bob"); !ok {
		t.Error("another visitor was refused")
	} else {
		leave()
	}
	leaves[0]()
	if _, ok := g.enter("ann"); !ok {
		t.Error("refused after one ended")
	}
	g = newGate()
	for i := range maxCalls {
		if _, ok := g.enter(strings.Repeat("x", i)); !ok {
			t.Fatal("refused below maxCalls")
		}
	}
	if _, ok := g.enter("y"); ok {
		t.Error("a call beyond maxCalls")
	}
}
