package net_test

import (
	"sync"
	"testing"

	"github.com/sallyport/sallyport/internal/expr"
	"github.com/sallyport/sallyport/internal/expr/host"
)

// compiler is made once for all tests.
var compiler = sync.OnceValues(expr.NewCompiler)

// TestNet checks WebUtility and IPAddress by what C# gives.
func TestNet(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"URL encoding", `System.Net.WebUtility.UrlEncode("a b&c/é~*")`, "a+b%26c%2F%C3%A9%7E*"},
		{"URL decoding", `System.Net.WebUtility.UrlDecode("a+b%26%C3%A9%zz")`, "a b&é%zz"},
		{"HTML encoding", `System.Net.WebUtility.HtmlEncode("<a href='x'>\"é€\U0001F600&")`, "&lt;a href=&#39;x&#39;&gt;&quot;&#233;€&#128512;&amp;"},
		{"HTML decoding", `System.Net.WebUtility.HtmlDecode("&lt;&eacute;&#233;&#x20AC;&nope;&amp;lt; & x")`, "<éé€&nope;&lt; & x"},
		{"null", `System.Net.WebUtility.UrlEncode(null) == null`, "True"},
		{"addresses", `System.Net.IPAddress.Parse("10.1") + "|" + System.Net.IPAddress.Parse("::ffff:1.2.3.4") + "|" + System.Net.IPAddress.Parse("[::1]")`, "10.0.0.1|::ffff:1.2.3.4|::1"},
		{"bytes", `string.Join(".", System.Net.IPAddress.Parse("1.2.3.4").GetAddressBytes())`, "1.2.3.4"},
		{"loopback", `System.Net.IPAddress.IsLoopback(System.Net.IPAddress.Parse("127.9.9.9")) + "" + System.Net.IPAddress.Parse("10.0.0.1").Equals(System.Net.IPAddress.Parse("10.0.0.1"))`, "TrueTrue"},
		{"no address", `System.Net.IPAddress.TryParse("1.2.3.256", out var a) + "" + System.Net.IPAddress.TryParse("", out a) + System.Net.IPAddress.TryParse("1.2.3.4.5", out a)`, "FalseFalseFalse"},
	}
	c, err := compiler()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := c.Compile(expr.Source{Code: tt.code})
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := p.Text(&expr.Context{Static: &host.Static{}})
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}
