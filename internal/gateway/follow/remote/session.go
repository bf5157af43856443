package remote

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
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
		return nil, calling(err)
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

// calling describes a call that had no answer.
func calling(err error) error {
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return fmt.Errorf("calling the management plane: %w; --control-ca names the file with the authorities of its certificate", unwrapURL(err))
	}
	return fmt.Errorf("calling the management plane: %w", unwrapURL(err))
}

// unwrapURL takes the URL off an error, which is logged beside it.
func unwrapURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
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
func (s *session) read(ctx context.Context, body io.ReadCloser) error {
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
	during, stop := context.WithCancel(ctx)
	var beats sync.WaitGroup
	beats.Go(func() { s.c.beat(during, s) })
	queue := s.ahead(during, frames)
	err = s.takeAll(ctx, queue)
	stop()
	_ = body.Close() // What comes is of no use any more.
	for range queue {
		continue // It ends when the reader has.
	}
	beats.Wait()
	return err
}

// arrived is a frame, or why there is none.
type arrived struct {
	frame feed.Frame
	err   error
	taken chan struct{} // Closed when it has been taken; nil for small ones.
}

// ahead reads frames while others are taken, so that what piles up is taken at
// once. It reads no further than the limits say, and the feed's silence counts
// only while it reads.
func (s *session) ahead(ctx context.Context, frames *feed.Reader) <-chan arrived {
	queue := make(chan arrived, MaxAhead)
	go func() {
		defer close(queue)
		for {
			f, err := frames.Read()
			s.alive.Stop()
			one := arrived{frame: f, err: err}
			if len(f.Payload) > MaxAheadFrame {
				one.taken = make(chan struct{})
			}
			select {
			case queue <- one:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
			if one.taken != nil {
				select {
				case <-one.taken:
				case <-ctx.Done():
					return
				}
			}
			s.note()
		}
	}()
	return queue
}

// takeAll takes frames until the feed ends. Deltas that have come by the time are
// taken together.
func (s *session) takeAll(ctx context.Context, queue <-chan arrived) error {
	var next *arrived // It has come behind deltas that were taken together.
	for {
		var one arrived
		if next != nil {
			one = *next
		} else if came, ok := <-queue; ok {
			one = came
		} else {
			return context.Cause(ctx)
		}
		if one.err != nil {
			return ended(one.err)
		}
		var deltas [][]byte
		deltas, next = together(one, queue)
		if err := s.take(one.frame, deltas); err != nil {
			return err
		}
		if one.taken != nil {
			close(one.taken)
		}
	}
}

// together returns the payload of a delta and of those that have come behind it,
// and what has come behind those.
func together(one arrived, queue <-chan arrived) (deltas [][]byte, next *arrived) {
	deltas = [][]byte{one.frame.Payload}
	for one.frame.Type == feed.TypeDelta && one.taken == nil {
		select {
		case other, ok := <-queue:
			if !ok {
				return deltas, nil
			}
			if other.err != nil || other.frame.Type != feed.TypeDelta || other.taken != nil {
				return deltas, &other
			}
			deltas = append(deltas, other.frame.Payload)
		default:
			return deltas, nil
		}
	}
	return deltas, nil
}

// ended describes the end of a feed.
func ended(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the management plane has hung up")
	case errors.Is(err, io.ErrUnexpectedEOF): // A node that is killed: nothing is damaged.
		return errors.New("the connection to the management plane has broken off")
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

// take takes a frame; deltas are those that are taken together, where it is one.
func (s *session) take(f feed.Frame, deltas [][]byte) error {
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
		s.c.counts.deltas.Add(int64(len(deltas)))
		if err := target.Advance(deltas...); err != nil {
			return fmt.Errorf("taking a change of the feed: %w", err)
		}
	case feed.TypeCurrent:
		return s.compare(f.Payload)
	case feed.TypeTracing:
		return s.rekey(f.Payload)
	case feed.TypeBye:
		bye, err := feed.DecodeBye(f.Payload)
		if err != nil {
			return err
		}
		return &retryError{
			after: time.Duration(bye.RetryAfterSeconds) * time.Second, text: "the management plane has ended the feed: " + bye.Reason,
		}
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
