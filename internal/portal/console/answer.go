package console

import (
	"context"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/portal/page"
)

// sentView is a request as it was sent, with what is secret masked.
type sentView struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Header []pair `json:"header"`
	// Body is the body's text, shortened; Size is its length in bytes.
	Body     string `json:"body,omitempty"`
	Language string `json:"language,omitempty"`
	Size     int    `json:"size"`
	Binary   bool   `json:"binary,omitempty"`
	Curl     string `json:"curl"`
}

// maxSentShown bounds how much of the body of a request is shown.
const maxSentShown = 64 << 10

// view is the request as it is shown.
func (o *outgoing) view() sentView {
	v := sentView{Method: o.Method, URL: o.hide(o.URL.String()), Size: len(o.Body)}
	for _, f := range o.Header {
		v.Header = append(v.Header, pair{f.Name, o.hide(f.Value)})
	}
	switch {
	case len(o.Body) == 0:
	case isText(o.Body):
		v.Body = o.hide(string(o.Body[:min(len(o.Body), maxSentShown)]))
		v.Language = languageOf(strings.Split(fieldOf(o.Header, "Content-Type"), ";")[0])
	default:
		v.Binary = true
	}
	v.Curl = curl(v)
	return v
}

// timingView is what a call took, in milliseconds.
type timingView struct {
	Lookup    float64 `json:"lookup"`
	Connect   float64 `json:"connect"`
	Handshake float64 `json:"handshake"`
	FirstByte float64 `json:"firstByte"`
	Total     float64 `json:"total"`
}

func (t timing) view() timingView {
	ms := func(d time.Duration) float64 {
		return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
	}
	return timingView{ms(t.Lookup), ms(t.Connect), ms(t.Handshake), ms(t.FirstByte), ms(t.Total)}
}

// answerView is an answer in the page.
type answerView struct {
	Sent    sentView
	Status  int
	Reason  string
	Kind    string
	Header  []pair
	Trailer []pair
	Size    int64
	Cut     bool
	Timing  timingView
	Shown   shown
	// Data is the body as the address of a picture or of a download, made here.
	Data  template.URL
	Error string
	Trace *traceView
}

// callWhole sends a request and reads its answer whole, as far as it is shown.
func (c *console) callWhole(ctx context.Context, x *page.Exchange, out *outgoing) *answerView {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	v := &answerView{Sent: out.view()}
	answer, watch, err := c.proxy.send(ctx, out)
	if err != nil {
		x.Log().Info("a call of the console had no answer", "error", err.Error())
		v.Error, v.Timing = reason(err), watch.finish().view()
		return v
	}
	defer answer.Body.Close() //nolint:errcheck // It is only read.
	body, cut, err := readBounded(answer.Body, maxShown)
	if err != nil {
		v.Error = "The answer broke off. What came of it is shown."
	}
	v.Status, v.Reason, v.Kind = answer.StatusCode, reasonPhrase(answer), statusKind(answer.StatusCode)
	v.Header, v.Trailer = headerPairs(answer.Header), headerPairs(answer.Trailer)
	v.Size, v.Cut, v.Timing = int64(len(body)), cut, watch.finish().view()
	v.Shown = show(answer.Header.Get("Content-Type"), body)
	v.Trace = c.readTrace(ctx, x, out, answer.Header)
	switch v.Shown.Kind {
	case kindImage:
		v.Data = dataURL(v.Shown.Media, body)
	case kindBinary:
		v.Data = dataURL("application/octet-stream", body)
	}
	return v
}

// dataURL is a body as an address. The media type is one of ours, and base64 has
// no character that means anything in HTML.
func dataURL(media string, body []byte) template.URL {
	return template.URL("data:" + media + ";base64," + base64.StdEncoding.EncodeToString(body)) //nolint:gosec // See above.
}

// reasonPhrase is what the answer's status line says, or the usual words.
func reasonPhrase(r *http.Response) string {
	phrase := strings.TrimSpace(strings.TrimPrefix(r.Status, strconv.Itoa(r.StatusCode)))
	if phrase == "" {
		phrase = http.StatusText(r.StatusCode)
	}
	return shorten(phrase, 100)
}

// statusKind is the colour of a status, which is shown beside its number.
func statusKind(status int) string {
	switch status / 100 {
	case 2:
		return "success"
	case 3:
		return "info"
	case 4:
		return "warning"
	}
	return "danger"
}
