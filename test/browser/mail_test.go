package browser

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// letter is a message that the post office has accepted.
type letter struct {
	to      string
	subject string
	text    string // The part in plain text; the HTML where there is none.
	html    string // The part in HTML, if there is one.
}

// postOffice is an SMTP server that keeps what it accepts.
type postOffice struct {
	address string
	arrived chan struct{} // Gets a value for each letter.

	mu      sync.Mutex
	letters []letter
	refused string // An address to which nothing can be delivered; "" is none.
}

// openPostOffice starts it; it ends with the test.
func openPostOffice(tb testing.TB) *postOffice {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &postOffice{address: l.Addr().String(), arrived: make(chan struct{}, 1000)}
	server := smtp.NewServer(p)
	server.Domain = "post.example"
	server.MaxMessageBytes = 1 << 20
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	tb.Cleanup(func() {
		_ = server.Close() // What is under way ends with the test.
		<-ended
	})
	return p
}

// NewSession begins the delivery of a message.
func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &delivery{office: p}, nil }

// delivery is one message on its way in.
type delivery struct {
	office *postOffice
	to     []string
}

func (d *delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	if d.office.refuses(to) {
		return &smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "The mailbox is busy; try again later."}
	}
	d.to = append(d.to, to)
	return nil
}
func (d *delivery) Reset()        { d.to = nil }
func (d *delivery) Logout() error { return nil }

// Data reads the message.
func (d *delivery) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err
	}
	parts, err := readable(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	if err != nil {
		return err
	}
	d.office.mu.Lock()
	defer d.office.mu.Unlock()
	for _, to := range d.to {
		d.office.letters = append(d.office.letters, letter{to: to, subject: subject, text: parts[0], html: parts[len(parts)-1]})
		d.office.arrived <- struct{}{}
	}
	return nil
}

// refuse lets nothing be delivered to an address from now on.
func (p *postOffice) refuse(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = address
}

func (p *postOffice) refuses(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused != "" && strings.Trim(address, "<>") == p.refused
}

// readable are the parts of a message that people read, in their order: the text,
// then the HTML, or one of them.
func readable(contentType, encoding string, body io.Reader) ([]string, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(kind, "multipart/") {
		var all []string
		for parts := multipart.NewReader(body, parameters["boundary"]); ; {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) && len(all) > 0 {
				return all, nil
			}
			if err != nil {
				return nil, err
			}
			inner, err := readable(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	return []string{string(text)}, err
}

// await returns the newest letter to an address whose subject or text has a
// word, and waits for it.
func (p *postOffice) await(tb testing.TB, to, word string) letter {
	tb.Helper()
	deadline := time.After(patience)
	for {
		if found, ok := p.find(to, word); ok {
			return found
		}
		select {
		case <-p.arrived:
		case <-deadline:
			tb.Fatalf("no letter to %s about %q has come; there are %s", to, word, p.list())
		}
	}
}

func (p *postOffice) find(to, word string) (letter, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.letters) - 1; i >= 0; i-- {
		if l := p.letters[i]; l.to == to && strings.Contains(strings.ToLower(l.subject+l.text), strings.ToLower(word)) {
			return l, true
		}
	}
	return letter{}, false
}

func (p *postOffice) list() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, l := range p.letters {
		fmt.Fprintf(&b, "%q to %s; ", l.subject, l.to)
	}
	return b.String()
}

var address = regexp.MustCompile(`https?://[^\s"<>]+`)

// link is the first address in the letter that has a part.
func (l letter) link(tb testing.TB, part string) string {
	tb.Helper()
	for _, found := range address.FindAllString(l.text, -1) {
		if strings.Contains(found, part) {
			return strings.ReplaceAll(found, "&amp;", "&")
		}
	}
	tb.Fatalf("the letter %q has no link with %q:\n%s", l.subject, part, l.text)
	return ""
}
