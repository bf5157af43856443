package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// read parses a message: its header and the texts of its parts by their types.
func read(t *testing.T, raw string) (netmail.Header, map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the message is %s: %v", kind, err)
	}
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, parameters["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		parts[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

// TestDelivery sends a message over STARTTLS, signed in, and reads it.
func TestDelivery(t *testing.T) {
	p, box := newPlane(t), newPostbox(t, nil)
	server := box.server()
	server.User, server.PasswordFile = "portal", filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(server.PasswordFile, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := p.mailer(t, server)
	send(t, m, "ann@example.com")
	round(t, m)
	letters := box.letters()
	if len(letters) != 1 || len(box.users) != 1 {
		t.Fatalf("%d letters were taken of %q", len(letters), box.users)
	}
	if l := letters[0]; l.from != "portal@sallyport.example" || l.to != "ann@example.com" {
		t.Errorf("from %s to %s", l.from, l.to)
	}
	header, parts := read(t, letters[0].text)
	if got := header.Get("Subject"); got != "Please confirm your new Example account" {
		t.Errorf("subject %q", got)
	}
	if got := header.Get("From"); got != `"Example" <portal@sallyport.example>` {
		t.Errorf("from %q", got)
	}
	if header.Get("Auto-Submitted") != "auto-generated" || header.Get("Message-Id") == "" || header.Get("Date") == "" {
		t.Errorf("header %v", header)
	}
	if text := parts["text/plain"]; !strings.Contains(text, "Hello Ann Archer,\n\n") || !strings.Contains(text, "https://portal.example/confirm?token=t0ken&x=1") {
		t.Errorf("text %q", text)
	}
	if html := parts["text/html"]; !strings.Contains(html, "https://portal.example/confirm?token=t0ken&amp;x=1") {
		t.Errorf("HTML %q", html)
	}
	if left := p.outbox(t); len(left) != 0 {
		t.Errorf("the outbox still has %v", left)
	}
	if s := m.Status(); !s.Configured || s.Problem != "" {
		t.Errorf("status %+v", s)
	}
}

// TestSecurity gives servers that are not what was asked for: nothing is sent,
// nothing is lost, and the reason is told.
func TestSecurity(t *testing.T) {
	other, _ := certificate(t)
	for _, c := range []struct {
		name   string
		box    func(*postbox)
		server func(*Server)
		says   string
	}{
		{"no STARTTLS", func(p *postbox) { p.TLSConfig = nil }, func(*Server) {}, "STARTTLS"},
		{"another's certificate", func(p *postbox) { p.TLSConfig = other }, func(*Server) {}, "certificate"},
		{"wrong password", nil, func(s *Server) { s.User, s.PasswordFile = "portal", "testdata/wrong-password" }, "Authentication failed"},
		{"no password file", nil, func(s *Server) { s.User, s.PasswordFile = "portal", "testdata/none" }, "password"},
		{"not listening", nil, func(s *Server) { s.Port = 1 }, "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, box := newPlane(t), newPostbox(t, c.box)
			server := box.server()
			c.server(server)
			m := p.mailer(t, server)
			send(t, m, "ann@example.com")
			_, err := m.round(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "t0ken") {
				t.Fatalf("error %v, want one about %s", err, c.says)
			}
			m.note(err)
			if left := p.outbox(t)["ann@example.com"]; left.State != queued || left.Attempts != 0 {
				t.Errorf("in the outbox is %+v", left)
			}
			if s := m.Status(); s.Problem == "" || s.Since.IsZero() {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// TestImplicitTLS sends over TLS from the first byte.
func TestImplicitTLS(t *testing.T) {
	p, box := newPlane(t), newPostbox(t, nil)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box.serve(t, tls.NewListener(l, box.TLSConfig))
	server := box.server()
	server.Security, server.User, server.PasswordFile = ImplicitTLS, "portal", "testdata/password"
	at, _ := l.Addr().(*net.TCPAddr)
	server.Port = at.Port
	m := p.mailer(t, server)
	send(t, m, "ann@example.com")
	round(t, m)
	if n := len(box.letters()); n != 1 {
		t.Errorf("%d letters were taken", n)
	}
}

func replies(code int, enhanced smtp.EnhancedCode, message string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: message}
}

// TestReplies gives the replies of a server to one of two messages: the other one
// arrives whatever they are.
func TestReplies(t *testing.T) {
	for _, c := range []struct {
		name  string
		box   func(*postbox)
		state string
		says  string
	}{
		{"no such address", func(p *postbox) {
			p.onRcpt = refuse("ann@example.com", replies(550, smtp.EnhancedCode{5, 1, 1}, "no such user"))
		}, failed, "no such user"},
		{"greylisted", func(p *postbox) {
			p.onRcpt = refuse("ann@example.com", replies(451, smtp.EnhancedCode{4, 7, 1}, "greylisted, try later"))
		}, queued, "greylisted"},
		{"relaying refused", func(p *postbox) {
			p.onRcpt = refuse("ann@example.com", replies(554, smtp.EnhancedCode{5, 7, 1}, "relay access denied"))
		}, queued, "relay access"},
		{"content refused", func(p *postbox) {
			p.onData = func(_ *smtp.Conn, to string) error {
				return refuse("ann@example.com", replies(552, smtp.EnhancedCode{5, 3, 4}, "too big"))(to)
			}
		}, failed, "too big"},
		{"full", func(p *postbox) {
			p.onData = func(_ *smtp.Conn, to string) error {
				return refuse("ann@example.com", replies(452, smtp.EnhancedCode{4, 3, 1}, "disk full"))(to)
			}
		}, queued, "disk full"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, box := newPlane(t), newPostbox(t, c.box)
			m := p.mailer(t, box.server())
			send(t, m, "ann@example.com")
			p.Clock.Advance(time.Second)
			send(t, m, "bob@example.com")
			round(t, m)
			if l := box.letters(); len(l) != 1 || l[0].to != "bob@example.com" {
				t.Errorf("taken were %v", l)
			}
			left := p.outbox(t)["ann@example.com"]
			if left.State != c.state || left.Attempts != 1 || !strings.Contains(left.LastError, c.says) {
				t.Errorf("in the outbox is %+v", left)
			}
			if c.state == failed {
				return
			}
			box.onRcpt, box.onData = nil, nil
			round(t, m)
			if n := len(box.letters()); n != 1 {
				t.Errorf("it was tried again at once")
			}
			p.Clock.Advance(maxDelay)
			round(t, m)
			if l := box.letters(); len(l) != 2 || l[1].to != "ann@example.com" {
				t.Errorf("after a while, taken were %v", l)
			}
		})
	}
}

func refuse(address string, err error) func(string) error {
	return func(to string) error {
		if to == address {
			return err
		}
		return nil
	}
}

// TestSenderRefused keeps all messages where the server does not take the sender:
// that is a mistake of the installation.
func TestSenderRefused(t *testing.T) {
	p := newPlane(t)
	box := newPostbox(t, func(b *postbox) {
		b.onMail = func(string) error { return replies(550, smtp.EnhancedCode{5, 1, 8}, "bad sender") }
	})
	m := p.mailer(t, box.server())
	send(t, m, "ann@example.com")
	round(t, m)
	if left := p.outbox(t)["ann@example.com"]; left.State != queued || !strings.Contains(left.LastError, "bad sender") {
		t.Errorf("in the outbox is %+v", left)
	}
}

// TestAttemptsEnd gives up after maxAttempts, keeps the message with the reason,
// and begins anew when an administrator asks for it.
func TestAttemptsEnd(t *testing.T) {
	p := newPlane(t)
	box := newPostbox(t, func(b *postbox) {
		b.onRcpt = func(string) error { return replies(451, smtp.EnhancedCode{4, 7, 1}, "not now") }
	})
	m := p.mailer(t, box.server())
	send(t, m, "ann@example.com")
	rounds := 0
	for ; p.outbox(t)["ann@example.com"].State == queued && rounds < 2*maxAttempts; rounds++ {
		round(t, m)
		p.Clock.Advance(maxDelay)
	}
	left := p.outbox(t)["ann@example.com"]
	if left.State != failed || left.Attempts != maxAttempts || !strings.Contains(left.LastError, "not now") {
		t.Errorf("after %d rounds, in the outbox is %+v", rounds, left)
	}
	box.onRcpt = nil
	round(t, m)
	if n := len(box.letters()); n != 0 {
		t.Error("a message that has failed was sent")
	}
	for id := range p.ids(t) {
		if err := m.Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	round(t, m)
	if n := len(box.letters()); n != 1 {
		t.Errorf("%d letters were taken", n)
	}
}

// ids are the names of the messages in the outbox.
func (p *plane) ids(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, name := range p.Names(outbox) {
		found[name] = true
	}
	return found
}

// TestOld gives up messages that are too old.
func TestOld(t *testing.T) {
	p, box := newPlane(t), newPostbox(t, nil)
	m := p.mailer(t, box.server())
	send(t, m, "ann@example.com")
	p.Clock.Advance(maxAge + time.Hour)
	round(t, m)
	if left := p.outbox(t)["ann@example.com"]; left.State != failed || left.LastError == "" || len(box.letters()) != 0 {
		t.Errorf("in the outbox is %+v, taken were %d", left, len(box.letters()))
	}
}

// TestSlow does not wait for a server that never answers, and for none that
// answers a byte at a time.
func TestSlow(t *testing.T) {
	p := newPlane(t)
	release := make(chan struct{})
	box := newPostbox(t, func(b *postbox) {
		b.onData = func(_ *smtp.Conn, to string) error {
			if to == "ann@example.com" {
				<-release
			}
			return nil
		}
	})
	t.Cleanup(func() { close(release) })
	server := box.server()
	server.patience = 200 * time.Millisecond
	m := p.mailer(t, server)
	send(t, m, "ann@example.com")
	round(t, m)
	left := p.outbox(t)["ann@example.com"]
	if left.State != queued || left.Attempts != 1 || left.LastError == "" {
		t.Errorf("in the outbox is %+v", left)
	}
	send(t, m, "bob@example.com")
	round(t, m)
	if l := box.letters(); len(l) != 1 || l[0].to != "bob@example.com" {
		t.Errorf("taken were %v", l)
	}
}

// TestKilled ends the portal while the server reads the message: another portal
// sends it, when the claim has ended.
func TestKilled(t *testing.T) {
	p := newPlane(t)
	reading, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	box := newPostbox(t, func(b *postbox) {
		b.onData = func(*smtp.Conn, string) error {
			first := false
			once.Do(func() { first = true; close(reading) })
			if first {
				<-release
			}
			return nil
		}
	})
	m := p.mailer(t, box.server())
	send(t, m, "ann@example.com")
	ctx, cancel := cancelled(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = m.round(ctx) // It is killed.
	}()
	<-reading
	cancel()
	<-done
	close(release)
	other := p.mailer(t, box.server())
	round(t, other)
	if left := p.outbox(t)["ann@example.com"]; left.State != queued {
		t.Errorf("in the outbox is %+v", left)
	}
	p.Clock.Advance(claimTime + time.Second)
	round(t, other)
	if l := box.letters(); len(l) == 0 || len(p.outbox(t)) != 0 {
		t.Errorf("%d letters were taken, %d are left", len(l), len(p.outbox(t)))
	}
}

// TestRemovedLater takes a message out of the outbox when the management plane is
// back, and does not send it twice.
func TestRemovedLater(t *testing.T) {
	p, box := newPlane(t), newPostbox(t, nil)
	m := p.mailer(t, box.server())
	send(t, m, "ann@example.com")
	p.before = func(r *http.Request) error {
		if r.Method == http.MethodDelete {
			return errors.New("connection reset")
		}
		return nil
	}
	if _, err := m.round(t.Context()); err == nil {
		t.Fatal("the round did not tell of the management plane")
	}
	p.Clock.Advance(claimTime + time.Minute)
	if _, err := m.round(t.Context()); err == nil {
		t.Fatal("the round did not tell of the management plane")
	}
	p.before = nil
	round(t, m)
	if n, left := len(box.letters()), p.outbox(t); n != 1 || len(left) != 0 {
		t.Errorf("%d letters were taken, left are %v", n, left)
	}
}

// TestTwoPortals lets two portals drain one outbox: each message is sent once.
func TestTwoPortals(t *testing.T) {
	p, box := newPlane(t), newPostbox(t, nil)
	first, second := p.mailer(t, box.server()), p.mailer(t, box.server())
	for i := range 20 {
		send(t, first, fmt.Sprintf("u%d@example.com", i))
	}
	var group sync.WaitGroup
	for _, m := range []*Mailer{first, second} {
		group.Go(func() {
			if _, err := m.round(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	seen := map[string]int{}
	for _, l := range box.letters() {
		seen[l.to]++
	}
	for to, n := range seen {
		if n != 1 {
			t.Errorf("%s got %d letters", to, n)
		}
	}
	if len(seen) != 20 || len(p.outbox(t)) != 0 {
		t.Errorf("%d got letters, %d are left", len(seen), len(p.outbox(t)))
	}
}

// TestNoneLost runs a Mailer against a server and a management plane that do what
// they can to lose messages: refusals, cuts before and after the message was
// taken, and minutes away. Each message that Send took arrives at least once.
func TestNoneLost(t *testing.T) {
	p := newPlane(t)
	var n, calls atomic.Int64
	box := newPostbox(t, func(b *postbox) {
		b.onRcpt = func(string) error {
			if n.Add(1)%5 == 1 {
				return replies(451, smtp.EnhancedCode{4, 7, 1}, "later")
			}
			return nil
		}
		b.onData = func(c *smtp.Conn, to string) error {
			switch n.Add(1) % 7 {
			case 2:
				_ = c.Conn().Close() // Before it is taken.
				return errors.New("cut")
			case 4:
				b.mu.Lock()
				b.taken = append(b.taken, letterTaken{to: to})
				b.mu.Unlock()
				_ = c.Conn().Close() // After it was taken.
				return errors.New("cut")
			}
			return nil
		}
	})
	m := p.mailer(t, box.server())
	for i := range 30 {
		send(t, m, fmt.Sprintf("u%d@example.com", i))
	}
	p.before = func(*http.Request) error {
		if calls.Add(1)%11 == 0 {
			return errors.New("connection reset")
		}
		return nil
	}
	rounds := 0
	for ; rounds < 400; rounds++ {
		_, _ = m.round(t.Context()) // What fails is tried again.
		p.Clock.Advance(time.Minute)
		if rounds%9 == 8 {
			m = p.mailer(t, box.server()) // The portal restarts.
		}
		if len(p.ids(t)) == 0 {
			break
		}
	}
	p.before = nil
	arrived := map[string]bool{}
	for _, l := range box.letters() {
		arrived[l.to] = true
	}
	if left := p.outbox(t); len(arrived) != 30 || len(left) != 0 {
		t.Errorf("after %d rounds, %d of 30 have arrived, left are %v", rounds, len(arrived), left)
	}
	t.Logf("mail: 30 of 30 messages arrived, in %d letters and %d rounds", len(box.letters()), rounds+1)
}

// TestRun drains the outbox by itself: at once when something is put there, and
// again when a server that was away for a minute is back.
func TestRun(t *testing.T) {
	p := newPlane(t)
	arrived := make(chan string, 10)
	box := newPostbox(t, func(b *postbox) {
		b.onData = func(_ *smtp.Conn, to string) error { arrived <- to; return nil }
	})
	server := box.server()
	port := server.Port
	server.Port = 1 // Nobody listens there.
	m := p.mailer(t, server)
	send(t, m, "ann@example.com")
	ctx, cancel := cancelled(t)
	done := make(chan struct{})
	go func() { defer close(done); m.Run(ctx) }()
	for range 3 {
		p.Clock.BlockUntil(1)
		p.Clock.Advance(maxPause)
	}
	p.Clock.BlockUntil(1)
	if s := m.Status(); s.Problem == "" {
		t.Error("the problem is not told")
	}
	if left := p.outbox(t)["ann@example.com"]; left.Attempts != 0 {
		t.Errorf("an attempt was counted: %+v", left)
	}
	server.Port = port // Run sleeps: nobody reads it now.
	p.Clock.Advance(maxPause)
	if to := <-arrived; to != "ann@example.com" {
		t.Errorf("a letter for %s", to)
	}
	p.Clock.BlockUntil(1)
	if s := m.Status(); s.Problem != "" {
		t.Errorf("status %+v", s)
	}
	send(t, m, "bob@example.com") // Nobody moves the clock.
	if to := <-arrived; to != "bob@example.com" {
		t.Errorf("a letter for %s", to)
	}
	cancel()
	<-done
}

// TestNoServer keeps messages where no server is configured.
func TestNoServer(t *testing.T) {
	p := newPlane(t)
	m := p.mailer(t, nil)
	send(t, m, "ann@example.com")
	ctx, cancel := cancelled(t)
	cancel()
	m.Run(ctx)
	if left := p.outbox(t)["ann@example.com"]; left.State != queued || m.Status().Configured {
		t.Errorf("in the outbox is %+v", left)
	}
}

// TestPlaneAway does not say that a message is on its way which nobody has.
func TestPlaneAway(t *testing.T) {
	p := newPlane(t)
	m := p.mailer(t, nil)
	p.away.Store(true)
	err := m.Send(t.Context(), "ConfirmSignUpIdentityDefault", Recipient{Email: "ann@example.com"}, nil)
	if err == nil {
		t.Error("Send returned, and the outbox has nothing")
	}
}
