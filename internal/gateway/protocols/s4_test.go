package protocols

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// downgrade sends all attacks in one way, and returns what was dangerous in what
// the origin has got, and how many were forwarded.
func downgrade(t *testing.T, o *origin, send func(a *attack, id string) int) (dangers []string, forwarded int) {
	t.Helper()
	all := attacks()
	status := map[string]int{}
	for i := range all {
		status[all[i].name] = send(&all[i], strings.ReplaceAll(all[i].name, " ", "_"))
	}
	took, dangers := o.took()
	for _, a := range all {
		n := took[strings.ReplaceAll(a.name, " ", "_")]
		if n > 0 {
			forwarded++
		}
		switch got := status[a.name]; {
		case a.served && (n != 1 || got != http.StatusOK):
			t.Errorf("%s: forwarded %d times and answered %d, want once and 200", a.name, n, got)
		case got >= 500 && got != http.StatusNotImplemented:
			t.Errorf("%s: answered %d: the fault is the client's", a.name, got)
		}
	}
	return dangers, forwarded
}

func TestS4_Downgrade(t *testing.T) {
	for _, way := range []string{"HTTP/2 in clear text", "HTTP/2 over TLS", "HTTP/3"} {
		o := newOrigin(t)
		g := newGateway(t, newIdentity(t), "http://"+o.address, nil)
		dangers, forwarded := downgrade(t, o, func(a *attack, id string) int {
			switch way {
			case "HTTP/3":
				return send3(t, g, a, id)
			case "HTTP/2 over TLS":
				return send2(t, dialTLS(t, g.tls, g.client("h2")), a, id)
			}
			return send2(t, dial(t, g.plain), a, id)
		})
		if len(dangers) > 0 {
			t.Errorf("%s: forwarded in dangerous form:\n%s", way, strings.Join(dangers, "\n"))
		}
		fmt.Printf("S4: over %s, %d of %d attacks forwarded in dangerous form (0); %d were forwarded without danger\n",
			way, len(dangers), len(attacks()), forwarded)
	}
}

// TestS4_Downgrade_NegativeControl sends the attacks through a proxy that writes
// what it has read.
func TestS4_Downgrade_NegativeControl(t *testing.T) {
	o := newOrigin(t)
	dangers := naive(t, o)
	if len(dangers) < 50 {
		t.Errorf("through a proxy that checks nothing %d attacks were dangerous: the test finds too little", len(dangers))
	}
	fmt.Printf("S4: through a proxy that checks nothing, %d dangers were found in %d attacks (at least 50)\n", len(dangers), len(attacks()))
}

// naive sends all attacks through a proxy that checks nothing.
func naive(t *testing.T, o *origin) (dangers []string) {
	t.Helper()
	for _, a := range attacks() {
		near, far := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer far.Close()
			downgradeNaively(far, o.address)
		}()
		send2(t, near, &a, strings.ReplaceAll(a.name, " ", "_"))
		<-done
	}
	_, dangers = o.took()
	return dangers
}

// downgradeNaively reads one request of HTTP/2 and writes it as HTTP/1.1, without
// looking at it.
func downgradeNaively(c net.Conn, backend string) {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c, preface); err != nil {
		return
	}
	var line [3]string // method, path, authority
	var fields, block bytes.Buffer
	var data []byte
	encoder := hpack.NewEncoder(&block)
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		switch f.Name {
		case ":method":
			line[0] = f.Value
		case ":path":
			line[1] = f.Value
		case ":authority":
			line[2] = f.Value
		case ":scheme":
		default:
			fmt.Fprintf(&fields, "%s: %s\r\n", f.Name, f.Value)
		}
	})
	f := http2.NewFramer(c, c)
	for last, ended := false, false; !ended; {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.HeadersFrame:
			_, _ = decoder.Write(frame.HeaderBlockFragment())
			last = frame.StreamEnded()
			ended = last && frame.HeadersEnded()
		case *http2.ContinuationFrame:
			_, _ = decoder.Write(frame.HeaderBlockFragment())
			ended = last && frame.HeadersEnded()
		case *http2.DataFrame:
			data = append(data, frame.Data()...)
			ended = frame.StreamEnded()
		}
	}
	b, err := net.Dial("tcp", backend)
	if err != nil {
		return
	}
	defer b.Close()
	fmt.Fprintf(b, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", line[0], line[1], backend, fields.String(), data)
	_ = b.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, bufio.NewReader(b))
	_ = encoder.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})
}

// dial connects to an address.
func dial(tb testing.TB, address string) net.Conn {
	tb.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
