package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/sallyport/sallyport/internal/client"
	"github.com/sallyport/sallyport/internal/portal/page"
)

// frame is one line of what is streamed to the page: exactly one of its fields
// is set. The first is Request (or Refused), then come Head, Data as often as
// there is any, and End.
type frame struct {
	Refused *refusedFrame `json:"refused,omitempty"`
	Request *sentView     `json:"request,omitempty"`
	Head    *headFrame    `json:"head,omitempty"`
	// Data is a piece of the body, in base64.
	Data []byte    `json:"data,omitempty"`
	End  *endFrame `json:"end,omitempty"`
}

// refusedFrame says why nothing was sent.
type refusedFrame struct {
	Field string `json:"field"`
	Text  string `json:"text"`
}

// headFrame is the answer's head.
type headFrame struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`
	Kind   string `json:"kind"`
	Header []pair `json:"header"`
	// Live says that the body is text, which can be shown as it comes.
	Live bool `json:"live"`
}

// endFrame is what is known when the answer has ended.
type endFrame struct {
	Size    int64      `json:"size"`
	Cut     bool       `json:"cut,omitempty"`
	Error   string     `json:"error,omitempty"`
	Timing  timingView `json:"timing"`
	Trailer []pair     `json:"trailer,omitempty"`
	// Kind, Language and Media say how the body is shown; Pretty is its text
	// where that was indented.
	Kind     kind   `json:"kind,omitempty"`
	Language string `json:"language,omitempty"`
	Media    string `json:"media,omitempty"`
	Pretty   string `json:"pretty,omitempty"`
	// Trace is what the gateway recorded, where that was asked for.
	Trace *traceView `json:"trace,omitempty"`
}

// MarshalJSON writes a pair as an array of two texts.
func (p pair) MarshalJSON() ([]byte, error) { return json.Marshal([2]string{p.Name, p.Value}) }

// frames writes frames, each at once.
type frames struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func newFrames(w http.ResponseWriter) *frames {
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.WriteHeader(http.StatusOK)
	return &frames{w: w, control: http.NewResponseController(w)}
}

func (f *frames) write(one frame) error {
	line, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("encoding a frame: %w", err)
	}
	if _, err := f.w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	if err := f.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("sending a frame: %w", err)
	}
	return nil
}

// stream sends what was filled in and streams request and answer to the page's
// module as frames. Who goes away ends the call.
func (c *console) stream(x *page.Exchange) error {
	p, err := c.place(x)
	if err != nil {
		return err
	}
	// Before the form is read, so that few forms are in memory at one time.
	leave, ok := c.gate.enter(whoIs(x))
	if !ok {
		return errBusy()
	}
	defer leave()
	// A place among the calls is not held by who sends a form byte by byte. A
	// connection without deadlines, as in tests, has nothing to be changed.
	control := http.NewResponseController(x.W)
	_ = control.SetReadDeadline(c.clock.Now().Add(formTimeout))
	out, err := c.readOutgoing(x, p)
	_ = control.SetReadDeadline(c.clock.Now().Add(streamTimeout))
	if r, ok := errors.AsType[*refusal](err); ok {
		return newFrames(x.W).write(frame{Refused: &refusedFrame{r.Field, r.Text}})
	} else if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(x.R.Context(), streamTimeout)
	defer cancel()
	f := newFrames(x.W)
	view := out.view()
	if err := f.write(frame{Request: &view}); err != nil {
		return err
	}
	return c.relay(ctx, x, out, f)
}

// readOutgoing reads the form that the module sent.
func (c *console) readOutgoing(x *page.Exchange, p *place) (*outgoing, error) {
	d, err := readDraft(x.R)
	if err != nil {
		return nil, err
	}
	out, err := c.prepare(x, p, d)
	if client.IsUnavailable(err) {
		return nil, refuse("", "the service behind this portal does not answer; nothing was sent")
	}
	return out, err
}

// relay makes the call and writes its answer as it comes.
func (c *console) relay(ctx context.Context, x *page.Exchange, out *outgoing, f *frames) error {
	answer, watch, err := c.proxy.send(ctx, out)
	if err != nil {
		x.Log().Info("a call of the console had no answer", "error", err.Error())
		return f.write(frame{End: &endFrame{Error: reason(err), Timing: watch.finish().view()}})
	}
	defer answer.Body.Close() //nolint:errcheck // It is only read.
	media := answer.Header.Get("Content-Type")
	head := &headFrame{answer.StatusCode, reasonPhrase(answer), statusKind(answer.StatusCode), headerPairs(answer.Header), isLive(media)}
	if err := f.write(frame{Head: head}); err != nil {
		return err
	}
	end := &endFrame{}
	kept, err := end.copy(f, answer.Body)
	if err != nil {
		return err
	}
	s := show(media, kept)
	end.Kind, end.Language, end.Media = s.Kind, s.Language, s.Media
	if s.Pretty && int64(len(kept)) == end.Size && !isStream(media) {
		end.Pretty = s.Text
	}
	end.Timing, end.Trailer = watch.finish().view(), headerPairs(answer.Trailer)
	end.Trace = c.readTrace(ctx, x, out, answer.Header)
	return f.write(frame{End: end})
}

// copy writes a body as frames, up to maxStreamed, and returns its beginning.
func (e *endFrame) copy(f *frames, body io.Reader) (kept []byte, err error) {
	var buffer bytes.Buffer
	piece := make([]byte, frameBytes)
	for {
		n, err := body.Read(piece)
		if over := e.Size + int64(n) - maxStreamed; over > 0 {
			n -= int(over)
			e.Cut, err = true, io.EOF
		}
		if n > 0 {
			e.Size += int64(n)
			buffer.Write(piece[:min(n, max(0, maxPretty-buffer.Len()))])
			if err := f.write(frame{Data: piece[:n]}); err != nil {
				return nil, err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return buffer.Bytes(), nil
		case errors.Is(err, context.DeadlineExceeded):
			e.Error = "The answer took longer than the console waits. What came of it is shown."
			return buffer.Bytes(), nil
		case err != nil:
			e.Error = "The answer broke off. What came of it is shown."
			return buffer.Bytes(), nil //nolint:nilerr // The page says it; the frames go on to the end.
		}
	}
}

// isLive says whether a media type is text, which is shown as it comes.
func isLive(media string) bool {
	kind, _, err := mime.ParseMediaType(media)
	return err == nil && (strings.HasPrefix(kind, "text/") || languageOf(kind) != "" || isStream(media))
}

// isStream says whether a media type is one of messages that follow each other.
func isStream(media string) bool {
	kind, _, err := mime.ParseMediaType(media)
	return err == nil && (kind == "text/event-stream" || kind == "application/x-ndjson" || kind == "application/jsonl")
}
