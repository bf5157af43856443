package console

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/asset"
	"github.com/sallyport/sallyport/internal/portal/catalogue"
	"github.com/sallyport/sallyport/internal/portal/page"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// portal is a portal with a console, a management plane and a gateway.
type portal struct {
	*httptest.Server
	t       *testing.T
	plane   *plane
	gateway *listener
	client  *http.Client
	user    string
	n       int
}

// sessions takes the visitor from a header: tests are whom they say they are.
type sessions struct{}

func (sessions) Find(_ http.ResponseWriter, r *http.Request) page.Found {
	user := r.Header.Get("Test-User")
	if c, err := r.Cookie("test-user"); err == nil {
		user = c.Value
	}
	if user == "" {
		return page.Found{Visitor: page.Guest()}
	}
	v := page.Visitor{User: user, Name: user, Session: "s-" + user, Groups: []string{"developers"}, Admin: user == "root"}
	return page.Found{Visitor: v, Secret: []byte("secret of " + user)}
}

// newPortal starts a portal whose gateway answers with a handler. The public URL
// of the gateway is one that no name leads to: only the internal address does.
func newPortal(t *testing.T, answer http.HandlerFunc, change ...func(*Options, *plane)) *portal {
	t.Helper()
	p := &portal{t: t, gateway: newListener(t, answer)}
	p.plane = newPlane("https://gate.invalid")
	c, err := client.New(client.Options{Service: testService, Transport: p.plane})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Client: c, Gateway: mustURL(t, p.gateway.URL)}
	for _, f := range change {
		f(&o, p.plane)
	}
	ctx, cancel := context.WithCancel(t.Context())
	shown, err := catalogue.Follow(ctx, catalogue.Options{Client: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); <-shown.Done() })
	o.Catalogue = shown
	p.Server = httptest.NewUnstartedServer(nil)
	site, err := page.New(page.Options{
		URL: mustURL(t, "http://"+p.Listener.Addr().String()), Client: c, Sessions: sessions{},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Sections:       append(asset.Sections(), New(o)),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Config.Handler = site
	p.Start()
	t.Cleanup(p.Close)
	p.client = p.Client()
	jar := &cookies{}
	p.client.Jar = jar
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p
}

// cookies keeps all cookies for everybody.
type cookies struct{ kept []*http.Cookie }

func (c *cookies) SetCookies(_ *url.URL, set []*http.Cookie) { c.kept = append(c.kept, set...) }
func (c *cookies) Cookies(*url.URL) []*http.Cookie           { return c.kept }

func (p *portal) do(method, path string, body io.Reader, header ...string) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.URL+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.user != "" {
		req.Header.Set("Test-User", p.user)
	}
	// Each number is a client of its own behind a proxy that is believed.
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("192.0.2.%d", p.n%250+1))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	answer, err := p.client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // It is only read.
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer, string(raw)
}

var tokenInForm = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// token is what forms of the page at a path are sent with.
func (p *portal) token(path string) string {
	p.t.Helper()
	_, text := p.do(http.MethodGet, path, nil)
	found := tokenInForm.FindStringSubmatch(text)
	if found == nil {
		p.t.Fatalf("the page %s has no form: %.2000s", path, text)
	}
	return found[1]
}

// form writes a form as browsers do. A name that begins with "@" is a file.
func form(t *testing.T, pairs ...string) (body *bytes.Buffer, media string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for i := 0; i < len(pairs); i += 2 {
		var err error
		if name, isFile := strings.CutPrefix(pairs[i], "@"); isFile {
			var part io.Writer
			if part, err = w.CreateFormFile(name, "file.bin"); err == nil {
				_, err = io.WriteString(part, pairs[i+1])
			}
		} else {
			err = w.WriteField(pairs[i], pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

const orderPath = "/console/shop/order"

// post sends the console's form without modules.
func (p *portal) post(path string, pairs ...string) (*http.Response, string) {
	p.t.Helper()
	body, media := form(p.t, append([]string{"csrf", p.token(path)}, pairs...)...)
	return p.do(http.MethodPost, path, body, "Content-Type", media)
}

// received is a frame as the page's module reads it.
type received struct {
	Refused *refusedFrame `json:"refused"`
	Request *struct {
		Method string      `json:"method"`
		URL    string      `json:"url"`
		Header [][2]string `json:"header"`
	} `json:"request"`
	Head *struct {
		Status int         `json:"status"`
		Header [][2]string `json:"header"`
	} `json:"head"`
	Data []byte `json:"data"`
	End  *struct {
		Size    int64       `json:"size"`
		Error   string      `json:"error"`
		Trailer [][2]string `json:"trailer"`
		Trace   *traceView  `json:"trace"`
	} `json:"end"`
}

// send sends the console's form as its module does, and reads the frames.
func (p *portal) send(path string, pairs ...string) []received {
	p.t.Helper()
	body, media := form(p.t, pairs...)
	answer, text := p.do(http.MethodPost, path+"/send", body, "Content-Type", media, "X-CSRF-Token", p.token(path))
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/x-ndjson") {
		p.t.Fatalf("sending: %d %.500s", answer.StatusCode, text)
	}
	var list []received
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var f received
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			p.t.Fatalf("the frame %.200q: %v", lines.Text(), err)
		}
		list = append(list, f)
	}
	return list
}

// body joins the pieces of a body.
func body(list []received) string {
	var b strings.Builder
	for _, f := range list {
		b.Write(f.Data)
	}
	return b.String()
}
