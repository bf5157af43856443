package mail

import (
	"html"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/sallyport/sallyport/internal/client"
)

// TestExpand replaces parameters and directives of templates.
func TestExpand(t *testing.T) {
	values := map[string]string{"DevFirstName": "Ann", "Name": "a<b", "Empty": "", "SubTerm": "1 year", "Looks": "$DevFirstName"}
	for _, c := range []struct{ name, template, want string }{
		{"text", "no parameters, 5 $ or $5", "no parameters, 5 $ or $5"},
		{"parameter", "Dear $DevFirstName,", "Dear Ann,"},
		{"braces", "${DevFirstName}X $!DevFirstName $!{DevFirstName}", "Ann" + "X Ann " + "Ann"},
		{"escaped", "<b>$Name</b>", "<b>a&lt;b</b>"},
		{"unknown", "$Nobody and $DevFirstNameX", "$Nobody and $DevFirstNameX"},
		{"not again", "$Looks", "$DevFirstName"},
		{"if", `#if ($SubTerm != "")term $SubTerm#end.`, "term 1 year."},
		{"if not", `#if ($Empty != "")term#else none#end.`, " none."},
		{"if in HTML", `#if ($SubTerm == &quot;1 year&quot;)yes#end`, "yes"},
		{"if set", `#if($Empty)yes#elseno#end#if ($Unset)yes#else no#end`, " no"},
		{"nested", `#if ($SubTerm)a#if ($Empty)b#else c#end d#end e`, "a c d e"},
		{"no condition", "#if (x > 1)", "#if (x > 1)"},
		{"end without if", "#end and #else", "#end and #else"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "if set" { // #elseno is no directive.
				c.want = " no"
			}
			got, err := expand(c.template, values, html.EscapeString)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := expand(strings.Repeat("$Big", 3), map[string]string{"Big": strings.Repeat("x", maxBody/2)}, html.EscapeString); err == nil {
		t.Error("a body beyond maxBody was made")
	}
	if _, err := expand(strings.Repeat("#if ($A)", maxConditions+1), nil, html.EscapeString); err == nil {
		t.Error("conditions beyond maxConditions were opened")
	}
}

// TestPlain makes text of HTML.
func TestPlain(t *testing.T) {
	for _, c := range []struct{ name, document, want string }{
		{"paragraphs", "<p>One\n two</p><p>Three</p>", "One two\n\nThree\n"},
		{"link", `<p>Go <a href="https://a.example/?x=1&amp;y=2">here</a>.</p>`, "Go here <https://a.example/?x=1&y=2>.\n"},
		{"bare link", `<a href="https://a.example/">https://a.example/</a>`, "https://a.example/\n"},
		{"list", "<ul><li>One</li><li>Two</li></ul>", "- One\n- Two\n"},
		{"hidden", "<head><title>T</title><style>p{}</style></head><script>x</script><p>Seen</p>", "Seen\n"},
		{"inline", "<p>a <b>bold</b>word</p>", "a boldword\n"},
		{"break", "a<br>b", "a\nb\n"},
		{"entities", "<p>&lt;script&gt; &amp; more</p>", "<script> & more\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, plain(c.document)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// hostile are values that would begin another header field, end a line of SMTP,
// or be a part of the HTML.
var hostile = []string{
	"Ann\r\nBcc: victim@example.com", "Ann\nBcc: victim@example.com", "Ann\r\n.\r\nMAIL FROM:<x@example.com>",
	"Ann\u2028Bcc: v@example.com", "Ann\x00\x0b\x0c", "=?utf-8?q?=0D=0ABcc:_victim@example.com?=",
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "</body></html>", "${DevLastName}", "#if ($X)",
}

// TestS19_Mail puts hostile values into each parameter, name and address: no field
// and no line is added to the message that a server gets, and no element to its
// HTML.
func TestS19_Mail(t *testing.T) {
	p, box := newPlane(t), newPostbox(t, nil)
	p.Put("templates/InviteUserNotificationMessage", `{"properties":{"subject":"For $DevFirstName by $Other","body":"<p title=\"$Other\">$DevFirstName $Other</p>"}}`)
	m := p.mailer(t, box.server())
	for _, value := range hostile {
		err := m.Send(t.Context(), "InviteUserNotificationMessage", Recipient{Email: "ann@example.com", FirstName: value, LastName: "B"},
			map[string]string{"Other": value, "ConfirmUrl": "https://portal.example/?" + value})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Tell(t.Context(), "ann@example.com", value, value); err != nil {
			t.Fatal(err)
		}
		for _, to := range []string{"ann@example.com\r\nRCPT TO:<v@example.com>", "a@example.com>,<b@example.com", "Ann <ann@example.com>", value} {
			if err := m.Tell(t.Context(), to, "s", "p"); err == nil {
				t.Errorf("the address %q was taken", to)
			}
		}
	}
	round(t, m)
	injected, letters := 0, box.letters()
	for _, l := range letters {
		injected += injections(t, l.text)
	}
	if injected > 0 || len(letters) != 2*len(hostile) {
		t.Errorf("%d injections in %d letters", injected, len(letters))
	}
	t.Logf("S19: %d injections in %d letters of %d hostile values (0)", injected, len(letters), len(hostile))
}

// injections counts what does not belong into a message of the templates.
func injections(t *testing.T, raw string) int {
	t.Helper()
	header, parts := read(t, raw)
	found := 0
	for name := range header {
		switch name {
		case "From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type", "Auto-Submitted", "X-Mailer", "User-Agent":
		default:
			t.Logf("the header has %s", name)
			found++
		}
	}
	for _, element := range []string{"<script", "<img", "</body></html></"} {
		found += strings.Count(parts["text/html"], element)
	}
	return found
}

// TestS19_Mail_NegativeControl shows that injections are seen: a message whose
// subject was not made one line, and whose value was not escaped.
func TestS19_Mail_NegativeControl(t *testing.T) {
	raw := "From: a@example.com\r\nSubject: Ann\r\nBcc: victim@example.com\r\n" +
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p><script>alert(1)</script></p>\r\n--b--\r\n"
	if n := injections(t, raw); n != 2 {
		t.Errorf("%d injections are seen, want 2", n)
	}
}

// TestParseURL reads URLs of mail servers.
func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		name, url, says string
		want            *Server
	}{
		{"plain", "smtp://mail.example", "", &Server{Host: "mail.example", Port: 587}},
		{"all", "smtp://user%40corp@mail.example:25?password-file=/run/pw&from=portal@example.com&ca=/etc/ca.pem", "",
			&Server{Host: "mail.example", Port: 25, User: "user@corp", PasswordFile: "/run/pw", From: "portal@example.com", AuthoritiesFile: "/etc/ca.pem"}},
		{"implicit TLS", "smtps://mail.example", "", &Server{Host: "mail.example", Port: 465, Security: ImplicitTLS}},
		{"without TLS", "smtp://localhost:1025?tls=none", "", &Server{Host: "localhost", Port: 1025, Security: ClearText}},
		{"IPv6", "smtp://[::1]:2525", "", &Server{Host: "::1", Port: 2525}},
		{"password inside", "smtp://user:hunter2@mail.example", "password-file", nil},
		{"other scheme", "http://mail.example", "scheme", nil},
		{"no host", "smtp:///x", "names no server", nil},
		{"bad port", "smtp://mail.example:99999", "port", nil},
		{"user without password", "smtp://user@mail.example", "password-file", nil},
		{"password without user", "smtp://mail.example?password-file=x", "USER", nil},
		{"password in clear", "smtp://user@mail.example?password-file=x&tls=none", "without TLS", nil},
		{"unknown option", "smtp://mail.example?x=1", `"x"`, nil},
		{"unknown TLS", "smtp://mail.example?tls=maybe", "tls=maybe", nil},
		{"bad sender", "smtp://mail.example?from=Ann%20%3Ca%40b%3E", "from=", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseURL(c.url)
			if c.want == nil {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error %v, want one about %s", err, c.says)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if *got != *c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// FuzzExpand expands templates that nobody has written.
func FuzzExpand(f *testing.F) {
	f.Add("Dear $DevFirstName #if ($X != \"\")x#else y#end", "Ann")
	f.Add("${DevFirstName}#end#if($DevFirstName)", "<b>")
	f.Fuzz(func(t *testing.T, template, value string) {
		mail, err := compose(&client.Template{Subject: template, Body: template}, map[string]string{"DevFirstName": value})
		if err != nil {
			return
		}
		if strings.ContainsFunc(mail.Subject, func(r rune) bool { return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 }) {
			t.Errorf("the subject %q has control characters", mail.Subject)
		}
	})
}

// FuzzParseURL reads URLs that nobody would write.
func FuzzParseURL(f *testing.F) {
	f.Add("smtp://user@mail.example:587?password-file=x")
	f.Add("smtps://[::1]?from=a@b")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := ParseURL(text); err == nil && (s.Host == "" || s.Port < 1 || s.Port > 65535) {
			t.Errorf("%q is read as %+v", text, s)
		}
	})
}
