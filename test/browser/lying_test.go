package browser

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sallyport/sallyport/internal/control/store/postgres/postgrestest"
)

// liar stands between the program and PostgreSQL. While it lies it makes a rollback
// of each commit, and a commit of the answer: the store acknowledges and loses.
type liar struct {
	lies atomic.Bool
	lost atomic.Int64 // commits
}

// What is said of a transaction's end: a type, the length behind it, a text.
const (
	sayCommit     = "Q\x00\x00\x00\x0bcommit\x00"
	sayRollback   = "Q\x00\x00\x00\x0drollback\x00"
	wasCommitted  = "C\x00\x00\x00\x0bCOMMIT\x00"
	wasRolledBack = "C\x00\x00\x00\x0dROLLBACK\x00"
)

// startLiar returns one, and the address of a database through it.
func startLiar(tb testing.TB, database string) (*liar, string) {
	tb.Helper()
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	server := u.Host
	u.Host, u.RawQuery = listener.Addr().String(), "sslmode=disable"
	l := &liar{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			lied := &atomic.Bool{}
			all.Go(func() { pass(client, to, func(text []byte) []byte { return l.ask(text, lied) }) })
			all.Go(func() { pass(to, client, func(text []byte) []byte { return answer(text, lied) }) })
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		all.Wait() // The program has ended by now, and its connections with it.
	})
	return l, u.String()
}

// pass passes on what comes from one side to the other, changed.
func pass(from, to net.Conn, change func([]byte) []byte) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(change(buffer[:n])); err != nil {
			return
		}
	}
}

// ask is what the server is asked. Who commits waits for the answer, so that the
// message is the last in what has come.
func (l *liar) ask(text []byte, lied *atomic.Bool) []byte {
	begins, ok := bytes.CutSuffix(text, []byte(sayCommit))
	if !ok || !l.lies.Load() {
		return text
	}
	l.lost.Add(1)
	lied.Store(true)
	return append(bytes.Clone(begins), sayRollback...)
}

// answer is what the program is answered.
func answer(text []byte, lied *atomic.Bool) []byte {
	if !bytes.Contains(text, []byte(wasRolledBack)) || !lied.CompareAndSwap(true, false) {
		return text
	}
	return bytes.Replace(text, []byte(wasRolledBack), []byte(wasCommitted), 1)
}

// witness takes what checks find wrong while it listens, and passes it on at other
// times.
type witness struct {
	testing.TB
	listens bool
	found   []string
}

func (w *witness) Errorf(format string, arguments ...any) {
	w.Helper()
	if !w.listens {
		w.TB.Errorf(format, arguments...)
		return
	}
	w.found = append(w.found, fmt.Sprintf(format, arguments...))
}

func (w *witness) Fatalf(format string, arguments ...any) {
	w.Helper()
	if !w.listens {
		w.TB.Fatalf(format, arguments...)
		return
	}
	w.found = append(w.found, fmt.Sprintf(format, arguments...))
	runtime.Goexit()
}

// finds runs a check, and returns what it finds wrong.
func (w *witness) finds(check func()) []string {
	w.listens, w.found = true, nil
	done := make(chan struct{})
	go func() {
		defer close(done)
		check()
	}()
	<-done
	w.listens = false
	return w.found
}

// TestStoreAway_NegativeControl has a store that acknowledges forms of a developer
// and loses them: the checks of the outage find each loss.
func TestStoreAway_NegativeControl(t *testing.T) {
	database := postgrestest.Start(t)
	l, address := startLiar(t, database.URL("postgres"))
	t.Setenv("SALLYPORT_STORE", address)
	w := &witness{TB: t}
	o := &outage{portal: startPortal(w), kind: "lying"}
	o.memberForms(o.member("ann", 10))
	names := o.startNames()
	l.lies.Store(true)
	o.sendAll(func(f *sentForm, got reply) {
		if f.acked = got.status == http.StatusSeeOther; !f.acked {
			t.Errorf("%s is not acknowledged: %d %v\n%s", f.name, got.status, got.err, got.body)
		}
	})
	missed := w.finds(func() { names.end() })
	l.lies.Store(false)
	if len(missed) == 0 {
		t.Error("no change of a name is missed")
	}
	for _, f := range o.forms {
		if found := w.finds(f.check); len(found) == 0 {
			t.Errorf("%s was lost, and nothing is missed", f.name)
		}
		f.acked = false
	}
	o.again()
	for _, f := range o.forms {
		f.check() // Now it was done, and once.
	}
	t.Logf("%d forms were acknowledged and their %d commits lost: each is missed (all), and each that is sent again is there; %.100q",
		len(o.forms), l.lost.Load(), missed)
}
