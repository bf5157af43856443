package delegation

import (
	"encoding/base64"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// key is the validation key of the tests, in base64.
const key = "YSBrZXkgdGhhdCB0d28gd2Vic2l0ZXMgc2hhcmUsIDQ4IGJ5dGVzIG9mIGl0Li4uLg=="

const salt = "c2FsdA=="

// vectors are signatures that OpenSSL made:
//
//	printf 'c2FsdA==\nann' | openssl dgst -sha512 -mac HMAC -macopt hexkey:… -binary | base64 -w0
var vectors = []struct {
	name, want string
	values     []string
}{
	{"return path", "KaWESLutiCDKyEjlYqMszAcqfQiyKfjl3prRVt0eapN3J0B/phi510x1tm8fvY8EKU7Hw5HOSMx93lLaTutQTg==",
		[]string{"/apis/echo?rev=2"}},
	{"user", "r0UbfZJPPj9kni4VUQUbRUhwzzurNOLfJo51GbvYAbUy/PJtS89arBCApWkr7icsJtJuGT+uhI+Th3rRgW3LDg==",
		[]string{"ann"}},
	{"product and user", "RqbHiC7m2CIpD3M+hI3CAvSGP0DQLE7C5Sg4bSFcmkP+s3pHR8/v4rfu18+mnYP7pTG/aC6DNTKJEeRAbsIVaA==",
		[]string{"starter", "ann"}},
	{"subscription", "6o1PcjpYCvxeSnE3E+ElvL3mXXvqTInCg+tpccY1LFGx8YPNjzzdnVHjFvHqoWzdO6HQdlZxU7whbDlniMVUwA==",
		[]string{"sub-1"}},
	{"other letters", "rT+cQWP/UjR3z9pcQcjSOS5vB0R+wUJsWTgyRuRk9L5nXTBg56rsIwpldurPYPGdkkZHyv/AHPY+IxGWelIHdA==",
		[]string{"https://portal.example/ü?a=b&c=d"}},
}

func rawKey(t *testing.T) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestSignatures compares signatures to those of OpenSSL.
func TestSignatures(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if got := Sign(rawKey(t), salt, v.values...); got != v.want {
				t.Errorf("signature %s, want %s", got, v.want)
			}
			if !Verify(rawKey(t), v.want, salt, v.values...) {
				t.Error("the signature is not verified")
			}
			if Verify(rawKey(t), v.want, salt, append(v.values, "more")...) || Verify(rawKey(t), v.want, "c2FsdB==", v.values...) {
				t.Error("a signature of something else is verified")
			}
		})
	}
}

// node computes a signature as a website would that runs on Node.js.
const node = `const [key, ...lines] = process.argv.slice(1);
process.stdout.write(require("crypto").createHmac("sha512", Buffer.from(key, "base64")).update(lines.join("\n")).digest("base64"))`

// TestNodeVerifies lets Node.js compute what is in the addresses.
func TestNodeVerifies(t *testing.T) {
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not installed")
	}
	e, err := New("https://shop.example/delegation?tenant=a", key)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range addresses(e) {
		t.Run(c.name, func(t *testing.T) {
			query := c.query(t)
			args := []string{"-e", node, key, query.Get("salt")}
			for _, name := range c.signed {
				args = append(args, query.Get(name))
			}
			out, err := exec.CommandContext(t.Context(), program, args...).Output() //nolint:gosec // The program of the test.
			if err != nil {
				t.Fatal(err)
			}
			if got := query.Get("sig"); got != string(out) {
				t.Errorf("sig=%s, Node.js computes %s", got, out)
			}
		})
	}
}

type address struct {
	name      string
	operation Operation
	signed    []string
	make      func() (string, error)
}

func (a address) query(t *testing.T) url.Values {
	t.Helper()
	text, err := a.make()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func addresses(e *Endpoint) []address {
	account := func(o Operation) address {
		return address{string(o), o, []string{"userId"}, func() (string, error) { return e.Account(o, "ann") }}
	}
	subscription := func(o Operation) address {
		return address{string(o), o, []string{"subscriptionId"}, func() (string, error) { return e.Subscription(o, "sub-1") }}
	}
	arrive := func(o Operation) address {
		return address{string(o), o, []string{"returnUrl"}, func() (string, error) { return e.Arrive(o, "/apis?q=ü&p=1") }}
	}
	return []address{
		arrive(SignIn), arrive(SignUp), account(ChangePassword), account(ChangeProfile), account(CloseAccount), account(SignOut),
		{"Subscribe", Subscribe, []string{"productId", "userId"}, func() (string, error) { return e.Subscribe("starter", "ann") }},
		subscription(Unsubscribe), subscription(Renew),
	}
}

// TestAddresses looks at what stands in the addresses, and that each has a salt
// of its own.
func TestAddresses(t *testing.T) {
	e, err := New("https://shop.example/delegation?tenant=a&userId=forged&sig=forged", key)
	if err != nil {
		t.Fatal(err)
	}
	salts := map[string]bool{}
	for _, c := range addresses(e) {
		t.Run(c.name, func(t *testing.T) {
			query := c.query(t)
			if got := query["operation"]; len(got) != 1 || got[0] != string(c.operation) {
				t.Errorf("operation=%q", got)
			}
			if query.Get("tenant") != "a" {
				t.Error("the endpoint's own query is lost")
			}
			if len(query["sig"]) != 1 || len(query["salt"]) != 1 {
				t.Errorf("sig=%q salt=%q: each has to be there once", query["sig"], query["salt"])
			}
			if s := query.Get("salt"); salts[s] || s == "" {
				t.Errorf("the salt %q is not new", s)
			}
			salts[query.Get("salt")] = true
			for _, name := range c.signed {
				if len(query[name]) != 1 || query.Get(name) == "forged" {
					t.Errorf("%s=%q", name, query[name])
				}
			}
		})
	}
}

// TestRefusals gives settings and values that nothing can be signed with.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ name, url, key, says string }{
		{"no URL", "", key, "properties.url"},
		{"other scheme", "javascript:alert(1)", key, "properties.url"},
		{"user in URL", "https://a:b@shop.example/", key, "properties.url"},
		{"no key", "https://shop.example/", "", "properties.validationKey"},
		{"no base64", "https://shop.example/", "not base64!", "properties.validationKey"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := New(c.url, c.key); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one about %s", err, c.says)
			}
		})
	}
	e, err := New("https://shop.example/", key)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"", "starter\nann", "a\r"} {
		if got, err := e.Subscribe(value, "bob"); err == nil {
			t.Errorf("product %q: %s", value, got)
		}
	}
}
