package upstream

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/gateway/http1/client"
	"github.com/sallyport/sallyport/internal/message"
	"github.com/sallyport/sallyport/internal/policy"
)

// engines are what speaks with backends.
var engines = map[string]Engine{"own": EngineOwn, "standard": EngineStandard}

// hint is an interim answer.
const hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nProxy-Authenticate: x\r\n\r\n"

// exchangeInterim has a backend answer with a text, and returns what a client gets
// for one request: lines with the status and the Link of each answer, and the body.
func exchangeInterim(t *testing.T, e Engine, protocol, text string) string {
	t.Helper()
	g := newRig(t, Options{Engine: e})
	address := g.gateway(t, scriptedBackend(t, []string{text}), &policy.DefaultForward)
	c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "GET /0 HTTP/"+protocol+"\r\nHost: a\r\nConnection: close\r\n\r\n")
	data, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	in := bufio.NewReader(strings.NewReader(string(data)))
	for {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("%v in %q", err, data)
		}
		for _, name := range []string{"X-Mine", "Keep-Alive", "Content-Length"} {
			if answer.StatusCode < 200 && answer.Header.Get(name) != "" {
				t.Errorf("an interim answer has the field %s", name)
			}
		}
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprint(answer.StatusCode, " ", answer.Header.Get("Link"))))
		if answer.StatusCode >= 200 {
			body, _ := io.ReadAll(answer.Body)
			return b.String() + string(body)
		}
	}
}

// TestInterimAnswers passes interim answers on to clients of HTTP/1.
func TestInterimAnswers(t *testing.T) {
	const final = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
	none, failed := "200\nok", "500\n"
	tests := []struct {
		name, protocol, text, want string
	}{
		{"one", "1.1", hint + final, "103 </a>\n" + none},
		{"several", "1.1", hint + "HTTP/1.1 102 Processing\r\n\r\n" + hint + final, "103 </a>\n102\n103 </a>\n" + none},
		{"100 is the gateway's own", "1.1", "HTTP/1.1 100 Continue\r\n\r\n" + final, none},
		{"a status without a name", "1.1", "HTTP/1.1 104 X\r\nLink: b\r\n\r\n" + final, "104 b\n" + none},
		{"to HTTP/1.0", "1.0", hint + hint + final, none},
		{"as many as there may be", "1.1", strings.Repeat("HTTP/1.1 102 P\r\n\r\n", client.MaxInterim) + final, strings.Repeat("102\n", policy.MaxInterim) + none},
		{"too many", "1.1", strings.Repeat("HTTP/1.1 102 P\r\n\r\n", client.MaxInterim+1) + final, strings.Repeat("102\n", policy.MaxInterim) + failed},
		{"too many of 100", "1.1", strings.Repeat("HTTP/1.1 100 C\r\n\r\n", client.MaxInterim+1) + final, failed},
		{"more than is passed on", "1.1", "HTTP/1.1 103 E\r\nLink: " + strings.Repeat("x", policy.MaxInterimBytes) + "\r\n\r\n" + hint + final, "103 </a>\n" + none},
		{"larger than a head may be", "1.1", "HTTP/1.1 103 E\r\nLink: " + strings.Repeat("x", 2*MaxResponseHeader) + "\r\n\r\n" + final, failed},
		{"more fields than there may be", "1.1", "HTTP/1.1 103 E\r\n" + manyFields() + "\r\n" + final, failed},
		{"behind the final answer", "1.1", final + hint, none},
		{"and no final answer", "1.1", hint, "103 </a>\n" + failed},
	}
	for name, e := range engines {
		for _, test := range tests {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				got := exchangeInterim(t, e, test.protocol, test.text)
				if strings.HasPrefix(test.want, failed) || strings.HasSuffix(test.want, "\n"+failed) {
					at := strings.Index(got, failed)
					got = got[:max(at, 0)] + failed // What else is said is not looked at.
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// manyFields are more fields than an answer may have.
func manyFields() string {
	var b strings.Builder
	for i := range MaxResponseFields + 1 {
		fmt.Fprintf(&b, "X%d: 1\r\n", i)
	}
	return b.String()
}

// TestInterimAnswersOfHTTP2 passes interim answers of backends of HTTP/1 and
// HTTP/2 on to clients of HTTP/2, while the final answer is waited for.
func TestInterimAnswersOfHTTP2(t *testing.T) {
	come := make(chan struct{}, 1)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		<-come // It is of use only if it comes before the final one.
		w.WriteHeader(http.StatusOK)
	}))
	backend.Config.Protocols = protocols
	backend.Start()
	defer backend.Close()
	toHTTP2 := policy.DefaultForward
	toHTTP2.Version = policy.HTTP2
	for name, o := range map[string]*policy.ForwardOptions{"HTTP/1": &policy.DefaultForward, "HTTP/2": &toHTTP2} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, Options{})
			visiting := new(http.Protocols)
			visiting.SetUnencryptedHTTP2(true)
			transport := &http.Transport{Protocols: visiting}
			defer transport.CloseIdleConnections()
			told := ""
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				told += fmt.Sprint(code, " ", h.Get("Link"))
				come <- struct{}{}
				return nil
			}})
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.gateway(t, backend.URL, o), http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := (&http.Client{Transport: transport, Timeout: patience}).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if told != "103 </a>" || answer.StatusCode != http.StatusOK {
				t.Errorf("told %q before %d", told, answer.StatusCode)
			}
		})
	}
}

// absent is a client that cannot be told anything.
type absent struct{}

func (absent) Inform(int, *message.Header) error {
	return &message.ClientError{Err: io.ErrClosedPipe}
}
func (absent) Respond(*message.Response) (message.Sent, error) { return message.Sent{}, nil }

// TestInterimToNobody ends the call as the client's failure, not the backend's.
func TestInterimToNobody(t *testing.T) {
	for name, e := range engines {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, Options{Engine: e})
			c := g.call(t, http.MethodGet, scriptedBackend(t, []string{hint + rawAnswer})+"/0")
			defer c.Reset()
			c.Interim.To = absent{}
			_, err := g.forward(c, &policy.DefaultForward)
			if failed, ok := err.(*message.ClientError); !ok || failed.Err != io.ErrClosedPipe { //nolint:errorlint // They are returned as they are.
				t.Errorf("failed with %v, want the client's failure", err)
			}
		})
	}
}

// TestInterimLate tells of interim answers when the exchange is over: they are
// dropped, and nothing of the call is touched.
func TestInterimLate(t *testing.T) {
	c := &policy.Call{}
	c.Interim.To = absent{}
	i := newInterim(c, func(error) { t.Error("cancelled") })
	if err := i.end(); err != nil {
		t.Error(err)
	}
	if err := i.got(103, nil); err != nil || i.queue != nil {
		t.Errorf("an interim answer that came late was taken: %v", err)
	}
}

// TestInterimAnswersToCurl has a client read them that we did not write.
func TestInterimAnswersToCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("SKIPPED: curl is not installed")
	}
	for name, e := range engines {
		g := newRig(t, Options{Engine: e})
		address := g.gateway(t, scriptedBackend(t, []string{hint + hint + rawAnswer}), &policy.DefaultForward)
		for _, version := range []string{"--http1.0", "--http1.1", "--http2-prior-knowledge"} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			out, err := exec.CommandContext(ctx, curl, "-sS", "-i", version, address+"/0").Output()
			cancel()
			if err != nil {
				t.Fatalf("%s %s: %v", name, version, err)
			}
			got := strings.Count(string(out), " 103")
			if want := map[bool]int{true: 0, false: 2}[version == "--http1.0"]; got != want || !strings.HasSuffix(string(out), `{"ok":true}`) {
				t.Errorf("%s %s: %d interim answers, want %d, in\n%s", name, version, got, want, out)
			}
		}
	}
}
