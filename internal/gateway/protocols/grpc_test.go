package protocols

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/sallyport/sallyport/internal/policy"
)

// maxMessage is the size of the largest message of the tests.
const maxMessage = 5 << 20

// texts passes messages on as they are.
type texts struct{}

func (texts) Name() string { return "text" }

func (texts) Marshal(v any) ([]byte, error) {
	s, ok := v.(*string)
	if !ok {
		return nil, fmt.Errorf("a message is %T, want a text", v)
	}
	return []byte(*s), nil
}

func (texts) Unmarshal(data []byte, v any) error {
	s, ok := v.(*string)
	if !ok {
		return fmt.Errorf("a message is %T, want a text", v)
	}
	*s = string(data)
	return nil
}

// backendStreams is a service of streams only: a unary call is one that carries a
// message each way.
func backendStreams(canceled chan<- error) *grpc.ServiceDesc {
	stream := func(name string, serve func(grpc.ServerStream) error) grpc.StreamDesc {
		return grpc.StreamDesc{StreamName: name, ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, s grpc.ServerStream) error { return serve(s) }}
	}
	return &grpc.ServiceDesc{ServiceName: "test.Echo", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{
		stream("Echo", serveEcho),
		stream("Count", serveCount),
		stream("Fail", func(grpc.ServerStream) error { return status.Error(codes.FailedPrecondition, "nöt\nyet % done") }),
		stream("FailLate", func(s grpc.ServerStream) error {
			if err := serveCount(s); err != nil {
				return err
			}
			return status.Error(codes.DataLoss, "lost")
		}),
		stream("Wait", func(s grpc.ServerStream) error {
			begun := "begun"
			if err := s.SendMsg(&begun); err != nil {
				return err
			}
			<-s.Context().Done()
			canceled <- s.Context().Err()
			return s.Context().Err()
		}),
		stream("Metadata", serveMetadata),
	}}
}

// serveEcho answers each message at once.
func serveEcho(s grpc.ServerStream) error {
	for {
		var m string
		if err := s.RecvMsg(&m); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := s.SendMsg(&m); err != nil {
			return err
		}
	}
}

// serveCount answers one message with a hundred.
func serveCount(s grpc.ServerStream) error {
	var m string
	if err := s.RecvMsg(&m); err != nil {
		return err
	}
	for n := range 100 {
		one := fmt.Sprint(m, n)
		if err := s.SendMsg(&one); err != nil {
			return err
		}
	}
	return nil
}

// serveMetadata sends what it gets as metadata before and behind a message.
func serveMetadata(s grpc.ServerStream) error {
	in, _ := metadata.FromIncomingContext(s.Context())
	_, hasDeadline := s.Context().Deadline()
	if err := s.SendHeader(metadata.Pairs("before", strings.Join(in.Get("text"), "+"), "before-bin", strings.Join(in.Get("some-bin"), "+"))); err != nil {
		return err
	}
	s.SetTrailer(metadata.Pairs("behind", "x", "behind-bin", "\x00\xff", "deadline", fmt.Sprint(hasDeadline)))
	m := "m"
	return s.SendMsg(&m)
}

// startGRPC runs a backend of gRPC until the test ends.
func startGRPC(tb testing.TB, i identity, secure bool) (url string, canceled <-chan error) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	noted := make(chan error, 1)
	options := []grpc.ServerOption{grpc.ForceServerCodec(texts{}), grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage)}
	url = "http://" + l.Addr().String()
	if secure {
		options = append(options, grpc.Creds(credentials.NewTLS(i.server("h2"))))
		url = "https://" + l.Addr().String()
	}
	s := grpc.NewServer(options...)
	s.RegisterService(backendStreams(noted), nil)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		s.Stop()
		if err := <-done; err != nil {
			tb.Errorf("serving gRPC: %v", err)
		}
	})
	return url, noted
}

// caller calls the service through the gateway.
type caller struct {
	*grpc.ClientConn
	canceled <-chan error
}

func newCaller(tb testing.TB, secureClient, secureBackend bool) *caller {
	tb.Helper()
	i := newIdentity(tb)
	url, canceled := startGRPC(tb, i, secureBackend)
	g := newGateway(tb, i, url, func(o *policy.ForwardOptions) { o.Version, o.BufferResponse = policy.HTTP2, false })
	address, creds := g.plain, insecure.NewCredentials()
	if secureClient {
		address, creds = g.tls, credentials.NewTLS(g.client("h2"))
	}
	c, err := grpc.NewClient(address, grpc.WithTransportCredentials(creds), grpc.WithDefaultCallOptions(
		grpc.ForceCodec(texts{}), grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return &caller{c, canceled}
}

// open opens a stream.
func (c *caller) open(ctx context.Context, tb testing.TB, method string) grpc.ClientStream {
	tb.Helper()
	s, err := c.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Echo/"+method)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// receive receives messages up to the end, which it returns.
func receive(s grpc.ClientStream) (all []string, err error) {
	for {
		var m string
		if err := s.RecvMsg(&m); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all, err
		}
		all = append(all, m)
	}
}

func send(tb testing.TB, s grpc.ClientStream, messages ...string) {
	tb.Helper()
	for _, m := range messages {
		if err := s.SendMsg(&m); err != nil {
			tb.Fatal(err)
		}
	}
}

// closeSend ends the client's direction.
func closeSend(tb testing.TB, s grpc.ClientStream) {
	tb.Helper()
	if err := s.CloseSend(); err != nil {
		tb.Fatal(err)
	}
}

func TestGRPC(t *testing.T) {
	for _, way := range []struct {
		name            string
		client, backend bool
	}{
		{"clear text to clear text", false, false}, {"TLS to clear text", true, false},
		{"clear text to TLS", false, true}, {"TLS to TLS", true, true},
	} {
		t.Run(way.name, func(t *testing.T) {
			c := newCaller(t, way.client, way.backend)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			t.Run("unary", func(t *testing.T) { c.unary(ctx, t) })
			t.Run("streams", func(t *testing.T) { c.streams(ctx, t) })
			t.Run("both directions at once", func(t *testing.T) { c.chat(ctx, t) })
			t.Run("failures", func(t *testing.T) { c.failures(ctx, t) })
			t.Run("metadata", func(t *testing.T) { c.metadata(ctx, t) })
			t.Run("deadline", func(t *testing.T) { c.deadline(ctx, t) })
			t.Run("cancellation", func(t *testing.T) { c.cancellation(ctx, t) })
		})
	}
}

// unary sends one message and gets one back.
func (c *caller) unary(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, m := range []string{"", "hello", strings.Repeat("x", 70<<10), strings.Repeat("0123456789abcdef", 4<<20/16)} {
		var got string
		if err := c.Invoke(ctx, "/test.Echo/Echo", &m, &got); err != nil || got != m {
			t.Errorf("a message of %d bytes came back with %d, %v", len(m), len(got), err)
		}
	}
}

// streams sends a stream in one direction, then in the other.
func (c *caller) streams(ctx context.Context, t *testing.T) {
	t.Helper()
	s := c.open(ctx, t, "Count")
	send(t, s, "n")
	closeSend(t, s)
	all, err := receive(s)
	if err != nil || len(all) != 100 || all[99] != "n99" {
		t.Errorf("the backend's stream has %d messages, %v, want 100", len(all), err)
	}
	var messages []string
	for n := range 100 {
		messages = append(messages, strings.Repeat(fmt.Sprint(n), 1000))
	}
	s = c.open(ctx, t, "Echo")
	go func() {
		send(t, s, messages...)
		closeSend(t, s)
	}()
	all, err = receive(s)
	if diff := cmp.Diff(messages, all); err != nil || diff != "" {
		t.Errorf("the client's stream (-want +got): %v\n%s", err, diff)
	}
}

// chat sends a message only when the one before has come back.
func (c *caller) chat(ctx context.Context, t *testing.T) {
	t.Helper()
	s := c.open(ctx, t, "Echo")
	for n := range 50 {
		want := fmt.Sprint("message ", n)
		send(t, s, want)
		var got string
		if err := s.RecvMsg(&got); err != nil || got != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	closeSend(t, s)
	if rest, err := receive(s); err != nil || len(rest) > 0 {
		t.Errorf("behind the last message there came %q, %v", rest, err)
	}
}

// failures are told in trailers: with nothing before them, and behind messages.
func (c *caller) failures(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, test := range []struct {
		method, message string
		code            codes.Code
		messages        int
	}{
		{"Fail", "nöt\nyet % done", codes.FailedPrecondition, 0},
		{"FailLate", "lost", codes.DataLoss, 100},
		{"None", "unknown method None for service test.Echo", codes.Unimplemented, 0},
	} {
		s := c.open(ctx, t, test.method)
		one := "n"
		_ = s.SendMsg(&one) // It may be too late.
		closeSend(t, s)
		all, err := receive(s)
		if got := status.Convert(err); got.Code() != test.code || got.Message() != test.message || len(all) != test.messages {
			t.Errorf("%s: %d messages and %v, want %d and %v: %s", test.method, len(all), err, test.messages, test.code, test.message)
		}
	}
}

// metadata goes both ways, before messages and behind them.
func (c *caller) metadata(ctx context.Context, t *testing.T) {
	t.Helper()
	ctx = metadata.AppendToOutgoingContext(ctx, "text", "a", "text", "b", "some-bin", "\x00\x01")
	s := c.open(ctx, t, "Metadata")
	closeSend(t, s)
	if all, err := receive(s); err != nil || len(all) != 1 {
		t.Fatalf("got %q, %v", all, err)
	}
	before, err := s.Header()
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, one := range [][]string{before.Get("before"), before.Get("before-bin"), s.Trailer().Get("behind"), s.Trailer().Get("behind-bin"), s.Trailer().Get("deadline")} {
		got = append(got, strings.Join(one, "+"))
	}
	if diff := cmp.Diff([]string{"a+b", "\x00\x01", "x", "\x00\xff", "true"}, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

// deadline ends a call at the client and at the backend.
func (c *caller) deadline(ctx context.Context, t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	s, err := c.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Echo/Wait")
	var all []string
	if err == nil {
		all, err = receive(s)
	}
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("the call ended with %v, want that its deadline is over", err)
	}
	if len(all) == 0 {
		return // It was over before the backend had the call.
	}
	if err := <-c.canceled; err == nil {
		t.Error("the backend has not heard of it")
	}
}

// cancellation reaches the backend.
func (c *caller) cancellation(ctx context.Context, t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	s := c.open(ctx, t, "Wait")
	var begun string
	if err := s.RecvMsg(&begun); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := receive(s); status.Code(err) != codes.Canceled {
		t.Errorf("the call ended with %v, want that it was cancelled", err)
	}
	if err := <-c.canceled; !errors.Is(err, context.Canceled) {
		t.Errorf("the backend's context ended with %v, want that it was cancelled", err)
	}
}
