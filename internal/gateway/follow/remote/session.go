package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport/sallyport/internal/clock"
	"github.com/sallyport/sallyport/internal/gateway/follow"
	"github.com/sallyport/sallyport/internal/snapshot/feed"
)

// readBuffer is the size of the buffer that frames are read through, in bytes.
const readBuffer = 64 << 10

// session is one feed, from its request to its end.
type session struct {
	c     *Client
	at    *url.URL
	whole bool // ask for a whole document
	begun time.Time
	hello feed.Hello
	alive clock.Timer
}

// errSilent is why a feed is given up that says nothing.
var errSilent = errors.New("the management plane has said nothing for three beats")

// run follows one feed until it ends; the error says why.
func (s *session) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := s.ask(ctx)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // It is hung up.
	s.alive = s.c.o.Clock.AfterFunc(feed.MissedBeats*feed.Beat, func() { cancel(errSilent) })
	defer s.alive.Stop()
	err = s.read(ctx, response.Body)
	if errors.Is(context.Cause(ctx), errSilent) {
		return errSilent
	}
	return err
}

// ask sends the request for the feed.
func (s *session) ask(ctx context.Context) (*http.Response, error) {
	r, err := s.c.request(ctx, http.MethodGet, s.at, feed.ConfigurationPath, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set(feed.HeaderFormats, "1")
	if p, ok := s.c.o.Target.Position(); ok && !s.whole {
		r.Header.Set(feed.HeaderLineage, p.Lineage)
		r.Header.Set(feed.HeaderRevision, strconv.FormatUint(p.Revision, 10))
		r.Header.Set(feed.HeaderDigest, p.Digest.String())
	}
	response, err := s.c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("calling the management plane: %w", unwrapURL(err))
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close() //nolint:errcheck // What was to be read has been.
		return nil, refusal(response)
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != feed.MediaType {
		_ = response.Body.Close() // It is of no use.
		return nil, fmt.Errorf("what answers is no management plane: its answer is %q", response.Header.Get("Content-Type"))
	}
	return response, nil
}

// request makes a request with what all of them carry.
func (c *Client) request(ctx context.Context, method string, at *url.URL, path string, body io.Reader) (*http.Request, error) {
	token, err := c.o.Token()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String()+path, body)
	if err != nil {
		return nil, fmt.Errorf("calling the management plane: %w", err)
	}
	r.Header.Set("Authorization", feed.TokenScheme+" "+token)
	r.Header.Set(feed.HeaderInstance, c.o.Instance)
	r.Header.Set(feed.HeaderRelease, c.o.Release)
	if c.o.Service != "" {
		r.Header.Set(feed.HeaderService, c.o.Service)
	}
	c.mu.Lock()
	c.state.gateway = Gateway(token)
	c.mu.Unlock()
	return r, nil
}

// unwrapURL takes the URL off an error, which is logged beside it.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// refusal reads an answer that is no feed.
func refusal(response *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, MaxRefusal)) // What was read is told.
	var said struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	text := strings.ToValidUTF8(strings.TrimSpace(string(body)), "?")
	if json.Unmarshal(body, &said) == nil && said.Error.Message != "" {
		text = said.Error.Message
	}
	const most = 300
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	e := &retryError{status: response.StatusCode, text: fmt.Sprintf("the management plane answers %d: %s", response.StatusCode, text)}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.after = time.Duration(min(seconds, int(feed.MaxRetryAfter/time.Second))) * time.Second
	}
	return e
}

// read takes frames until the feed ends.
func (s *session) read(ctx context.Context, body io.Reader) error {
	frames := feed.NewReader(bufio.NewReaderSize(&noting{s, body}, readBuffer))
	first, err := frames.Read()
	if err != nil {
		return ended(err)
	}
	if s.hello, err = feed.DecodeHello(first.Payload); err != nil {
		return err
	}
	s.begun = s.c.o.Clock.Now()
	s.c.connected(s)
	beats, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.c.beat(beats, s)
	}()
	defer func() {
		stop()
		<-done
	}()
	for {
		f, err := frames.Read()
		if err != nil {
			return ended(err)
		}
		if err := s.take(f); err != nil {
			return err
		}
		s.note()
	}
}

// ended describes the end of a feed.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the management plane has hung up")
	}
	return err
}

// noting notes that the other side is alive whenever bytes come: a large document
// may take longer than three beats.
type noting struct {
	s *session
	r io.Reader
}

// Read reads.
func (n *noting) Read(p []byte) (int, error) {
	count, err := n.r.Read(p)
	if count > 0 {
		n.s.note()
	}
	return count, err
}

// note notes that the other side is alive.
func (s *session) note() {
	beat := feed.Beat
	if s.hello.BeatSeconds > 0 {
		beat = time.Duration(s.hello.BeatSeconds) * time.Second
	}
	s.alive.Reset(feed.MissedBeats * beat)
	s.c.contact()
}

// take takes a frame. While it is compiled nothing is read, so that silence then
// means nothing.
func (s *session) take(f feed.Frame) error {
	s.alive.Stop()
	target := s.c.o.Target
	switch f.Type {
	case feed.TypeDocument:
		digest, file, err := feed.SplitDocument(f.Payload)
		if err != nil {
			return err
		}
		s.c.counts.documents.Add(1)
		if err := target.Replace(s.hello.Lineage, digest, file); err != nil {
			return fmt.Errorf("taking a document of the feed: %w", err)
		}
	case feed.TypeDelta:
		if p, ok := target.Position(); !ok || p.Lineage != s.hello.Lineage {
			return fmt.Errorf("%w: it is of another lineage", follow.ErrDiverged)
		}
		s.c.counts.deltas.Add(1)
		if err := target.Advance(f.Payload); err != nil {
			return fmt.Errorf("taking a change of the feed: %w", err)
		}
	case feed.TypeCurrent:
		return s.compare(f.Payload)
	case feed.TypeBye:
		bye, err := feed.DecodeBye(f.Payload)
		if err != nil {
			return err
		}
		return &retryError{after: time.Duration(bye.RetryAfterSeconds) * time.Second, text: "the management plane has ended the feed: " + bye.Reason}
	default:
	}
	s.c.applied()
	return nil
}

// compare compares what the gateway has with what it should have.
func (s *session) compare(payload []byte) error {
	current, err := feed.DecodeCurrent(payload)
	if err != nil {
		return err
	}
	p, ok := s.c.o.Target.Position()
	if !ok || p.Lineage != s.hello.Lineage || p.Revision != current.Revision || p.Digest.String() != current.Digest {
		return fmt.Errorf("%w: the gateway has revision %d where the management plane has %d, or another one of it",
			follow.ErrDiverged, p.Revision, current.Revision)
	}
	return nil
}
